import { z } from 'zod';
import { chainSchema, clockSchema, epochMsSchema, epochSchema, idSchema, laneSchema, seqSchema } from './primitives.js';

export const gapReasons = ['thinned', 'restored', 'damaged', 'rollback'] as const;

export const batchGapSchema = z.object({
  toSeq: seqSchema,
  count: z.number().int().min(1),
  reason: z.enum(gapReasons),
  /** HMAC-SHA-256 with the unit's secret over `gapSigningText`, hex. */
  signature: chainSchema,
});

/** docs/protocol.md 1.2: the first line of a batch payload. */
export const batchHeaderSchema = z
  .object({
    v: z.literal(1),
    lane: laneSchema,
    epoch: epochSchema,
    firstSeq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    count: z.number().int().min(0),
    prevChain: chainSchema,
    chain: chainSchema,
    bootId: idSchema,
    monoMs: z.number().min(0),
    sentAt: epochMsSchema,
    /** Start of the hour in which all these rows were appended: the hour of their seal (docs/protocol.md 1.5). */
    hour: epochMsSchema.optional(),
    clock: clockSchema,
    encoding: z.enum(['identity', 'gzip']),
    bytes: z.number().int().min(0),
    gap: batchGapSchema.optional(),
  })
  .refine((h) => (h.gap ? h.count === 0 && h.gap.toSeq === h.firstSeq + h.gap.count - 1 : h.count > 0), {
    message: 'rows without a gap, or a gap without rows',
  });
export type BatchHeader = z.infer<typeof batchHeaderSchema>;

export const maxHeaderBytes = 4096;

export const chainSeedText = (unitId: string, lane: string, epoch: string): string =>
  `hallhub.stream.v1\n${unitId}\n${lane}\n${epoch}`;

export const gapSigningText = (
  unitId: string,
  gap: { lane: string; epoch: string; firstSeq: number; toSeq: number; reason: string; chain: string },
): string => ['hallhub.gap.v1', unitId, gap.lane, gap.epoch, gap.firstSeq, gap.toSeq, gap.reason, gap.chain].join('\n');

export const batchAnswerSchema = z.object({
  v: z.literal(1),
  lane: laneSchema,
  epoch: epochSchema,
  result: z.enum(['committed', 'resync', 'rejected', 'busy']),
  cursor: seqSchema,
  chain: chainSchema,
  /** Which batch is answered; an answer to an older one is ignored. */
  firstSeq: seqSchema,
  serverTime: epochMsSchema,
  retryAfterMs: z.number().int().min(0).default(0),
  reason: z.enum(['header', 'size', 'encoding', 'count', 'chain', 'gap', 'unknown_unit']).optional(),
});
export type BatchAnswer = z.infer<typeof batchAnswerSchema>;

/** Header line, line feed, body. */
export const encodeBatch = (header: BatchHeader, body: Uint8Array): Uint8Array => {
  const head = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const payload = new Uint8Array(head.length + body.length);
  payload.set(head);
  payload.set(body, head.length);
  return payload;
};

/** Splits a payload at its first line feed; undefined when there is none within the header's bound. */
export const splitBatch = (payload: Uint8Array): { head: Uint8Array; body: Uint8Array } | undefined => {
  const end = payload.subarray(0, maxHeaderBytes + 1).indexOf(0x0a);
  return end < 0 ? undefined : { head: payload.subarray(0, end), body: payload.subarray(end + 1) };
};
