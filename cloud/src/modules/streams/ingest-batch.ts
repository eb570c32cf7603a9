import type { Clock } from '@hallhub/shared';
import type { BatchAnswer, BatchLimits, Lane } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, isTransactionConflict, narrowToTenant, type Tx, withSystem } from '../../db/index.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import { isAboutRows } from './about-rows.js';
import { applyCareful } from './apply-careful.js';
import { applyRows, type RowWriters } from './apply-rows.js';
import { answerOf, busyAnswer, compareWithCursor, lastSeqOf, presentOf, type Verdict } from './batch-answer.js';
import { commitCursors, storeAside, storeGapBatch } from './commit-cursor.js';
import { countHours } from './count-hours.js';
import { type DecodedBatch, decodeBatch } from './decode-batch.js';
import { isGapSigned } from './gap-signature.js';
import { lockStream } from './lock-stream.js';
import { longestDelayMs, type OpenContext, openContext } from './open-context.js';
import { type ReadRows, readRows } from './read-rows.js';

export interface IngestDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly writers: RowWriters;
  readonly limits: BatchLimits;
  readonly busyRetryMs?: number;
}

export interface IngestInput {
  readonly unitId: string;
  readonly lane: Lane;
  readonly payload: Uint8Array;
}

/** What happened, for metrics and the answer. */
export interface IngestOutcome {
  readonly answer: BatchAnswer;
  readonly rows: number;
  readonly aside: number;
  /** Of what this batch committed: for traces. */
  readonly committed?: { readonly epoch: string; readonly firstSeq: number; readonly chains: readonly Uint8Array[] };
}

/** A batch that is whole, its rows read. */
export interface OpenBatch {
  readonly unitId: string;
  readonly batch: DecodedBatch;
  readonly read: ReadRows;
}

const defaultBusyRetryMs = 5_000;

/**
 * docs/protocol.md 1.2 to 1.4: checks a batch, writes its rows and moves the cursor in one transaction, and gives the answer.
 * Never throws: what cannot be committed now is answered `busy` and logged.
 */
export const ingestBatch = async (deps: IngestDeps, input: IngestInput): Promise<IngestOutcome> => {
  const opened = await openBatch(deps, input);
  return 'broken' in opened ? opened.broken : commitAlone(deps, opened);
};

/** What needs no database: unpacks, checks, reads the rows. A broken batch has its answer already. */
export const openBatch = async (
  deps: IngestDeps,
  input: IngestInput,
): Promise<OpenBatch | { readonly broken: IngestOutcome }> => {
  const { unitId, lane } = input;
  const decoded = await decodeBatch(lane, input.payload, deps.limits);
  if ('batch' in decoded) return { unitId, batch: decoded.batch, read: readRows(decoded.batch) };
  const { reason, epoch, firstSeq } = decoded.broken;
  deps.log.warn({ unitId, lane, reason, firstSeq }, 'a broken batch was rejected');
  const verdict: Verdict = { result: 'rejected', cursor: Math.max(0, firstSeq - 1), chain: '0'.repeat(64), reason };
  return { broken: { answer: answerOf({ lane, epoch, firstSeq }, verdict, deps.clock.now()), rows: 0, aside: 0 } };
};

/** Writes one batch in a transaction of its own. Never throws. */
export const commitAlone = async (deps: IngestDeps, opened: OpenBatch): Promise<IngestOutcome> => {
  try {
    return told(deps, opened, await commitBatch(deps, { ...opened, careful: false }));
  } catch (error) {
    return putOff(deps, opened, error);
  }
};

/** Says what a commit was about to whom it concerns, and gives the answer. Call it once the transaction is through. */
export const told = (deps: IngestDeps, { batch }: OpenBatch, committed: Committed): IngestOutcome => {
  for (const event of committed.announcements) deps.live.publish(event);
  const { header, chains } = batch;
  const { verdict, rows, aside } = committed;
  const answer = answerOf(header, verdict, deps.clock.now());
  if (rows === 0) return { answer, rows, aside };
  return { answer, rows, aside, committed: { epoch: header.epoch, firstSeq: header.firstSeq, chains } };
};

