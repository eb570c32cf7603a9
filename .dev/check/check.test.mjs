import path from 'node:path';
import t from 'tap';
import { root as repository } from '../lib/root.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { auditDependencies, checkLicences, mayBeLinked } from './dependencies.mjs';
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
  const key = `${['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')}\\n${'MIIEowIBAAKCAQEA'.repeat(2)}`;
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

t.test('scan: passwords in configurations, keys of ours and of clouds', async (t) => {
  const ours = ['hk', 'abcd1234', 'x'.repeat(32)].join('_');
  const root = t.testdir({
    'a.yaml': `password: hunter2hunter2\ndb_password: $\{DB_PASSWORD}\napiKey: "change-me"\nsecret:\ntoken: abcdef123456\n`,
    '.env': `API_KEY=${'abc'}def123456\nPORT=8080\n`,
    'a.ts': `password: hunter2hunter2\nconst k = '${ours}'\nconst l = '${'LTAI'}5tAbCdEfGhIjKlMnOpQr'\n`,
  });
  t.same(scanFiles(root, ['a.yaml', '.env', 'a.ts']), [
    'a.yaml:1: a password in a configuration',
    'a.yaml:5: a password in a configuration',
    '.env:1: a password in a configuration',
    'a.ts:2: an API key of ours',
    'a.ts:3: a cloud key',
  ]);
});

t.test('dependencies: weaknesses that are known, a registry that does not say, licences that bind', async (t) => {
  const answering = (output, code = 0) => ({ root: '.', run: async () => ({ code, output, lines: [] }) });
  const advisories = {
    1: { module_name: 'a', vulnerable_versions: '<2', severity: 'high', title: 'hole' },
    2: { module_name: 'b', vulnerable_versions: '*', severity: 'low', title: 'crack' },
  };
  const found = await auditDependencies(answering(`warn\n${JSON.stringify({ advisories, metadata: {} })}`, 1));
  t.match(found, { lines: ['a <2: high: hole'], note: /b \*: low/ });
  for (const answer of [JSON.stringify({ error: { code: 'ERR_PNPM_AUDIT_BAD_RESPONSE' } }), '', 'npm error network'])
    t.match(
      await auditDependencies(answering(answer, 1)),
      { lines: [], note: /^NOT CHECKED/ },
      'it never says that all is well',
    );
  const licences = {
    MIT: [{ name: 'a' }],
    'AGPL-3.0': [{ name: 'b', versions: ['1'] }],
    'LGPL-3.0-or-later': [{ name: 'c' }],
  };
  t.same((await checkLicences(answering(JSON.stringify(licences)))).lines, ['b 1: AGPL-3.0', 'c : LGPL-3.0-or-later']);
  t.equal((await checkLicences(answering('', 1))).lines.length, 1, 'a list that cannot be had is no list');
  for (const good of ['MIT', '(MIT OR GPL-2.0)', 'Apache-2.0 AND BSD-3-Clause']) t.ok(mayBeLinked(good), good);
  for (const bad of ['GPL-3.0', 'MIT AND GPL-2.0', 'Unknown', 'SSPL-1.0', undefined])
    t.notOk(mayBeLinked(bad), String(bad));
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
