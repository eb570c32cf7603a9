import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type BatchHeader, encodeBatch, type Lane, type WireClock } from '@hallhub/shared/wire';
import { nextChain, signGap } from './chain.js';
import type { LaneStore } from './lane.js';

const gzipAsync = promisify(gzip);
const packing = { quick: { level: 5, fromBytes: 1_024 }, best: { level: 9, fromBytes: 160 } };

/** Where the stream stands at the cloud. */
export interface Cursor {
  readonly seq: number;
  readonly chain: Buffer;
}

/** What goes into the next batch, read from disk and held until it is answered. */
export interface BatchContent {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly count: number;
  readonly prevChain: Buffer;
  readonly chain: Buffer;
  readonly segment: number | undefined;
  readonly hour: number | undefined;
  readonly body: Buffer;
  readonly gap?: { readonly reason: 'thinned' | 'restored' | 'damaged' };
}

/**
 * What follows the cursor: rows of one clock segment and one seal within the limits, or the gap that lies there. `nothing` when the cloud has it all,
 * `broken` when the file lacks rows that no gap explains (a new epoch is needed).
 * `verify` computes the rows' chain anew, which is done when the cloud found it wrong: the stored one is the same but for a bad disk.
 */
export const nextContent = (
  lane: LaneStore,
  cursor: Cursor,
  limits: { maxRows: number; maxBytes: number; verify?: boolean },
): BatchContent | 'nothing' | 'broken' => {
  const first = cursor.seq + 1;
  if (cursor.seq >= lane.head.seq) return 'nothing';
  if (first <= lane.base.seq) return gapContent(lane, cursor, lane.base.seq, lane.base.chain, 'restored');
  const gap = lane.gapAt(first);
  if (gap) return gapContent(lane, cursor, gap.toSeq, gap.chain, gap.reason);

  const bodies: Buffer[] = [];
  let [count, bytes] = [0, 0];
  let [segment, hour] = [undefined as number | undefined, undefined as number | undefined];
  const intact = limits.verify ? intactRows(lane, cursor, limits.maxRows) : limits.maxRows;
  if (intact === 0) {
    // The disk changed this row: it alone is given up, for its stored chain still leads on.
    const chain = lane.chainAt(first);
    if (chain) return gapContent(lane, cursor, first, chain, 'damaged');
  }
  for (const [seq, rowSegment, rowHour, body] of lane.readBodies(first, intact)) {
    if (seq !== first + count) break;
    segment ??= rowSegment;
    hour ??= rowHour;
    const size = body.length + (count > 0 ? 1 : 0);
    if (rowSegment !== segment || rowHour !== hour || (count > 0 && bytes + size > limits.maxBytes)) break;
    if (count > 0) bodies.push(lineFeed);
    bodies.push(body);
    bytes += size;
    count += 1;
  }
  const chain = count > 0 ? lane.chainAt(cursor.seq + count) : undefined;
  if (!chain) return 'broken';
  const body = Buffer.concat(bodies, bytes);
  return {
    epoch: lane.epoch,
    firstSeq: first,
    lastSeq: cursor.seq + count,
    count,
    prevChain: cursor.chain,
    chain,
    segment,
    hour,
    body,
  };
};

/** How many rows after the cursor still hash to their chain. */
const intactRows = (lane: LaneStore, cursor: Cursor, maxRows: number): number => {
  let [chain, count] = [cursor.chain, 0];
  for (const row of lane.read(cursor.seq + 1, maxRows)) {
    if (!nextChain(chain, row.body).equals(row.chain)) break;
    chain = row.chain;
    count += 1;
  }
  return count;
};

const lineFeed = Buffer.from('\n');

const gapContent = (
  lane: LaneStore,
  cursor: Cursor,
  toSeq: number,
  chain: Buffer,
  reason: 'thinned' | 'restored' | 'damaged',
): BatchContent => ({
  epoch: lane.epoch,
  firstSeq: cursor.seq + 1,
  lastSeq: toSeq,
  count: 0,
  prevChain: cursor.chain,
  chain,
  segment: undefined,
  hour: undefined,
  body: Buffer.alloc(0),
  gap: { reason },
});

export interface EnvelopeFacts {
  readonly unitId: string;
  /** Signs gaps. */
  readonly secret: string;
  readonly bootId: string;
  readonly monoMs: number;
  readonly sentAt: number;
  /** Of the rows' segment. */
  readonly clock: WireClock;
  /** `best` where the line is scarcer than the processor. */
  readonly pack?: 'quick' | 'best';
}

/** Header line and body, packed where that saves something. */
export const encodeContent = async (lane: Lane, content: BatchContent, facts: EnvelopeFacts): Promise<Uint8Array> => {
  const { epoch, firstSeq, lastSeq, count, body } = content;
  const { level, fromBytes } = packing[facts.pack ?? 'quick'];
  const zipped = body.length >= fromBytes ? await gzipAsync(body, { level }) : body;
  const packed = zipped.length < body.length ? zipped : body;
  const chain = content.chain.toString('hex');
  const header: BatchHeader = {
    v: 1,
    lane,
    epoch,
    firstSeq,
    count,
    prevChain: content.prevChain.toString('hex'),
    chain,
    bootId: facts.bootId,
    monoMs: facts.monoMs,
    sentAt: facts.sentAt,
    hour: content.hour,
    clock: facts.clock,
    encoding: packed === body ? 'identity' : 'gzip',
    bytes: body.length,
  };
  if (content.gap) {
    const { reason } = content.gap;
    const signature = signGap(facts.secret, facts.unitId, { lane, epoch, firstSeq, toSeq: lastSeq, reason, chain });
    header.gap = { toSeq: lastSeq, count: lastSeq - firstSeq + 1, reason, signature };
  }
  return encodeBatch(header, packed);
};
