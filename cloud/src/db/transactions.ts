import { HubError, isHubError, uuidPattern } from '@hallhub/shared';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { postgresError, type RetryOptions, retryOnConflict } from './conflicts.js';
import { systemRole } from './prepare-roles.js';
import { together } from './together.js';

/** A drizzle database bound to one open transaction; `$client` is that transaction's node-postgres client. */
export type Tx = NodePgDatabase<Record<string, never>> & { readonly $client: PoolClient };

export interface TenantScope {
  readonly tenantId: string;
}

export interface TransactionOptions extends RetryOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
}

const afterwards = new WeakMap<object, (() => void)[]>();
const unawaited = new WeakMap<object, Promise<unknown>[]>();

/**
 * For a write whose answer nobody asks for: it was sent (by the client itself, which sends at once), and is waited for with the commit, which
 * is sent right behind it. What it throws undoes the transaction and is thrown by it. Outside of a transaction of ours it is waited for here.
 */
export const untilCommit = async (tx: Tx, write: Promise<unknown>): Promise<void> => {
  const waiting = unawaited.get(tx);
  if (!waiting) return void (await write);
  write.catch(() => undefined);
  waiting.push(write);
};

/**
 * Runs `fn` when the open transaction has been committed: for what is told outside (live events, wake-ups). Never after a rollback, and
 * once although the transaction may have run several times. `fn` must not throw; nobody waits for it.
 */
export const afterCommit = (tx: Tx, fn: () => void): void => {
  const waiting = afterwards.get(tx);
  if (!waiting) throw new HubError('bug', 'afterCommit: not an open transaction');
  waiting.push(fn);
};

/** What nobody waited for may have failed first: the rest failed only because of it. */
const causeOf = async (thrown: unknown, writes: readonly Promise<unknown>[]): Promise<unknown> => {
  const error: unknown = await together([Promise.reject(thrown), ...writes]).catch((first: unknown) => first);
  // drizzle's wrapper puts every parameter into its message, personal data included; the cause has neither.
  return isHubError(error) ? error : (postgresError(error) ?? error);
};

/**
 * Runs `fn` so that the transaction outlives its failure: what it wrote is undone, what it wanted to tell after the commit is forgotten,
 * and what failed first is thrown, be it a write of `untilCommit`. May be nested; nothing else may write at the same time.
 */
export const behindSavepoint = async <T>(tx: Tx, fn: () => Promise<T>): Promise<T> => {
  const waiting = afterwards.get(tx);
  const writes = unawaited.get(tx);
  if (!waiting || !writes) throw new HubError('bug', 'behindSavepoint: not an open transaction');
  const [told, sent] = [waiting.length, writes.length];
  await tx.$client.query('SAVEPOINT part');
  try {
    const result = await fn();
    await together([...writes.slice(sent), tx.$client.query('RELEASE SAVEPOINT part')]);
    return result;
  } catch (thrown) {
    waiting.length = told;
    const error = await causeOf(thrown, writes.splice(sent));
    // Where this fails, too, the connection is gone, and the next question says so.
    await tx.$client.query('ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part').catch(() => undefined);
    throw error;
  }
};

type HasAppPool = { readonly appPool: Pool };

const begin = (options: TransactionOptions): string =>
  `BEGIN${options.isolation ? ` ISOLATION LEVEL ${options.isolation.toUpperCase()}` : ''}${options.readOnly ? ' READ ONLY' : ''}`;

const runTransaction = async <T>(pool: Pool, opening: string, fn: (tx: Tx) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that dies while borrowed emits this besides failing its query; unheard it would end the process.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  const writes: Promise<unknown>[] = [];
  try {
    // Sent together with what `fn` asks first; where it fails, so does all behind it.
    const opened = client.query(opening);
    opened.catch(() => undefined);
    const tx = drizzle(client) as Tx;
    const waiting: (() => void)[] = [];
    afterwards.set(tx, waiting);
    unawaited.set(tx, writes);
    const result = await fn(tx);
    const committing = client.query('COMMIT');
    try {
      await together([opened, ...writes, committing]);
    } catch (error) {
      // A write that failed has broken the transaction, and its commit is a rollback; unless a savepoint has undone it meanwhile.
      if ((await committing).command !== 'COMMIT') throw error;
    }
    afterwards.delete(tx);
    for (const tell of waiting) tell();
    return result;
  } catch (thrown) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken ??= rollbackError;
    });
    throw await causeOf(thrown, writes);
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
};

/**
 * One transaction that sees and writes the rows of one tenant. `fn` may run again after a deadlock or serialization
 * failure (`attempts`, 3): do side effects after this returns.
 */
export const withTenant = async <T>(
  database: HasAppPool,
  { tenantId }: TenantScope,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> => {
  if (!uuidPattern.test(tenantId)) throw new HubError('bug', 'withTenant: tenantId is not a lower-case UUID');
  const opening = `${begin(options)}; SET LOCAL app.tenant_id = '${tenantId}'`;
  return retryOnConflict(() => runTransaction(database.appPool, opening, fn), options);
};

/** One transaction over the rows of all tenants: ingest look-ups, sweeps, sign-in. Never on behalf of a person's query. */
export const withSystem = async <T>(
  database: HasAppPool,
  fn: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> => {
  const opening = `${begin(options)}; SET LOCAL ROLE ${systemRole}`;
  return retryOnConflict(() => runTransaction(database.appPool, opening, fn), options);
};

/**
 * One question over the rows of all tenants, in a transaction of its own that is sent with it: one turn to wait for, where every request
 * asks. For look-ups alone; never on behalf of a person's query.
 */
export const askSystem = async <R extends QueryResultRow>(
  database: HasAppPool,
  query: Readonly<QueryConfig>,
): Promise<R[]> => {
  const client = await database.appPool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    const [, { rows }] = await together([
      client.query(`BEGIN READ ONLY; SET LOCAL ROLE ${systemRole}`),
      client.query<R>({ ...query }),
      client.query('COMMIT'),
    ]);
    return rows;
  } finally {
    client.removeListener('error', onError);
    client.release(broken);
  }
};

/** Narrows an open `withSystem` transaction to one tenant from here on (ingest: look the unit up, then write its rows). */
export const narrowToTenant = async (tx: Tx, { tenantId }: TenantScope): Promise<void> => {
  if (!uuidPattern.test(tenantId)) throw new HubError('bug', 'narrowToTenant: tenantId is not a lower-case UUID');
  await tx.$client.query(`SET LOCAL ROLE hallhub_app; SET LOCAL app.tenant_id = '${tenantId}'`);
};
