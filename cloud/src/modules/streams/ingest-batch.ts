import type { Clock } from '@hallhub/shared';
import type { BatchAnswer, BatchHeader, BatchLimits, Lane } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, isTransactionConflict, narrowToTenant, type Tx, withSystem } from '../../db/index.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import { applyCareful, type CarefulContext, isAboutRows } from './apply-careful.js';
import { applyRows, type RowWriters } from './apply-rows.js';
import { commitCursor, storeAside, storeGapBatch } from './commit-cursor.js';
import { countHours } from './count-hours.js';
import { type DecodedBatch, decodeBatch, readHeader } from './decode-batch.js';
import { isGapSigned } from './gap-signature.js';
import type { Announcement, IngestContext, Tally } from './ingest-context.js';
import { type LockedStream, lockStream } from './lock-stream.js';
import { type ReadRows, readRows } from './read-rows.js';
import { closedChain } from './stream-chain.js';

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

/** The unit's clock is corrected only where it is further off than a round trip can explain (docs/protocol.md 1.4). */
const trustedOffsetMs = 2_000;
const defaultBusyRetryMs = 5_000;
const busyAgainMs = 2_000;

type Verdict = Pick<BatchAnswer, 'result' | 'cursor' | 'chain' | 'reason'>;

/**
 * docs/protocol.md 1.2 to 1.4: checks a batch, writes its rows and moves the cursor in one transaction, and gives the answer.
 * Never throws: what cannot be committed now is answered `busy` and logged.
 */
export const ingestBatch = async (deps: IngestDeps, input: IngestInput): Promise<IngestOutcome> => {
  const decoded = await decodeBatch(input.lane, input.payload, deps.limits);
  if ('broken' in decoded) {
    const { reason, epoch, firstSeq } = decoded.broken;
    deps.log.warn({ unitId: input.unitId, lane: input.lane, reason, firstSeq }, 'a broken batch was rejected');
    const verdict: Verdict = { result: 'rejected', cursor: Math.max(0, firstSeq - 1), chain: '0'.repeat(64), reason };
    return { answer: answerTo(deps, { lane: input.lane, epoch, firstSeq }, verdict), rows: 0, aside: 0 };
  }
  const { batch } = decoded;
  const { header } = batch;
  const read = readRows(batch);
  try {
    const committed = await commitBatch(deps, { unitId: input.unitId, batch, read, careful: false });
    for (const event of committed.announcements) deps.live.publish(event);
    return {
      ...{ answer: answerTo(deps, header, committed.verdict), rows: committed.rows, aside: committed.aside },
      ...(committed.rows > 0
        ? { committed: { epoch: header.epoch, firstSeq: header.firstSeq, chains: batch.chains } }
        : {}),
    };
  } catch (error) {
    // Conflicts were tried again already; the rest is the database being away, full, or a fault of ours in every row.
    deps.log.error({ err: error, unitId: input.unitId, lane: input.lane }, 'a batch could not be committed');
    const verdict: Verdict = { result: 'busy', cursor: header.firstSeq - 1, chain: header.prevChain };
    const answer = answerTo(deps, header, verdict);
    return { answer: { ...answer, retryAfterMs: deps.busyRetryMs ?? defaultBusyRetryMs }, rows: 0, aside: 0 };
  }
};

/** For a batch that was not even looked at, because too much waits: come back later, not all at the same moment. */
export const busyOutcome = (lane: Lane, payload: Uint8Array, now: number): IngestOutcome | undefined => {
  const header = readHeader(payload);
  if (!header) return undefined;
  const { epoch, firstSeq, prevChain: chain } = header;
  const retryAfterMs = Math.round(busyAgainMs * (1 + 2 * Math.random()));
  const answer = { v: 1, lane, epoch, firstSeq, result: 'busy', cursor: firstSeq - 1, chain, serverTime: now } as const;
  return { answer: { ...answer, retryAfterMs }, rows: 0, aside: 0 };
};

const answerTo = (
  deps: IngestDeps,
  of: { readonly lane: Lane; readonly epoch: string; readonly firstSeq: number },
  verdict: Verdict,
): BatchAnswer => ({
  v: 1,
  lane: of.lane,
  epoch: of.epoch,
  firstSeq: of.firstSeq,
  ...verdict,
  serverTime: deps.clock.now(),
  retryAfterMs: 0,
});

