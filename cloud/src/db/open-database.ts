import { type Clock, HubError, systemClock, toHubError } from '@hallhub/shared';
import pg, { type Pool, type PoolConfig } from 'pg';
import {
  adminRole,
  type DataLocation,
  EmbeddedServer,
  type NativeBinaries,
  type ServerAccount,
  type ServerHealth,
} from './embedded/index.js';
import type { DbLogger } from './logger.js';
import { appRole, databaseName, ownerRole, prepareEmbedded, prepareExternal } from './prepare-roles.js';

export interface OpenDatabaseOptions {
  /** HallHub's data folder; used only without `databaseUrl`. */
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly logger: DbLogger;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Connections for requests and ingest. */
  readonly appConnections?: number;
  /** Connections for migrations and jobs. */
  readonly ownerConnections?: number;
  /** Settings of the embedded server, for tests and benches. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False only for throw-away embedded data. */
  readonly durable?: boolean;
}

export interface ConnectionInfo {
  readonly kind: 'embedded' | 'external';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly serverVersion: string;
  /** The folder of the embedded server's files. */
  readonly dataFolder?: string;
}

/** What a backup of the private server needs: its superuser, its files, and the programs that can open a copy of them. */
export interface EmbeddedAccess {
  readonly admin: pg.ClientConfig;
  readonly location: DataLocation;
  readonly binaries: NativeBinaries;
  readonly account: ServerAccount;
}

export interface Database {
  /** Tables' owner: migrations and jobs. Row-level security does not bind it. */
  readonly ownerPool: Pool;
  /** The application role: sees a tenant's rows only inside `withTenant`. */
  readonly appPool: Pool;
  readonly connection: ConnectionInfo;
  /** Left out with your own server. */
  readonly embedded?: EmbeddedAccess;
  health(): ServerHealth;
  close(): Promise<void>;
}

/** A transaction that is stuck behind another, or that nobody ends, must not hold a connection for ever. */
const patience = `SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '120s'`;

/** Awaited before the connection is lent: one that could not take its role is never used. */
const onConnect = (sql: string) => ({ onConnect: (client: pg.ClientBase) => client.query(sql).then(() => undefined) });

/** Pools that are being drained: a connection that ends now was meant to. */
const draining = new WeakSet<Pool>();

const makePool = (config: PoolConfig, logger: DbLogger): Pool => {
  const pool = new pg.Pool({
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'hallhub',
    keepAlive: true,
    // What is asked without waiting is sent at once, and answered in its order: a transaction has fewer turns to wait for.
    pipeline: true,
    ...config,
  });
  // An idle connection lost (server restart) is replaced by the pool; the borrower of a busy one gets the error itself.
  pool.on('error', (error) => {
    if (!draining.has(pool)) logger.warn({ err: error }, 'a database connection was lost');
  });
  return pool;
};

const withClient = async <T>(config: pg.ClientConfig, fn: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionTimeoutMillis: 10_000, application_name: 'hallhub-setup', ...config });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await fn(client);
  } finally {
    await client.end();
  }
};

const serverVersion = async (pool: Pool): Promise<string> =>
  (await pool.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version ?? 'unknown';

/** `pool.end` resolves when it has asked its connections to end; the server may go only once they have. */
const drainOne = async (pool: Pool): Promise<void> => {
  draining.add(pool);
  let left = pool.totalCount;
  const gone = new Promise<void>((resolve) => {
    if (left === 0) resolve();
    pool.on('remove', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  await pool.end();
  await gone;
};

const drain = (pools: readonly Pool[]): Promise<unknown> => Promise.all(pools.map(drainOne));

const openEmbedded = async (options: OpenDatabaseOptions): Promise<Database> => {
  const { dataDir, logger, signal, clock = systemClock } = options;
  const server = await EmbeddedServer.open({
    dataDir,
    logger,
    clock,
    signal,
    ...(options.settings ? { settings: options.settings } : undefined),
    ...(options.durable === undefined ? undefined : { durable: options.durable }),
  });
  try {
    const at = { host: server.socketDir, port: 5432 };
    const { adminPassword, ownerPassword, appPassword } = server.secret;
    await withClient({ ...at, user: adminRole, password: adminPassword, database: 'postgres' }, (client) =>
      prepareEmbedded(client, { ownerPassword, appPassword }),
    );
    const login = { ...at, database: databaseName };
    const ownerPool = makePool(
      { ...login, user: ownerRole, password: ownerPassword, max: options.ownerConnections ?? 6 },
      logger,
    );
    const appPool = makePool(
      { ...login, user: appRole, password: appPassword, max: options.appConnections ?? 16, ...onConnect(patience) },
      logger,
    );
    const version = await serverVersion(ownerPool);
    return {
      ownerPool,
      appPool,
      connection: { kind: 'embedded', ...login, serverVersion: version, dataFolder: server.location.pgData },
      embedded: {
        admin: { ...login, user: adminRole, password: adminPassword },
        location: server.location,
        binaries: server.binaries,
        account: server.account,
      },
      health: () => server.health,
      close: once(async () => {
        // The pools first, so that their connections end in peace; but a stuck query must not hold up the stop.
        await Promise.race([drain([ownerPool, appPool]), clock.sleep(2_000)]);
        await server.close();
      }),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
};

const openExternal = async (options: OpenDatabaseOptions, databaseUrl: string): Promise<Database> => {
  const { logger, clock = systemClock } = options;
  if (!URL.canParse(databaseUrl) || !/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol)) {
    throw new HubError('configuration', 'DATABASE_URL is not a PostgreSQL URL', {
      hint: 'postgres://user:password@host:5432/database, special characters of the password percent-encoded',
    });
  }
  try {
    await withClient({ connectionString: databaseUrl }, prepareExternal);
  } catch (error) {
    if (error instanceof HubError) throw error;
    throw new HubError('unavailable', `DATABASE_URL: the database cannot be opened: ${(error as Error).message}`, {
      cause: error,
      hint: 'check host, port, user, password and database name in DATABASE_URL, and that the server is running',
    });
  }
  const ownerPool = makePool({ connectionString: databaseUrl, max: options.ownerConnections ?? 6 }, logger);
  const appPool = makePool(
    {
      connectionString: databaseUrl,
      max: options.appConnections ?? 16,
      ...onConnect(`SET ROLE ${appRole}; ${patience}`),
    },
    logger,
  );
  const url = new URL(databaseUrl);
  return {
    ownerPool,
    appPool,
    connection: {
      kind: 'external',
      host: url.searchParams.get('host') ?? url.hostname,
      port: Number(url.port || 5432),
      database: decodeURIComponent(url.pathname.slice(1)),
      serverVersion: await serverVersion(ownerPool),
    },
    health: () => ({ state: 'up', restarts: 0 }),
    close: once(async () => {
      await Promise.race([drain([ownerPool, appPool]), clock.sleep(2_000)]);
    }),
  };
};

const once = (fn: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | undefined;
  return () => (running ??= fn());
};

/**
 * Opens your own server (`databaseUrl`) or starts a private one on `dataDir`. Run `migrate` next.
 * Errors are `HubError`s with a hint: `store_busy`, `store_unwritable`, `store_full`, `store_corrupt`, `configuration`, `unavailable`.
 */
export const openDatabase = async (options: OpenDatabaseOptions): Promise<Database> => {
  try {
    return options.databaseUrl ? await openExternal(options, options.databaseUrl) : await openEmbedded(options);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw toHubError(error);
  }
};
