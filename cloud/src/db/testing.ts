import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import pg from 'pg';
import tap from 'tap';
import { adminRole, EmbeddedServer } from './embedded/index.js';
import { stopOrphan } from './embedded/running-server.js';
import { silentLogger } from './logger.js';
import { migrate } from './migrate.js';
import type { Database } from './open-database.js';
import { appRole, databaseName, ownerRole, prepareEmbedded } from './prepare-roles.js';
import { copyTemplate } from './testing-template.js';

const prefix = 'hallhub-test-';

export { silentLogger };

interface SharedServer {
  readonly server: EmbeddedServer;
  readonly dataDir: string;
}

let shared: Promise<SharedServer> | undefined;
let cloning: Promise<unknown> = Promise.resolve();

const memoryFolder = '/dev/shm';
const enoughBytes = 2_000_000_000;

/** Databases of tests are thrown away: in memory, where there is plenty, making and dropping them takes a third. */
const fastFolder = (): string => {
  try {
    accessSync(memoryFolder, constants.W_OK);
    const { bavail, bsize } = statfsSync(memoryFolder);
    if (Math.min(bavail * bsize, process.availableMemory()) > enoughBytes) return memoryFolder;
  } catch {
    // Not on this system.
  }
  return tmpdir();
};

/** What killed test runs left: their servers and folders. The folder's name carries the pid that made it. */
const sweep = async (): Promise<void> => {
  for (const parent of [memoryFolder, tmpdir()]) {
    for (const name of existsSync(parent) ? readdirSync(parent) : []) {
      const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
      if (!pid || isAlive(Number(pid))) continue;
      const folder = join(parent, name);
      try {
        await stopOrphan(join(folder, 'postgres'), { clock: systemClock, logger: silentLogger, fastMs: 500 });
        rmSync(folder, { recursive: true, force: true });
      } catch {
        // Another test process is sweeping the same folder.
      }
    }
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A new folder the embedded server can use, whoever runs the tests; swept once the process that it is for has gone. */
export const makeTestFolder = (parent = tmpdir(), pid = process.pid): string => {
  const folder = mkdtempSync(join(parent, `${prefix}${pid}-`));
  chmodSync(folder, 0o711);
  return folder;
};

const openServer = (dataDir: string): Promise<EmbeddedServer> =>
  EmbeddedServer.open({ dataDir, logger: silentLogger, durable: false, settings: { shared_buffers: '32MB' } });

/** With the product's database in it: migrated, and empty. */
const makeMigrated = async (dataDir: string): Promise<EmbeddedServer> => {
  const server = await openServer(dataDir);
  await admin(server, (client) => prepareEmbedded(client, server.secret));
  const template = poolsOf(server, databaseName, 2);
  try {
    await migrate(template, { logger: silentLogger });
  } finally {
    await Promise.all([template.ownerPool.end(), template.appPool.end()]);
  }
  return server;
};

/** The folder that a whole test run copies (`copyTemplate`), for as long as the process of that number lives. */
export const makeTemplate = async (pid: number): Promise<string> => {
  const dataDir = makeTestFolder(fastFolder(), pid);
  const server = await makeMigrated(dataDir);
  await server.close();
  return dataDir;
};

const start = async (): Promise<SharedServer> => {
  await sweep();
  const dataDir = makeTestFolder(fastFolder());
  const isCopied = await copyTemplate(dataDir);
  return { server: await (isCopied ? openServer(dataDir) : makeMigrated(dataDir)), dataDir };
};

const admin = async <T>(server: EmbeddedServer, fn: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    host: server.socketDir,
    user: adminRole,
    password: server.secret.adminPassword,
    database: 'postgres',
  });
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
};

const poolsOf = (server: EmbeddedServer, database: string, max: number): Pick<Database, 'ownerPool' | 'appPool'> => {
  const pool = (user: string, password: string): pg.Pool => {
    const made = new pg.Pool({ host: server.socketDir, database, user, password, max, pipeline: true });
    made.on('error', () => undefined);
    return made;
  };
  return { ownerPool: pool(ownerRole, server.secret.ownerPassword), appPool: pool(appRole, server.secret.appPassword) };
};

/** What startTestDatabase needs of a tap test. */
export interface HasTeardown {
  teardown(fn: () => unknown): unknown;
}

const stopShared = async (): Promise<void> => {
  const ending = shared;
  shared = undefined;
  if (!ending) return;
  const { server, dataDir } = await ending;
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
};

/** The server starts with the first use and lives as long as the test file. */
const startShared = (): Promise<SharedServer> => {
  tap.teardown(stopShared);
  return start();
};

/** A migrated, empty database of one's own on this process's private server; dropped when `t` ends. */
export const startTestDatabase = async (t: HasTeardown): Promise<Database> => {
  shared ??= startShared();
  const { server } = await shared;
  const name = `test_${randomBytes(5).toString('hex')}`;
  // One at a time: CREATE DATABASE refuses a template that somebody else is copying.
  const clone = cloning.then(() =>
    admin(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${databaseName} OWNER ${ownerRole}`)),
  );
  cloning = clone.catch(() => undefined);
  await clone;
  const pools = poolsOf(server, name, 8);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await Promise.all([pools.ownerPool.end(), pools.appPool.end()]);
      await admin(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    })();
    return closing;
  };
  t.teardown(close);
  return {
    ...pools,
    connection: {
      kind: 'embedded',
      host: server.socketDir,
      port: 5432,
      database: name,
      serverVersion: String(server.binaries.major),
      dataFolder: server.location.pgData,
    },
    health: () => server.health,
    close,
  };
};

/** A tenant to hang test rows on. */
export const addTenant = async (
  database: Pick<Database, 'ownerPool'>,
  tenantId = uuidv7(),
): Promise<{ tenantId: string }> => {
  await database.ownerPool.query('INSERT INTO tenants (id, code, name) VALUES ($1, $2, $2)', [
    tenantId,
    `tenant-${tenantId}`,
  ]);
  return { tenantId };
};
