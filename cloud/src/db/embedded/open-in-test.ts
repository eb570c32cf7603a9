import { rmSync } from 'node:fs';
import { type Database, type OpenDatabaseOptions, openDatabase } from '../open-database.js';
import { type HasTeardown, makeTestFolder, silentLogger } from '../testing.js';

/** Shared by the tests of the embedded server: folders and databases that go with their test. */
export const newFolder = (t: HasTeardown): string => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const open = async (
  t: HasTeardown,
  dataDir: string,
  options: Partial<OpenDatabaseOptions> = {},
): Promise<Database> => {
  // Nothing here cuts the power, so nothing needs to reach the disk.
  const database = await openDatabase({ dataDir, logger: silentLogger, durable: false, ...options });
  t.teardown(() => database.close());
  return database;
};

export const ask = async (database: Database, sql: string): Promise<unknown> =>
  Object.values((await database.ownerPool.query(sql)).rows[0])[0];
