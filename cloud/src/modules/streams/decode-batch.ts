import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import {
  type BatchAnswer,
  type BatchHeader,
  type BatchLimits,
  batchHeaderSchema,
  epochSchema,
  type Lane,
  seqSchema,
  splitBatch,
} from '@hallhub/shared/wire';
import { chainRows } from './stream-chain.js';

const gunzipAsync = promisify(gunzip);
const lineFeed = 0x0a;
/** A body that is smaller is unpacked here and now: handing it to another thread costs more. */
const smallBytes = 16_384;

export interface DecodedBatch {
  readonly header: BatchHeader;
  /** The rows' bytes, without line feeds; empty for a gap. */
  readonly rows: readonly Buffer[];
  /** The rows as text, decoded in one go; null where some byte is not UTF-8. */
  readonly texts: readonly string[] | null;
  /** The chain after each row. */
  readonly chains: readonly Buffer[];
}

export type RejectReason = NonNullable<BatchAnswer['reason']>;

/** Why a batch is broken, with what of its header could be read, so that the answer can name it. */
export interface BrokenBatch {
  readonly reason: RejectReason;
  readonly epoch: string;
  readonly firstSeq: number;
}

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Undefined where it breaks its contract. */
export const readHeader = (payload: Uint8Array): BatchHeader | undefined => {
  const split = splitBatch(payload);
  return split && batchHeaderSchema.safeParse(parseJson(split.head)).data;
};

const broken = (reason: RejectReason, header: unknown): BrokenBatch => {
  const given = (typeof header === 'object' && header !== null ? header : {}) as Record<string, unknown>;
  const epoch = epochSchema.safeParse(given.epoch);
  const firstSeq = seqSchema.safeParse(given.firstSeq);
  return { reason, epoch: epoch.data ?? '0'.repeat(16), firstSeq: firstSeq.data ?? 0 };
};

/** Unpacks at most `limitBytes`; undefined for anything that is not exactly one gzip stream of that size. */
const unpack = async (header: BatchHeader, body: Uint8Array): Promise<Buffer | 'encoding' | 'size'> => {
  if (header.encoding === 'identity') return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  try {
    // One byte more than announced: a body that is longer than it says stops here instead of filling the memory.
    const options = { maxOutputLength: header.bytes + 1 };
    return header.bytes <= smallBytes ? gunzipSync(body, options) : await gunzipAsync(body, options);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'size' : 'encoding';
  }
};

const splitRows = (body: Buffer): Buffer[] => {
  const rows: Buffer[] = [];
  let start = 0;
  for (let end = body.indexOf(lineFeed); end >= 0; end = body.indexOf(lineFeed, start)) {
    rows.push(body.subarray(start, end));
    start = end + 1;
  }
  rows.push(body.subarray(start));
  return rows;
};

/**
 * docs/protocol.md 1.2: checks everything about a payload that needs no database: header, sizes, encoding, count, and that the
 * rows lead from `prevChain` to `chain`.
 */
export const decodeBatch = async (
  lane: Lane,
  payload: Uint8Array,
  limits: BatchLimits,
): Promise<{ batch: DecodedBatch } | { broken: BrokenBatch }> => {
  const parts = splitBatch(payload);
  const raw = parts && parseJson(parts.head);
  const parsed = batchHeaderSchema.safeParse(raw);
  if (!parts || !parsed.success || parsed.data.lane !== lane) return { broken: broken('header', raw) };
  const header = parsed.data;
  if (header.gap) {
    return parts.body.length === 0
      ? { batch: { header, rows: [], texts: [], chains: [] } }
      : { broken: broken('size', raw) };
  }
  if (header.bytes > limits.maxBatchBytes || header.count > limits.maxBatchRows) {
    return { broken: broken('size', raw) };
  }
  const body = await unpack(header, parts.body);
  if (typeof body === 'string') return { broken: broken(body, raw) };
  if (body.length !== header.bytes) return { broken: broken('size', raw) };
  const rows = splitRows(body);
  if (rows.length !== header.count) return { broken: broken('count', raw) };
  const chains = chainRows(Buffer.from(header.prevChain, 'hex'), rows);
  if (chains.at(-1)?.toString('hex') !== header.chain) return { broken: broken('chain', raw) };
  return { batch: { header, rows, texts: isUtf8(body) ? body.toString('utf8').split('\n') : null, chains } };
};
