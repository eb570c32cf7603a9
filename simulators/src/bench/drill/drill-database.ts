import { systemClock } from '@hallhub/shared';
import { makeSocketFolder, PostgresProcess, readSecret } from '../../../../cloud/src/db/embedded/index.js';
import { openDatabase } from '../../../../cloud/src/db/index.js';
import { silentLogger as logger } from '../../../../cloud/src/db/logger.js';

/** A PostgreSQL server of the drill's own, which it may stop, kill and start again under everybody's feet. */
export interface DrillDatabase extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  /** `crash`: SIGQUIT, so that the next start replays its log. */
  stop(how: 'clean' | 'crash'): Promise<void>;
  /** As the tables' owner, over a connection of its own. */
  query<T>(sql: string, values?: unknown[]): Promise<T[]>;
}

export const openDrillDatabase = async (dataDir: string): Promise<DrillDatabase> => {
  const first = await openDatabase({ dataDir, logger });
  const { embedded, connection } = first;
  if (!embedded) throw new Error('the embedded server is wanted');
  const secret = readSecret(embedded.location);
  await first.close();
  const { location, binaries, account } = embedded;
  const socketDir = makeSocketFolder(location.pgData, account);
  const url = new URL('postgres://hallhub_owner@localhost/hallhub');
  url.password = secret?.ownerPassword ?? '';
  url.pathname = connection.database;
  url.searchParams.set('host', socketDir);
  let server: PostgresProcess | undefined;
  const start = async () => {
    server ??= await PostgresProcess.start({
      ...{ binaries, account, socketDir, logger, clock: systemClock, pgData: location.pgData },
      settings: { max_connections: '80' },
    });
  };
  const stop = async (how: 'clean' | 'crash') => {
    const running = server;
    server = undefined;
    if (!running) return;
    if (how === 'crash') process.kill(running.pid, 'SIGQUIT');
    await running.stop(5_000);
  };
  await start();
  return {
    url: url.toString(),
    start,
    stop,
    async query<T>(sql: string, values: unknown[] = []) {
      const own = await openDatabase({ dataDir, databaseUrl: url.toString(), logger });
      try {
        return (await own.ownerPool.query(sql, values)).rows as T[];
      } finally {
        await own.close();
      }
    },
    [Symbol.asyncDispose]: () => stop('clean'),
  };
};
