import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import pg from 'pg';
import t from 'tap';
import { adminRole, EmbeddedServer } from '../db/embedded/index.js';
import { migrate, openDatabase } from '../db/index.js';
import { addTenant, type HasTeardown, makeTestFolder, silentLogger } from '../db/testing.js';
import { loadBackupKey } from './backup-key.js';
import { type BackupSettings, openBackups } from './backups.js';
import { type BackupCommandOptions, checkBackup, restoreBackup } from './command.js';
import { findDumpPrograms } from './dump-programs.js';

t.setTimeout(300_000);

const none = new AbortController().signal;
const missing = findDumpPrograms(15) ? false : 'pg_dump is missing: apt-get install postgresql-client';

const makeFolder = (t: HasTeardown): string => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A server that stands for "your own": only its URL is known to what is tested. */
const someServer = async (t: HasTeardown) => {
  const server = await EmbeddedServer.open({ dataDir: makeFolder(t), logger: silentLogger, durable: false });
  t.teardown(() => server.close());
  const admin = async (sql: string): Promise<void> => {
    const { adminPassword: password } = server.secret;
    const client = new pg.Client({ host: server.socketDir, user: adminRole, password, database: 'postgres' });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin("CREATE ROLE hall LOGIN CREATEROLE PASSWORD 'p@ss'");
  const makeDatabase = async (name: string): Promise<string> => {
    await admin(
      `CREATE DATABASE ${name} OWNER hall TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`,
    );
    return `postgres://hall:p%40ss@localhost/${name}?host=${encodeURIComponent(server.socketDir)}`;
  };
  return { makeDatabase };
};

const settingsIn = (folder: string): BackupSettings => ({
  ...{ on: true, dir: join(folder, 'backups'), keyFile: join(folder, 'backup-key'), cron: '10 18 * * *' },
  ...{ keepDaily: 7, keepWeekly: 4, maxAgeHours: 30, scratchDir: null, programsDir: null },
});

const openThere = async (t: HasTeardown, databaseUrl: string, programsDir: string | null = null) => {
  const dataDir = makeFolder(t);
  const settings = { ...settingsIn(dataDir), programsDir };
  const database = await openDatabase({ dataDir, databaseUrl, logger: silentLogger });
  t.teardown(() => database.close());
  await migrate(database, { logger: silentLogger });
  const { key } = await loadBackupKey(settings.keyFile, { make: true });
  const backups = await openBackups({
    ...{ database, databaseUrl, dataDir, settings, key, secret: 'a secret', version: '1.0.0' },
    ...{ clock: systemClock, log: silentLogger },
  });
  return { dataDir, settings, database, backups };
};

t.test('your own PostgreSQL is dumped, the dump proved beside, and restored', { skip: missing }, async (t) => {
  const { makeDatabase } = await someServer(t);
  const { dataDir, settings, database, backups } = await openThere(t, await makeDatabase('hall'));
  const tenants = [await addTenant(database), await addTenant(database)];
  mkdirSync(join(dataDir, 'blobs', '2026'), { recursive: true });
  writeFileSync(join(dataDir, 'blobs', '2026', 'evidence.bin'), 'a picture');

  const { file, report } = await backups.run({ reason: 'command' }, none);
  t.match(report, { ok: true, faults: [] });
  t.ok(report.tables > 20 && report.indexes > 20, `${report.tables} tables, ${report.indexes} indexes were read`);
  t.match(await backups.health(), { state: 'ok', mode: 'dump', logArchivedAt: null });
  t.match((await backups.ledger.newest(1))[0], { kind: 'dump', state: 'verified', file });
  t.notOk(
    readdirSync(dataDir).some((name) => name.startsWith('restore-check')),
    'the scratch server is gone',
  );

  const url = await makeDatabase('restored');
  const newDir = makeFolder(t);
  const said: string[] = [];
  const options = (databaseUrl: string | null): BackupCommandOptions => ({
    ...{ dataDir: newDir, databaseUrl, settings, secret: 'a secret', version: '1.0.0' },
    ...{ log: silentLogger, signal: none, say: (line: string) => void said.push(line) },
  });
  const restore = (databaseUrl: string | null) => restoreBackup(options(databaseUrl), { file, until: null });
  await t.rejects(checkBackup(options(null), file), { code: 'configuration', hint: /DATABASE_URL/ });
  await checkBackup(options(url), file);
  t.match(said.pop(), /restores: \d+ tables/);
  await t.rejects(restore(null), { code: 'configuration', hint: /DATABASE_URL/ });
  await restore(url);
  t.match(said.join('\n'), /The database is restored\.[\s\S]*1 files of evidence/);
  t.ok(existsSync(join(newDir, 'blobs', '2026', 'evidence.bin')));
  const restored = await openDatabase({ dataDir: newDir, databaseUrl: url, logger: silentLogger });
  t.teardown(() => restored.close());
  t.same(await migrate(restored, { logger: silentLogger }), [], 'nothing is left to migrate');
  const { rows } = await restored.ownerPool.query('SELECT id FROM tenants');
  t.same(rows.map(({ id }) => id).sort(), tenants.map(({ tenantId }) => tenantId).sort());
  t.equal((await restored.appPool.query('SELECT * FROM tenants')).rowCount, 0, 'tenants are kept apart there too');
  await t.rejects(restore(url), { code: 'conflict', message: /not empty/ });
});

t.test('without the programs, or with older ones, the operator is told what to do', async (t) => {
  const { makeDatabase } = await someServer(t);
  const old = makeFolder(t);
  for (const name of ['pg_dump', 'pg_restore']) {
    writeFileSync(join(old, name), '#!/bin/sh\necho "pg_dump (PostgreSQL) 14.2"\n');
    chmodSync(join(old, name), 0o755);
  }
  t.equal(findDumpPrograms(15, old), undefined, 'a pg_dump older than the server refuses it');
  t.match(findDumpPrograms(14, old), { major: 14 });
  const { settings, backups } = await openThere(t, await makeDatabase('hall'), old);
  await t.rejects(backups.run({ reason: 'schedule' }, none), {
    code: 'configuration',
    message: /No pg_dump for PostgreSQL 15/,
    hint: /postgresql-client[\s\S]*HALLHUB_BACKUP=off/,
  });
  t.match(await backups.health(), { state: 'failed' });
  t.match((await backups.ledger.newest(1))[0], { state: 'failed', error: { code: 'configuration' } });
  t.same(readdirSync(settings.dir), [], 'nothing half is left');
});