interface Committed {
  readonly verdict: Verdict;
  readonly rows: number;
  readonly aside: number;
  readonly announcements: readonly LiveEvent[];
}

interface CommitInput {
  readonly unitId: string;
  readonly batch: DecodedBatch;
  readonly read: ReadRows;
  /** True after the bulk write failed on some row. */
  readonly careful: boolean;
}

const nothing = (verdict: Verdict): Committed => ({ verdict, rows: 0, aside: 0, announcements: [] });

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
  const context = openContext(tx, deps, { unitId, header, stream });
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
  const cursor = lastSeqOf(header);
  const chain = Buffer.from(header.chain, 'hex');
  const hours = countHours(batch, read);
  const delayMs = longestDelayMs(context, header, read);
  await commitCursor(context, { cursor, chain, rows: header.count, hours, delayMs, tallies: context.tallies });
  return {
    verdict: { result: 'committed', cursor, chain: header.chain },
    rows: header.count,
    aside: asideCount,
    announcements: context.announcements,
  };
};

const longestDelayEverMs = 400 * 86_400_000;

/** From the oldest row's own time to now. Null: the unit did not know its time, or there is no row to go by. */
const longestDelayMs = (context: IngestContext, header: BatchHeader, read: ReadRows): number | null => {
  if (header.clock.state !== 'trusted' || read.rows.length === 0) return null;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { row } of read.rows) oldestMs = Math.min(oldestMs, row.at);
  const delayMs = context.receivedAt.getTime() - context.correctedMs(oldestMs);
  return Math.min(Math.max(0, Math.round(delayMs)), longestDelayEverMs);
};

const lastSeqOf = (header: BatchHeader): number => header.gap?.toSeq ?? header.firstSeq + header.count - 1;

/** What the cloud has, as an answer. A closed epoch's chain is nobody's. */
const presentOf = (stream: LockedStream): Pick<Verdict, 'cursor' | 'chain'> => ({
  cursor: stream.cursor,
  chain: (stream.closed ? closedChain : stream.chain).toString('hex'),
});

/** Undefined: the batch is the next one. Else the answer to one that came before, or that does not fit. */
const compareWithCursor = (header: BatchHeader, stream: LockedStream): Verdict | undefined => {
  const last = lastSeqOf(header);
  const chain = stream.chain.toString('hex');
  if (last < stream.cursor || (last === stream.cursor && header.chain === chain)) {
    return { result: 'committed', cursor: stream.cursor, chain };
  }
  if (stream.closed || header.firstSeq !== stream.cursor + 1 || header.prevChain !== chain) {
    return { result: 'resync', ...presentOf(stream) };
  }
  return undefined;
};

interface OpenContext extends CarefulContext {
  readonly tallies: readonly Tally[];
  readonly announcements: readonly LiveEvent[];
}

const openContext = (
  tx: Tx,
  deps: IngestDeps,
  of: { readonly unitId: string; readonly header: BatchHeader; readonly stream: LockedStream },
): OpenContext => {
  const { lane, epoch, clock } = of.header;
  const { tenantId, hallId } = of.stream;
  const nowMs = deps.clock.now();
  const offsetMs =
    clock.offsetMs !== null && Math.abs(clock.offsetMs) > trustedOffsetMs ? Math.round(clock.offsetMs) : 0;
  const announcements: LiveEvent[] = [];
  const tallies: Tally[] = [];
  return {
    ...{ tx, tenantId, hallId, unitId: of.unitId, lane, epoch },
    receivedAt: new Date(nowMs),
    correctedMs: (atMs) => clampTime(atMs + offsetMs),
    announce: (announcement: Announcement) => {
      announcements.push({ tenantId, hallId, atMs: nowMs, ...announcement });
    },
    tally: (kind, atMs, stored, repeated = 0) => {
      if (stored > 0 || repeated > 0) tallies.push({ kind, atMs, stored, repeated });
    },
    announcements,
    tallies,
    mark: () => ({ announcements: announcements.length, tallies: tallies.length }),
    forgetAfter: (mark) => {
      announcements.length = mark.announcements;
      tallies.length = mark.tallies;
    },
  };
};

const maxTimeMs = 253_402_300_799_999;
const clampTime = (ms: number): number => Math.min(Math.max(ms, 0), maxTimeMs);
