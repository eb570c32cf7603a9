import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import t, { type Test } from 'tap';
import { startCloud } from '../app.js';
import { backupNow, restoreBackup } from '../backup/command.js';
import { readConfig } from '../config/read-config.js';
import { addTestHall } from '../modules/streams/testing.js';
import { type Migration, migrate, readMigrations } from './migrate.js';
import { openDatabase } from './open-database.js';
import { makeTestFolder, silentLogger } from './testing.js';
import { withSystem } from './transactions.js';

t.setTimeout(200_000);

const logger = silentLogger;
const upTo = (number: number): Migration[] => readMigrations().filter((one) => one.number <= number);

const makeFolder = (t: Test): string => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A data folder as a version that shipped only `migrations` left it, with a unit and what was done to it. */
const leaveOldFolder = async (dataDir: string, migrations: readonly Migration[]): Promise<{ unitId: string }> => {
  const old = await openDatabase({ dataDir, logger });
  try {
    await migrate(old, { logger, migrations });
    const hall = await addTestHall(old);
    await withSystem(old, (tx) =>
      tx.$client.query(
        `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_name, action, target_kind, target_id)
         VALUES (gen_random_uuid(), $1, 'system', 'system', 'unit.created', 'unit', $2)`,
        [hall.tenantId, hall.unitId],
      ),
    );
    return hall;
  } finally {
    await old.close();
  }
};

const configOf = (dataDir: string) => {
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', 'off', '--unit-port', 'off'];
  return readConfig(['--data', dataDir, ...ports], {});
};

/** Starts this version over it, and stops it. */
const startThisVersion = async (t: Test, dataDir: string, unitId: string): Promise<void> => {
  const cloud = await startCloud({ config: configOf(dataDir), log: pino({ level: 'silent' }), progress: () => {} });
  try {
    t.equal((await fetch(`${cloud.http}/healthz`)).status, 200);
    t.same(await migrate(cloud.database, { logger }), [], 'everything is applied');
    const { rows } = await withSystem(cloud.database, (tx) =>
      tx.$client.query('SELECT u.id, a.action FROM units u JOIN audit_entries a ON a.target_id = u.id::text'),
    );
    t.match(rows, [{ id: unitId, action: 'unit.created' }], 'what was there is there');
  } finally {
    await cloud.close();
  }
};

for (const number of [30, 70]) {
  t.test(`a data folder whose newest migration is ${number} is upgraded by starting`, async (t) => {
    const dataDir = join(makeFolder(t), 'cloud');
    const { unitId } = await leaveOldFolder(dataDir, upTo(number));
    await startThisVersion(t, dataDir, unitId);
  });
}

t.test('rolled back: the older version refuses, and goes on with the backup made before', async (t) => {
  const folder = makeFolder(t);
  const [dataDir, restoredDir] = [join(folder, 'cloud'), join(folder, 'restored')] as const;
  const older = upTo(70);
  const { unitId } = await leaveOldFolder(dataDir, older);
  const config = configOf(dataDir);
  const options = {
    ...{ databaseUrl: null, settings: config.backup, secret: 'the same secret before and after', version: '0.1.0' },
    ...{ log: logger, signal: new AbortController().signal, say: () => {} },
  };
  await backupNow({ ...options, dataDir });
  await startThisVersion(t, dataDir, unitId);

  const newer = await openDatabase({ dataDir, logger });
  await t.rejects(migrate(newer, { logger, migrations: older }), { code: 'store_corrupt', hint: /newer HallHub/ });
  await newer.close();

  const name = readdirSync(config.backup.dir).find((one) => /^hallhub-.*-[0-9a-f]{8}\.hhb$/.test(one))!;
  await restoreBackup({ ...options, dataDir: restoredDir }, { file: join(config.backup.dir, name), until: null });
  const restored = await openDatabase({ dataDir: restoredDir, logger });
  t.teardown(() => restored.close());
  t.same(await migrate(restored, { logger, migrations: older }), [], 'the older version takes it as its own');
  const { rows } = await withSystem(restored, (tx) => tx.$client.query('SELECT id FROM units'));
  t.same(rows, [{ id: unitId }]);
});
