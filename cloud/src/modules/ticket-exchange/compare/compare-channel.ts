import { uuidv7 } from '@hallhub/shared';
import { compareBooks, type ExchangeBookLine, exchangeBookSchema } from '@hallhub/shared/exchange';
import { withTenant } from '../../../db/index.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { callPeer } from '../send/call-peer.js';
import { type ChannelRow, exchangeComparisons } from '../tables.js';
import { type BookPage, readBook, underWay } from './own-book.js';

const mostPages = 2_000;
/** Kept of one comparison; the count says how many there were. */
const mostDifferences = 1_000;

export type Comparison = typeof exchangeComparisons.$inferSelect;

/** Reads both books and keeps where they differ. What is under way, before or after, is no difference. */
export const compareChannel = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  signal?: AbortSignal,
): Promise<Comparison> => {
  const startMs = deps.clock.monotonicMs();
  const moving = new Set(
    await withTenant(deps.database, channel, (tx) => underWay(tx, channel.id), { readOnly: true }),
  );
  const theirs = await readTheirs(deps, channel, signal);
  const ours = await readOurs(deps, channel);
  for (const key of await withTenant(deps.database, channel, (tx) => underWay(tx, channel.id), { readOnly: true })) {
    moving.add(key);
  }
  const there = theirs.lines ?? [];
  const differences = theirs.lines ? compareBooks(ours, there, moving) : [];
  const row: Comparison = {
    ...{ id: uuidv7(), tenantId: channel.tenantId, channelId: channel.id, at: new Date(deps.clock.now()) },
    tookMs: Math.round(deps.clock.monotonicMs() - startMs),
    state: theirs.lines ? (differences.length === 0 ? 'equal' : 'different') : 'failed',
    ...{ here: ours.length, there: there.length, underWay: moving.size, different: differences.length },
    ...{ differences: differences.slice(0, mostDifferences), detail: theirs.detail },
  };
  await withTenant(deps.database, channel, (tx) => tx.insert(exchangeComparisons).values(row));
  return row;
};

const readOurs = async (deps: ExchangeDeps, channel: ChannelRow): Promise<readonly ExchangeBookLine[]> => {
  const lines: ExchangeBookLine[] = [];
  for (let after: string | null = null; ; ) {
    const at: string | null = after;
    const page: BookPage = await withTenant(deps.database, channel, (tx) => readBook(tx, channel.id, at), {
      readOnly: true,
    });
    lines.push(...page.items);
    if (page.next === null) return lines;
    after = page.next;
  }
};

const readTheirs = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  signal: AbortSignal | undefined,
): Promise<{ readonly lines: readonly ExchangeBookLine[] | null; readonly detail: string | null }> => {
  const lines: ExchangeBookLine[] = [];
  let after: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const path: string = after === null ? '/book' : `/book?after=${encodeURIComponent(after)}`;
    const reply = await callPeer(deps, channel, { method: 'GET', path, ...(signal ? { signal } : {}) });
    const read = exchangeBookSchema.safeParse(reply.json);
    if (!read.success) {
      const why = reply.detail ?? `answered ${reply.status}, and that is no book`;
      return { lines: null, detail: `${reply.problem ?? 'invalid'}: ${why}`.slice(0, 500) };
    }
    lines.push(...read.data.items);
    if (read.data.next === null) return { lines, detail: null };
    after = read.data.next;
  }
  return { lines: null, detail: `The book has more than ${mostPages} pages` };
};