/** Conflicts were tried again already; the rest is the database being away, full, or a fault of ours in every row. */
export const putOff = (deps: IngestDeps, { unitId, batch }: OpenBatch, error: unknown): IngestOutcome => {
  const { header } = batch;
  deps.log.error({ err: error, unitId, lane: header.lane }, 'a batch could not be committed');
  const verdict: Verdict = { result: 'busy', cursor: header.firstSeq - 1, chain: header.prevChain };
  const answer = answerOf(header, verdict, deps.clock.now());
  return { answer: { ...answer, retryAfterMs: deps.busyRetryMs ?? defaultBusyRetryMs }, rows: 0, aside: 0 };
};

/** See `busyAnswer`. */
export const busyOutcome = (lane: Lane, payload: Uint8Array, nowMs: number): IngestOutcome | undefined => {
  const answer = busyAnswer(lane, payload, nowMs);
  return answer && { answer, rows: 0, aside: 0 };
};

export interface Committed {
  readonly verdict: Verdict;
  readonly rows: number;
  readonly aside: number;
  readonly announcements: readonly LiveEvent[];
}

interface CommitInput extends OpenBatch {
  /** True after the bulk write failed on some row. */
  readonly careful: boolean;
}

export const nothing = (verdict: Verdict): Committed => ({ verdict, rows: 0, aside: 0, announcements: [] });

/** What its cursor moves to and what it counts for, once its rows are written. */
export const cursorOf = (context: OpenContext, { batch, read }: OpenBatch) => ({
  ...{ unitId: context.unitId, lane: context.lane, epoch: context.epoch, tallies: context.tallies },
  cursor: lastSeqOf(batch.header),
  chain: Buffer.from(batch.header.chain, 'hex'),
  rows: batch.header.count,
  hours: countHours(batch, read),
  delayMs: longestDelayMs(context, batch.header, read),
});

export const committedAs = (context: OpenContext, { batch }: OpenBatch, aside: number): Committed => ({
  verdict: { result: 'committed', cursor: lastSeqOf(batch.header), chain: batch.header.chain },
  rows: batch.header.count,
  aside,
  announcements: context.announcements,
});

const commitBatch = async (deps: IngestDeps, input: CommitInput): Promise<Committed> => {
  try {
    return await withSystem(deps.database, (tx) => commitIn(tx, deps, input));
  } catch (error) {
    if (input.careful || isTransactionConflict(error) || !isAboutRows(error)) throw error;
    deps.log.warn({ err: error, unitId: input.unitId }, 'a row could not be stored: the batch is written row by row');
    return commitBatch(deps, { ...input, careful: true });
  }
};

const commitIn = async (tx: Tx, deps: IngestDeps, input: CommitInput): Promise<Committed> => {
  const { unitId, batch, read } = input;
  const { header } = batch;
  const { lane, epoch } = header;
  const stream = await lockStream(tx, { unitId, lane, epoch });
  if (!stream) {
    return nothing({ result: 'rejected', cursor: 0, chain: '0'.repeat(64), reason: 'unknown_unit' });
  }
  const stale = compareWithCursor(header, stream);
  if (stale) return nothing(stale);
  if (header.gap && !isGapSigned(unitId, header, stream.secretHash)) {
    return nothing({ ...presentOf(stream), result: 'rejected', reason: 'gap' });
  }
  await narrowToTenant(tx, stream);
  const context = openContext(tx, deps.clock.now(), { unitId, header, stream });
  let asideCount = 0;
  if (header.gap) {
    const { toSeq, count, reason } = header.gap;
    await storeGapBatch(tx, {
      ...{ tenantId: stream.tenantId, unitId, lane, epoch, fromSeq: header.firstSeq, toSeq, count, reason },
      at: new Date(context.correctedMs(header.sentAt)),
      chain: Buffer.from(header.chain, 'hex'),
      receivedAt: context.receivedAt,
    });
    context.announce({ topic: 'units', type: 'unit.gap', data: { unitId, lane, reason } });
  } else {
    const apply = input.careful ? applyCareful : applyRows;
    const aside = [...read.aside, ...(await apply(context, read.rows, deps.writers))];
    await storeAside(context, aside);
    asideCount = aside.length;
  }
  await commitCursors(context, [cursorOf(context, input)]);
  return committedAs(context, input, asideCount);
};
