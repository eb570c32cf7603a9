import { z } from 'zod';
import { epochMsSchema, idSchema } from '../wire/primitives.js';

/**
 * docs/protocol.md 8.5. What a camera recorded stays on the unit. The cloud asks for it piece by piece; every answer is bounded, so that
 * nothing waits anywhere for whoever looks.
 */

/** Of one answer with pictures or bytes of a file; a single picture may be over it. */
export const maxRecordingPieceBytes = 8 * 1024 * 1024;
/** Of one file for download. */
export const maxDownloadMs = 30 * 60_000;
export const maxDownloadBytes = 1024 * 1024 * 1024;
/** What a list of spans may reach over. */
export const maxSpansMs = 32 * 24 * 3_600_000;
export const maxSpans = 5_000;

const maxBytes = z.number().int().min(1_024).max(maxRecordingPieceBytes);
const span = { from: epochMsSchema, to: epochMsSchema };

export const recordingAskSchema = z.discriminatedUnion('kind', [
  /** What is recorded of that time. */
  z.object({ kind: z.literal('spans'), ...span }),
  /**
   * Pictures as records of 8.4, from the key picture at or before `from`, or from where an earlier answer ended (`cursor`). `keys`: key
   * pictures alone. Ends before what began at `to` or later.
   */
  z.object({
    kind: z.literal('media'),
    from: epochMsSchema,
    to: epochMsSchema.optional(),
    cursor: z
      .string()
      .regex(/^\d{1,10}\.\d{1,15}$/)
      .optional(),
    pictures: z.enum(['all', 'keys']),
    maxBytes,
  }),
  /** How a file of that time would be; the unit keeps it ready for some minutes. */
  z.object({ kind: z.literal('plan'), ...span }),
  /** Bytes of a planned file. */
  z.object({
    kind: z.literal('file'),
    plan: z.string().min(1).max(64),
    offset: z.number().int().min(0).max(maxDownloadBytes),
    maxBytes,
  }),
]);
export type RecordingAsk = z.infer<typeof recordingAskSchema>;

/** `down/recordings`. Answered by `POST /unit/v1/recordings/{requestId}`. */
export const downRecordingsSchema = z.object({
  v: z.literal(1),
  requestId: z.string().regex(/^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/),
  deviceId: idSchema,
  /** After it nobody waits for the answer to begin. */
  withinMs: z.number().int().min(100).max(120_000),
  at: epochMsSchema,
  /** Also over a line that is paid for by volume. */
  despiteMetered: z.boolean().optional(),
  ask: recordingAskSchema,
});
export type DownRecordings = z.infer<typeof downRecordingsSchema>;

/** Recorded without a break; times by the unit's clock, epoch ms. */
export const recordedSpanSchema = z.object(span);
export type RecordedSpan = z.infer<typeof recordedSpanSchema>;

export const spansAnswerSchema = z.object({
  v: z.literal(1),
  /** In the order of their beginnings. Two may overlap: the unit's clock was set back. */
  spans: z.array(recordedSpanSchema).max(maxSpans),
  /** Of all that is kept of this camera; null: nothing is. */
  oldestAt: epochMsSchema.nullable(),
  newestAt: epochMsSchema.nullable(),
});
export type SpansAnswer = z.infer<typeof spansAnswerSchema>;

export const planAnswerSchema = z.object({
  v: z.literal(1),
  plan: z.string().min(1).max(64),
  /** Of what is in the file: from the key picture at or before the time asked for. */
  ...span,
  bytes: z.number().int().min(1).max(maxDownloadBytes),
  pictures: z.number().int().min(1),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  codec: z.string().max(64),
  /** Holes in it, where the last picture stands still. */
  holes: z.number().int().min(0),
  /** The camera changed its picture then: what follows is another file. */
  changesAt: epochMsSchema.optional(),
});
export type PlanAnswer = z.infer<typeof planAnswerSchema>;

export const recordingProblems = ['not_recorded', 'busy', 'gone', 'too_large', 'metered', 'unreadable'] as const;
/** In the place of an answer, as `application/problem+json`. */
export const recordingProblemSchema = z.object({
  v: z.literal(1),
  problem: z.enum(recordingProblems),
  detail: z.string().max(500).optional(),
});
export type RecordingProblem = z.infer<typeof recordingProblemSchema>;

/** Record `time`: media time 0 of the pictures that follow, by the unit's clock, epoch ms. */
export const mediaTimeSchema = z.object({ v: z.literal(1), zeroAt: z.number().min(0).max(8.64e15) });
export type MediaTime = z.infer<typeof mediaTimeSchema>;

/** Record `end`, the last of an answer; without one, the answer broke off. */
export const mediaEndSchema = z.object({
  v: z.literal(1),
  /**
   * `more` goes on at the cursor. `newest`: nothing more is recorded yet. `to`: the time asked for is reached. `jump`: what was recorded next
   * has an earlier time (the clock was set back), and begins at `at`.
   */
  reason: z.enum(['more', 'newest', 'to', 'jump']),
  cursor: z.string().max(32).nullable(),
  at: epochMsSchema.optional(),
});
export type MediaEnd = z.infer<typeof mediaEndSchema>;
