import type { Row } from '@hallhub/shared/wire';
import type { DecodedBatch } from './decode-batch.js';
import type { ReadRows } from './read-rows.js';

/** The cloud's side of one seal, as far as one batch goes. */
export interface HourCount {
  /** Start of the hour of append, epoch ms by the unit's own clock. */
  readonly hourMs: number;
  readonly firstSeq: number;
  lastSeq: number;
  count: number;
  chain: Buffer;
}

const hourLengthMs = 3_600_000;
const maxEpochMs = 253_402_300_799_999;

/**
 * docs/protocol.md 1.5: first, last, count and chain of each hour in this batch. The header names the hour; without it a row
 * belongs to the hour of its `at`, or, unreadable, to the hour its batch was sent in.
 */
export const countHours = (batch: DecodedBatch, read: ReadRows): HourCount[] => {
  const { firstSeq, sentAt, hour, count } = batch.header;
  const chain = batch.chains.at(-1);
  if (!chain) return [];
  if (hour !== undefined) return [{ hourMs: hour, firstSeq, lastSeq: firstSeq + count - 1, count, chain }];
  const atBySeq = new Map<number, number>(read.rows.map(({ seq, row }) => [seq, row.at]));
  for (const { seq, bytes } of read.aside) atBySeq.set(seq, atOf(bytes) ?? sentAt);
  const hours = new Map<number, HourCount>();
  batch.chains.forEach((chain, i) => {
    const seq = firstSeq + i;
    const at = atBySeq.get(seq) ?? sentAt;
    const hourMs = at - (at % hourLengthMs);
    const known = hours.get(hourMs);
    if (!known) {
      hours.set(hourMs, { hourMs, firstSeq: seq, lastSeq: seq, count: 1, chain });
      return;
    }
    known.lastSeq = seq;
    known.count++;
    known.chain = chain;
  });
  return [...hours.values()];
};

const atOf = (bytes: Buffer): number | undefined => {
  try {
    const { at } = JSON.parse(bytes.toString('utf8')) as Partial<Row>;
    return Number.isSafeInteger(at) && at! >= 0 && at! <= maxEpochMs ? at : undefined;
  } catch {
    return undefined;
  }
};
