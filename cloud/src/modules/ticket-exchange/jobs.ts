import { isNull } from 'drizzle-orm';
import { withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import { compareChannel } from './compare/compare-channel.js';
import type { ExchangeDeps } from './exchange-deps.js';
import { exchangeChannels } from './tables.js';

/** Twice as long as a timestamp may be off either way. */
const nonceMs = 20 * 60_000;
const dayMs = 86_400_000;
const comparisonDays = 90;
/** Tries, and not the messages, whose log stays. */
const attemptDays = 180;

/** Compares the books of every channel that can be called and is not paused. */
export const compareAll = async (deps: ExchangeDeps, signal: AbortSignal): Promise<number> => {
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

export const sweepExchange = async ({ database, clock }: ExchangeDeps): Promise<number> => {
  const before = (ms: number) => new Date(clock.now() - ms);
  const old = [
    ['exchange_nonces', before(nonceMs)],
    ['exchange_comparisons', before(comparisonDays * dayMs)],
    ['exchange_attempts', before(attemptDays * dayMs)],
  ] as const;
  let removed = 0;
  for (const [table, at] of old) {
    const { rowCount } = await withSystem(database, (tx) =>
      tx.$client.query(`DELETE FROM ${table} WHERE at < $1`, [at]),
    );
    removed += rowCount ?? 0;
  }
  return removed;
};

export const exchangeJobs = (deps: ExchangeDeps): JobDefinition[] => [
  {
    name: 'exchange.compare',
    cron: '13 * * * *',
    expireInSeconds: 1_800,
    run: (_data, signal) => compareAll(deps, signal),
  },
  { name: 'exchange.sweep', cron: '*/10 * * * *', run: () => sweepExchange(deps) },
];
