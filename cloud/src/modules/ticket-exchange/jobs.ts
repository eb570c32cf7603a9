import { isNull } from 'drizzle-orm';
import { withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import { compareChannel } from './compare/compare-channel.js';
import type { ExchangeDeps } from './exchange-deps.js';
import { sweepExchangeFiles } from './files/sweep-files.js';
import { exchangeChannels } from './tables.js';

/** Twice as long as a timestamp may be off either way. */
const nonceMs = 20 * 60_000;
const dayMs = 86_400_000;
const comparisonDays = 90;
/** Tries, and not the messages, whose log stays. */
const attemptDays = 180;
/** What belongs to no message: strangers, forged calls, work lists that were refused. */
const strangerDays = 14;
/** Of a message that went a thousand times only the last tries tell anything. */
const mostTries = 100;
const rowsAtATime = 5_000;

/** Compares the books of every channel that can be called and is not paused. */
const compareAll = async (deps: ExchangeDeps, signal: AbortSignal): Promise<number> => {
  const channels = await withSystem(
    deps.database,
    (tx) => tx.select().from(exchangeChannels).where(isNull(exchangeChannels.archivedAt)),
    { readOnly: true },
  );
  let compared = 0;
  for (const channel of channels) {
    if (signal.aborted) break;
    if (channel.baseUrl === null || channel.pausedAt) continue;
    const { state } = await compareChannel(deps, channel, signal);
    if (state === 'different') deps.log.warn({ channelId: channel.id }, 'the books of an exchange differ');
    compared += 1;
  }
  return compared;
};

/** Deletes what is old, some thousand rows a transaction: nobody waits for a long one. */
export const sweepExchange = async (deps: ExchangeDeps, signal?: AbortSignal): Promise<number> => {
  const { database, clock } = deps;
  const before = (ms: number) => new Date(clock.now() - ms);
  const old = [
    ['exchange_nonces', 'at < $1', before(nonceMs)],
    ['exchange_comparisons', 'at < $1', before(comparisonDays * dayMs)],
    ['exchange_attempts', 'at < $1', before(attemptDays * dayMs)],
    ['exchange_attempts', 'message IS NULL AND at < $1', before(strangerDays * dayMs)],
  ] as const;
  let removed = 0;
  const remove = async (sql: string, values: unknown[]): Promise<void> => {
    for (let rows = rowsAtATime; rows === rowsAtATime && !signal?.aborted; ) {
      rows = (await withSystem(database, (tx) => tx.$client.query(sql, values))).rowCount ?? 0;
      removed += rows;
    }
  };
  for (const [table, where, at] of old) {
    await remove(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${where} LIMIT ${rowsAtATime}))`,
      [at],
    );
  }
  // Of what is open: whatever was answered has few.
  await remove(
    `DELETE FROM exchange_attempts WHERE ctid = ANY(ARRAY(SELECT x.ctid FROM (
       SELECT a.ctid, row_number() OVER (PARTITION BY a.message ORDER BY a.at DESC) AS place FROM exchange_attempts a
       WHERE a.message IN (SELECT id FROM exchange_messages WHERE state IN ('waiting', 'failed') AND attempts > ${mostTries})) x
     WHERE x.place > ${mostTries} LIMIT ${rowsAtATime}))`,
    [],
  );
  return removed + (await sweepExchangeFiles(deps));
};

export const exchangeJobs = (deps: ExchangeDeps): JobDefinition[] => [
  {
    name: 'exchange.compare',
    cron: '13 * * * *',
    expireInSeconds: 1_800,
    run: (_data, signal) => compareAll(deps, signal),
  },
  { name: 'exchange.sweep', cron: '*/10 * * * *', run: (_data, signal) => sweepExchange(deps, signal) },
];
