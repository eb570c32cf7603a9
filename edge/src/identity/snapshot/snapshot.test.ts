import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemClock } from '@hallhub/shared';
import type { UnitSnapshot } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { silentLogger } from '../../ports/index.js';
import { Store } from '../../store/index.js';
import { IdentityFiles } from '../identity-files.js';
import { readReport, restoreSnapshot } from './restore-snapshot.js';
import { collectFiles, missingAddresses, restoreFiles } from './snapshot-files.js';
import { snapshotHash, toldKey } from './snapshot-hash.js';
import { readTables } from './snapshot-tables.js';

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-snapshot-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
const open = (dataDir: string) => new Store({ dataDir, clock: systemClock, logger: silentLogger });
const deviceSql = `INSERT INTO device (device_id, revision, state, protocol, vendor, model, serial, device_class, adapter_id, address,
  presence, presence_reason, presence_since, claim_hash, secret_hash, created_at, updated_at)
  VALUES (?, 3, 'active', 'mqtt', 'hallhub', 'qm-200', ?, 'queue', 'mqtt', 'a', 'online', 'traffic', 5, ?, ?, 1, 2)`;

/** A unit with one device, as a snapshot has it. */
const makeSnapshot = (test: Test): UnitSnapshot => {
  const dir = folder(test);
  const store = open(dir);
  const { db } = store.hub.commit;
  db.prepare(deviceSql).run('d1', 'S1', Buffer.from([1, 2, 3]), Buffer.from([4, 255]));
  db.prepare("INSERT INTO meta VALUES ('join_policy', '{\"a\":1}'), ('other', 'x')").run();
  writeFileSync(
    path.join(dir, 'edge.yaml'),
    'version: 1\nname: 旧\nbroker: { tls: { cert: tls/c.pem, key: /etc/k.pem } }\n',
  );
  mkdirSync(path.join(dir, 'tls'));
  writeFileSync(path.join(dir, 'tls/c.pem'), 'PEM');
  const { files, left } = collectFiles(path.join(dir, 'edge.yaml'), dir);
  test.same(Object.keys(files), ['edge.yaml', 'tls/c.pem']);
  test.same(left, ['/etc/k.pem'], 'what lies elsewhere is named, not read');
  const tables = JSON.parse(JSON.stringify(readTables(db)));
  test.equal(tables.meta.length, 1);
  test.notOk('presence' in tables.device[0]);
  store.close();
  return { v: 1, madeAt: 7, software: 'test', files, tables };
};
const lay = (dataDir: string, content: string | Buffer): IdentityFiles => {
  const files = new IdentityFiles(dataDir);
  mkdirSync(files.folder, { recursive: true });
  files.noteReplacement({ wantedSince: 1, fetched: true });
  writeFileSync(files.snapshotFile, content);
  return files;
};
const devicesOf = (dataDir: string) => {
  const store = open(dataDir);
  const rows = store.hub.commit.db.prepare('SELECT * FROM device ORDER BY device_id').all();
  store.close();
  return rows as Record<string, unknown>[];
};

t.test('what one unit knew, another knows: devices with their credentials, files, policy', async (t) => {
  const snapshot = makeSnapshot(t);
  const dir = folder(t);
  const files = lay(dir, gzipSync(JSON.stringify(snapshot)));
  const configFile = path.join(dir, 'edge.yaml');
  writeFileSync(configFile, 'version: 1\nname: image\n');
  const report = restoreSnapshot({ files, configFile, keepConfig: false, now: 100 });
  t.match(report, { at: 100, madeAt: 7, devices: 1, missing: [] });
  t.same(readReport(files), report);
  t.equal(files.replacement, undefined);
  const [device] = devicesOf(dir);
  t.match(device, { device_id: 'd1', presence: 'offline', presence_since: 100, secret_hash: Buffer.from([4, 255]) });
  t.ok(Number(device?.revision) > 3, 'above what the unit before may have told');
  t.match(readFileSync(configFile, 'utf8'), '旧');
  t.match(readFileSync(`${configFile}.before-replacement`, 'utf8'), 'image');
  t.equal(readFileSync(path.join(dir, 'tls/c.pem'), 'utf8'), 'PEM');
});

t.test(
  'all or nothing: a broken snapshot leaves everything and says so; a repeated one changes nothing more',
  async (t) => {
    const snapshot = makeSnapshot(t);
    const packed = gzipSync(JSON.stringify(snapshot));
    const half = {
      ...snapshot,
      tables: { ...snapshot.tables, device: [...(snapshot.tables.device ?? []), { device_id: 'd2' }] },
    };
    for (const content of [
      packed.subarray(0, 40),
      'x',
      '{}',
      JSON.stringify({ ...snapshot, v: 2 }),
      JSON.stringify(half),
    ]) {
      const dir = folder(t);
      const files = lay(dir, content);
      const configFile = path.join(dir, 'edge.yaml');
      t.match(restoreSnapshot({ files, configFile, keepConfig: false, now: 1 }), { devices: 0, failure: String });
      t.notOk(existsSync(configFile));
      t.same(devicesOf(dir), []);
    }
    const dir = folder(t);
    for (const now of [1, 2])
      restoreSnapshot({ files: lay(dir, packed), configFile: path.join(dir, 'e.yaml'), keepConfig: false, now });
    t.equal(devicesOf(dir).length, 1);
  },
);

