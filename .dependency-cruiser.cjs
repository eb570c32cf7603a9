const TEST = '\\.(test|spec)\\.tsx?$';

/** The house's rules of who may import whom (docs/decisions holds the reasons). */
module.exports = {
  forbidden: [
    {
      name: 'edge-and-cloud-share-only-shared',
      comment:
        'A unit in the field stays old for years: the wire contract in shared/ is all that the two have in common.',
      severity: 'error',
      from: { path: '^(edge|cloud)/src/' },
      to: { path: '^(edge|cloud|simulators)/', pathNot: ['^$1/'] },
    },
    {
      name: 'shared-stands-alone',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(edge|cloud|simulators)/' },
    },
    {
      name: 'shared-runs-anywhere',
      comment: 'No node:* in shared/: the browser uses it too.',
      severity: 'error',
      from: { path: '^shared/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'adapters-do-not-know-each-other',
      comment: 'The byte seam in adapters/links/ is what they stand on; it is no adapter.',
      severity: 'error',
      from: { path: '^edge/src/adapters/([^/]+)/' },
      to: { path: '^edge/src/adapters/[^/]+/', pathNot: '^edge/src/adapters/($1|links)/' },
    },
    {
      name: 'only-the-agent-knows-the-adapters',
      comment: 'edge/src/agent.ts is the composition root; everything else sees the adapter port.',
      severity: 'error',
      from: { path: '^edge/src/', pathNot: ['^edge/src/agent\\.ts$', '^edge/src/adapters/', TEST] },
      to: { path: '^edge/src/adapters/[^/]+/' },
    },
    {
      name: 'the-agent-is-the-root',
      severity: 'error',
      from: { path: '^edge/src/', pathNot: ['^edge/src/main\\.ts$', TEST] },
      to: { path: '^edge/src/(agent|main)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'routes-go-through-verbs',
      comment: 'Routes are thin: they never touch tables or the database.',
      severity: 'error',
      from: { path: '^cloud/src/modules/[^/]+/routes', pathNot: TEST },
      to: { path: '^cloud/src/(modules/[^/]+/tables\\.ts$|db/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'verbs-know-no-transport',
      severity: 'error',
      from: { path: '^cloud/src/modules/[^/]+/(verbs/|tables\\.ts$)', pathNot: TEST },
      to: { path: '^cloud/src/(modules/[^/]+/routes|http/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tables-know-only-tables',
      severity: 'error',
      from: { path: '^cloud/src/modules/[^/]+/tables\\.ts$' },
      to: { path: '^cloud/src/', pathNot: ['/tables\\.ts$', '^cloud/src/db/'] },
    },
    {
      name: 'domains-meet-in-verbs',
      comment:
        "Another domain's work goes through its verbs; its tables may be joined, its routes and insides are its own.",
      severity: 'error',
      from: { path: '^cloud/src/modules/([^/]+)/', pathNot: [TEST, '/testing\\.ts$'] },
      to: { path: '^cloud/src/modules/[^/]+/routes', pathNot: '^cloud/src/modules/$1/' },
    },
    {
      name: 'console-uses-its-api',
      comment: 'The console knows the cloud by types alone, and only in its api folder.',
      severity: 'error',
      from: { path: '^cloud/console/src/', pathNot: ['^cloud/console/src/api/', TEST] },
      to: { path: '^(cloud/src|edge|simulators)/' },
    },
    {
      name: 'console-ships-no-server-code',
      severity: 'error',
      from: { path: '^cloud/console/src/', pathNot: TEST },
      to: { path: '^(cloud/src|edge|simulators)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'simulators-are-outsiders',
      comment: 'A simulator that shares the code under test proves nothing; the end-to-end tests start both sides.',
      severity: 'error',
      from: { path: '^simulators/src/', pathNot: ['^simulators/src/(e2e|bench)/'] },
      to: { path: '^(edge|cloud)/' },
    },
    {
      name: 'no-tests-in-production-code',
      severity: 'error',
      from: { pathNot: [TEST, '/(e2e|bench)/'] },
      to: { path: TEST },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^node:', '^virtual:'] },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { pathNot: [TEST, '/(e2e|bench)/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['(^|/)dist/', '(^|/)data/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['hallhub-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
