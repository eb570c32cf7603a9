import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  adminRole,
  findNativeBinaries,
  findRunningServer,
  locateData,
  readSecret,
  serverAccount,
} from './embedded/index.js';
import { clusterMajor } from './embedded/initialise-cluster.js';
import type { DbLogger } from './logger.js';
import type { Database } from './open-database.js';
import { databaseName, ownerRole } from './prepare-roles.js';

/** The private server that a running cloud holds on this folder; undefined where none runs. Its tables are neither made nor changed. */
export const attachDatabase = async (options: {
  readonly dataDir: string;
  readonly logger: DbLogger;
}): Promise<Database | undefined> => {
  const { dataDir, logger } = options;
  const account = serverAccount();
  const location = locateData(dataDir, account, logger);
  const major = clusterMajor(location.pgData);
  const secret = readSecret(location);
  const running = major === undefined ? undefined : findRunningServer(location.pgData);
  // One whose HallHub died is not attached to but stopped, and started anew.
  if (!running || !secret || running.parentPid !== running.ownerPid) return undefined;
  const host = readFileSync(join(location.pgData, 'postmaster.pid'), 'utf8').split('\n')[4]?.trim();
  if (!host) return undefined;
  const binaries = findNativeBinaries({ account, copyFolders: location.copyFolders, major, logger });
  const login = { host, port: 5432, database: databaseName };
  const pool = new pg.Pool({ ...login, user: ownerRole, password: secret.ownerPassword, max: 3, pipeline: true });
  pool.on('error', (error) => logger.warn({ err: error }, 'a database connection was lost'));
  return {
    ownerPool: pool,
    appPool: pool,
    connection: { kind: 'embedded', ...login, serverVersion: String(major), dataFolder: location.pgData },
    embedded: { admin: { ...login, user: adminRole, password: secret.adminPassword }, location, binaries, account },
    health: () => ({ state: 'up', restarts: 0 }),
    close: () => pool.end(),
  };
};