t.test('a box that gets its own snapshot back keeps what it has', async (t) => {
  const snapshot = makeSnapshot(t);
  const dir = folder(t);
  const store = open(dir);
  const { db } = store.hub.commit;
  db.prepare(deviceSql).run('newer', 'S2', null, null);
  db.prepare('INSERT INTO meta VALUES (?, ?)').run(toldKey, JSON.stringify({ hash: snapshotHash(snapshot), at: 1 }));
  store.close();
  restoreSnapshot({
    files: lay(dir, JSON.stringify(snapshot)),
    configFile: path.join(dir, 'edge.yaml'),
    keepConfig: false,
    now: 1,
  });
  t.match(devicesOf(dir), [{ device_id: 'newer' }]);
});

t.test('files stay below the folder of edge.yaml; addresses that are missing are named', async (t) => {
  const dir = path.join(folder(t), 'data');
  mkdirSync(dir);
  const configFile = path.join(dir, 'edge.yaml');
  const to = { configFile, dataDir: dir };
  const yaml =
    'version: 1\nserial: { id: a, path: /dev/hallhub-none }\nmodbus: [ { id: b, url: tcp://x }, { id: c, url: /dev/hallhub-bus } ]\ntls: { ca: a/b/c.pem, key: ../evil, cert: /tmp/hallhub-evil }\n';
  restoreFiles(
    { 'edge.yaml': yaml, '../evil': 'x', '/tmp/hallhub-evil': 'x', 'a/b/c.pem': 'y' },
    { ...to, keepConfig: false },
  );
  t.notOk(existsSync(path.join(dir, '../evil')) || existsSync('/tmp/hallhub-evil'));
  t.equal(readFileSync(path.join(dir, 'a/b/c.pem'), 'utf8'), 'y');
  t.same(missingAddresses(configFile), ['/dev/hallhub-none', '/dev/hallhub-bus']);
  restoreFiles({ 'edge.yaml': 'other' }, { ...to, keepConfig: true });
  t.equal(readFileSync(configFile, 'utf8'), yaml, 'kept where it was brought along');
});

t.test(
  'a snapshot of a unit that fell into wrong hands plants nothing: neither whom to trust nor a store',
  async (t) => {
    const snapshot = makeSnapshot(t);
    const dir = folder(t);
    const planted = [
      'unit.json',
      'identity/trust.json',
      'identity/key.pem',
      'hub.db',
      'hub.db-wal',
      'logs/x',
      'tls/../unit.json',
    ];
    const yaml = `version: 1\nbroker: { tls: { cert: tls/c.pem, key: identity/key.pem, ca: unit.json } }\n`;
    const evil = Object.fromEntries([...planted, 'unnamed.pem', 'tls\0x'].map((name) => [name, 'EVIL']));
    const files = lay(dir, JSON.stringify({ ...snapshot, files: { ...evil, ...snapshot.files, 'edge.yaml': yaml } }));
    const configFile = path.join(dir, 'edge.yaml');
    const outside = folder(t);
    symlinkSync(outside, path.join(dir, 'tls'));
    const report = restoreSnapshot({ files, configFile, keepConfig: false, now: 100 });
    t.equal(report.failure, undefined);
    t.equal(report.devices, 1);
    for (const name of planted)
      t.notSame(existsSync(path.join(dir, name)) && readFileSync(path.join(dir, name), 'utf8'), 'EVIL', name);
    t.notOk(existsSync(path.join(dir, 'unnamed.pem')), 'nobody asks for it');
    t.notOk(existsSync(path.join(outside, 'c.pem')), 'a link leads nowhere else');
  },
);

t.test('the key of the unit never goes up, and links are no way around', { timeout: 60_000 }, async (t) => {
  const dir = folder(t);
  const outside = folder(t);
  writeFileSync(path.join(outside, 'secret'), 'SECRET');
  mkdirSync(path.join(dir, 'identity'));
  mkdirSync(path.join(dir, 'mine'));
  writeFileSync(path.join(dir, 'identity/key.pem'), 'SECRET');
  writeFileSync(path.join(dir, 'unit.json'), 'SECRET');
  for (const name of ['a', 'b', 'c']) symlinkSync('.', path.join(dir, 'mine', name));
  symlinkSync(path.join(outside, 'secret'), path.join(dir, 'mine/profile.json'));
  writeFileSync(path.join(dir, 'mine/own.json'), '{}');
  const configFile = path.join(dir, 'edge.yaml');
  writeFileSync(configFile, 'version: 1\nprofiles: mine\nx: { key: identity/key.pem, cert: unit.json, ca: ./ }\n');
  const { files } = collectFiles(configFile, dir);
  t.notMatch(JSON.stringify(files), /SECRET/);
  t.ok(files['mine/own.json']);
});
