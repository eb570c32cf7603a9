import type { BatchAnswer, BatchHeader, Lane } from '@hallhub/shared/wire';
import { readHeader } from './decode-batch.js';
import type { LockedStream } from './lock-stream.js';
import { closedChain } from './stream-chain.js';

export type Verdict = Pick<BatchAnswer, 'result' | 'cursor' | 'chain' | 'reason'>;

export const answerOf = (
  of: { readonly lane: Lane; readonly epoch: string; readonly firstSeq: number },
  verdict: Verdict,
  nowMs: number,
): BatchAnswer => ({
  v: 1,
  lane: of.lane,
  epoch: of.epoch,
  firstSeq: of.firstSeq,
  ...verdict,
  serverTime: nowMs,
  retryAfterMs: 0,
});

const busyAgainMs = 2_000;

/** For a batch that was not even looked at, because too much waits: come back later, not all at the same moment. */
export const busyAnswer = (lane: Lane, payload: Uint8Array, nowMs: number): BatchAnswer | undefined => {
  const header = readHeader(payload);
  if (!header) return undefined;
  const { epoch, firstSeq, prevChain: chain } = header;
  const retryAfterMs = Math.round(busyAgainMs * (1 + 2 * Math.random()));
  return {
    ...answerOf({ lane, epoch, firstSeq }, { result: 'busy', cursor: firstSeq - 1, chain }, nowMs),
    retryAfterMs,
  };
};

export const lastSeqOf = (header: BatchHeader): number => header.gap?.toSeq ?? header.firstSeq + header.count - 1;

/** What the cloud has, as an answer. A closed epoch's chain is nobody's. */
export const presentOf = (stream: LockedStream): Pick<Verdict, 'cursor' | 'chain'> => ({
  cursor: stream.cursor,
  chain: (stream.closed ? closedChain : stream.chain).toString('hex'),
});

/** Undefined: the batch is the next one. Else the answer to one that came before, or that does not fit. */
export const compareWithCursor = (header: BatchHeader, stream: LockedStream): Verdict | undefined => {
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
