import path from 'node:path';
import t from 'tap';
import { root as repository } from '../lib/root.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { anchors, checkLinks, links } from './links.mjs';
import { runChecks } from './run-checks.mjs';
import { scanFiles } from './scan.mjs';

t.test('links: missing files, missing headings and ways out are found; code is left alone', async (t) => {
  const root = t.testdir({
    'README.md':
      '# 厅枢 Hub\n\n[ok](docs/a.md#how-to) [gone](docs/b.md) [no](docs/a.md#nope) ![p](x.png)\n`[c](none)`\n```\n[d](none)\n```\n[out](../../etc) [web](https://example.com) [self](#厅枢-hub)\n',
    docs: { 'a.md': '## How to\n## How to\n' },
  });
  t.same(checkLinks(root, ['README.md', 'docs/a.md']), [
    'README.md:3: docs/b.md does not exist',
    'README.md:3: docs/a.md#nope names a heading that is not there',
    'README.md:3: x.png does not exist',
    'README.md:8: ../../etc leads out of the repository',
  ]);
  t.same([...anchors('## How to\n## How to\n### `npm start`: it\n')], ['how-to', 'how-to-1', 'npm-start-it']);
  t.same(links('<img src="a.png" alt="">\n[x]: b.md'), [
    { target: 'a.png', line: 1 },
    { target: 'b.md', line: 2 },
  ]);
});

t.test('scan: secrets, registries and paths of one machine', async (t) => {
  const key = ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ');
  const registry = ['https://registry', 'npmjs', 'org/x'].join('.');
  const place = ['', 'root', 'hub', 'x'].join('/');
  const root = t.testdir({
    'a.ts': `const a = '${key}';\nconst b = '${registry}';\nconst c = '${place}';\nconst d = '/home/hallhub/x';\n`,
    'b.md': `postgres://hub:${'s3cret'}99@db/hub\npostgres://user:password@db/hub\n${key} scan: allow\n`,
    cloud: { console: { src: { 'p.tsx': 'fetch("/x")\nquery.refetch()\n', api: { 'q.ts': 'fetch("/x")' } } } },
  });
  t.same(scanFiles(root, ['a.ts', 'b.md', 'cloud/console/src/p.tsx', 'cloud/console/src/api/q.ts']), [
    'a.ts:1: a private key',
    'a.ts:2: a package registry by name',
    'a.ts:3: a path of one machine',
    'b.md:1: an address with a password',
    "cloud/console/src/p.tsx:1: network outside the console's api folder",
  ]);
});

t.test('checks run side by side; one that fails or throws decides the exit code', async (t) => {
  let text = '';
  const stdout = { write: (part) => (text += part) };
  const checks = [
    { name: 'good', run: async () => [] },
    { name: 'bad', run: async () => ['a.ts:1: wrong'] },
    { name: 'broken', run: async () => Promise.reject(new Error('boom')) },
  ];
  t.equal(await runChecks({ root: '.', checks, stdout }), 1);
  t.match(text, /ok {4}good/);
  t.match(text, /FAIL {2}bad[\s\S]*a\.ts:1: wrong/);
  t.match(text, /boom/);
  t.match(text, /1 checks passed, 2 failed\n$/);
  t.equal(await runChecks({ root: '.', checks, names: ['good'], stdout }), 0);
});

t.test('the dependency rules hold the house’s borders', async (t) => {
  const empty = { 'index.ts': 'export const x = 1;\n' };
  const root = t.testdir({
    'package.json': '{"name":"x","type":"module"}',
    'tsconfig.json': '{"compilerOptions":{"module":"NodeNext","moduleResolution":"NodeNext"}}',
    '.dependency-cruiser.cjs': t.fixture('symlink', path.join(repository, '.dependency-cruiser.cjs')),
    shared: { src: { 'a.ts': "import fs from 'node:fs';\nexport const a = fs;\n" } },
    edge: {
      src: {
        'agent.ts': "import { x } from './adapters/mqtt/index.js';\nexport const agent = x;\n",
        'reach.ts': "import { x } from '../../cloud/src/app.js';\nexport const y = x;\n",
        devices: { 'd.ts': "import { x } from '../adapters/mqtt/index.js';\nexport const d = x;\n" },
        adapters: {
          mqtt: empty,
          serial: { 'index.ts': "import { x } from '../mqtt/index.js';\nexport const s = x;\n" },
        },
      },
    },
    cloud: {
      src: {
        'app.ts': 'export const x = 1;\n',
        modules: {
          fleet: {
            'tables.ts': 'export const t = 1;\n',
            'routes.ts': "import { t } from './tables.js';\nexport const r = t;\n",
          },
        },
      },
      console: { src: { 'page.ts': "import { x } from '../../src/app.js';\nexport const p = x;\n" } },
    },
    simulators: { src: { 'peer.ts': "import { agent } from '../../edge/src/agent.js';\nexport const p = agent;\n" } },
  });
  const binary = path.join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const folders = ['shared/src', 'edge/src', 'cloud/src', 'cloud/console/src', 'simulators/src'];
  const args = [binary, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const { output } = await runCommand(process.execPath, args, { cwd: root });
  const broken = JSON.parse(output).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
  for (const expected of [
    'shared-runs-anywhere shared/src/a.ts',
    'edge-and-cloud-share-only-shared edge/src/reach.ts',
    'adapters-do-not-know-each-other edge/src/adapters/serial/index.ts',
    'only-the-agent-knows-the-adapters edge/src/devices/d.ts',
    'routes-go-through-verbs cloud/src/modules/fleet/routes.ts',
    'console-uses-its-api cloud/console/src/page.ts',
    'simulators-are-outsiders simulators/src/peer.ts',
  ]) {
    t.ok(broken.includes(expected), expected);
  }
  t.notOk(
    broken.some((item) => item.endsWith('edge/src/agent.ts')),
    'the agent may',
  );
});
