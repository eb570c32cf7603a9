import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { type AdapterFactory, defineAdapter } from '../ports/index.js';
import { loadConfig, loadCredential } from './load-config.js';
import { findProfileFolder } from './profile-files.js';
import { ProfileLibrary } from './profile-library.js';

const bus: AdapterFactory = defineAdapter({
  protocol: 'modbus',
  section: 'modbus',
  configSchema: z.strictObject({ id: z.string(), url: z.string() }),
  idOf: ({ id }) => id,
  create: () => {
    throw new Error('not here');
  },
});

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-config-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
const write = (test: Test, text: string): string => {
  const file = path.join(folder(test), 'edge.yaml');
  writeFileSync(file, text);
  return file;
};

t.test('no file: the defaults hold', async (t) => {
  const { config, isDefault } = loadConfig(path.join(folder(t), 'edge.yaml'), [bus]);
  t.ok(isDefault);
  t.match(config, { broker: { port: 1883 }, join: { policy: 'approve' } });
});

t.test('a whole file, with a byte order mark and Windows line ends', async (t) => {
  const { config, adapters } = loadConfig(
    write(
      t,
      '\uFEFFversion: 1\r\nname: 演示营业厅\r\njoin: { policy: window, until: 2026-12-01T00:00:00Z }\r\nmodbus: [ { id: meters, url: tcp://x } ]\r\n',
    ),
    [bus],
  );
  t.equal(config.name, '演示营业厅');
  t.same(config.join, { policy: 'window', until: '2026-12-01T00:00:00Z' });
  t.match(adapters, [{ id: 'meters', config: { url: 'tcp://x' }, errors: [] }]);
});

t.test('errors name file, line and column', async (t) => {
  const cases: [string, RegExp][] = [
    ['version: 1\nbroker:\n  port: 99999\n', /edge\.yaml:3:3: broker\.port: /],
    ['version: 1\nbrokr: {}\n', /edge\.yaml:2:1: .*brokr/],
    ['version: 2\n', /edge\.yaml:1:1: version/],
    ['version: 1\njoin: { policy: window }\n', /edge\.yaml:2:1: join: .*until/],
    ['version: 1\n  name: x\n', /edge\.yaml:1:\d+: not valid YAML/],
    ['', /edge\.yaml:1:1: the file is empty/],
    ['- 1\n', /edge\.yaml:1:1/],
    ['version: 1\nbroker:\n  accounts:\n    - { userName: a }\n', /edge\.yaml:4:7: broker\.accounts\.0\.password/],
  ];
  for (const [text, message] of cases)
    t.throws(() => loadConfig(write(t, text), [bus]), { code: 'configuration', message, hint: /edge\.yaml/ }, text);
});

t.test('a broken adapter stops only itself', async (t) => {
  const { adapters } = loadConfig(
    write(t, 'version: 1\nmodbus:\n  - { id: good, url: a }\n  - { id: bad, ulr: b }\n  - { id: good, url: c }\n'),
    [bus],
  );
  t.same(
    adapters.map(({ id, errors }) => [id, errors.length > 0]),
    [
      ['good', false],
      ['bad', true],
      ['good', true],
    ],
  );
  t.match(adapters[1]?.errors.join('\n'), /edge\.yaml:4:16: modbus\.1: Unrecognized key: "ulr"/);
  t.match(adapters[2]?.errors, [/used by another/]);
});

t.test('unit.json: absent, half written, wrong, right', async (t) => {
  const file = path.join(folder(t), 'unit.json');
  t.equal(loadCredential(file), undefined);
  writeFileSync(file, '{"unitId":"01a2');
  t.throws(() => loadCredential(file), { code: 'configuration', message: /not complete JSON/, hint: /Enrol/ });
  writeFileSync(file, '{"unitId":"x","secret":THE-SECRET-ITSELF-IS-NOT-TOLD}');
  t.throws(() => loadCredential(file), { message: /is not complete JSON[^S]*$/ });
  writeFileSync(file, '{"unitId":"x","secret":"short","cloud":{"mqtt":"http://a"}}');
  t.throws(() => loadCredential(file), { code: 'configuration', message: /unitId.*\n.*secret.*\n.*cloud\.mqtt/ });
  const right = {
    unitId: '01900000-0000-7000-8000-00000000000a',
    secret: 's'.repeat(72),
    cloud: { mqtt: 'mqtts://cloud.example:8883' },
  };
  writeFileSync(file, JSON.stringify(right));
  t.same(loadCredential(file), right);
});

t.test('the repository’s profiles load; a broken one is left out and named', async (t) => {
  const found = findProfileFolder(undefined, '/nowhere/edge.yaml');
  t.match(found, /firmware-profiles$/);
  const library = new ProfileLibrary(found);
  t.same(library.issues, []);
  t.match(library.get('hallhub/qm-200'), { id: 'hallhub/qm-200', hash: /^[0-9a-f]{64}$/ });
  const dir = folder(t);
  mkdirSync(path.join(dir, 'acme'));
  writeFileSync(path.join(dir, 'acme', 'x.yaml'), 'schema: 1\nvendor: acme\n');
  writeFileSync(path.join(dir, 'acme', 'y.yaml'), 'a: [');
  const broken = new ProfileLibrary(dir);
  t.same(broken.list(), []);
  t.ok(broken.issues.some((issue) => issue.startsWith('acme/x.yaml:1:1')));
  t.ok(broken.issues.some((issue) => issue.startsWith('acme/y.yaml:')));
  t.match(new ProfileLibrary(path.join(dir, 'none')).issues, [/none/]);
  chmodSync(dir, 0o700);
});
