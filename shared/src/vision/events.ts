import { z } from 'zod';
import { maxEvidenceBytes } from '../wire/evidence.js';
import { chainSchema, epochMsSchema, idSchema } from '../wire/primitives.js';
import { boxSchema } from './geometry.js';
import { visionAlgorithms } from './rules.js';

/** Names of event rows whose device is a camera and whose data are the schemas below. */
export const visionEventNames = { finding: 'vision.finding', flow: 'vision.flow', heat: 'vision.heat' } as const;

/** Beyond all measure: whoever tells more is broken, and would break sums and pages that many read. */
const mostPeople = 1_000_000;
const people = z.number().int().min(0).max(mostPeople);
const pixels = z.number().int().min(1).max(65_535);
const longestDwellMs = 31 * 86_400_000;

export const seenSchema = z.object({
  label: z.string().max(64),
  confidence: z.number().min(0).max(1),
  box: boxSchema,
  trackId: z.number().int().min(0).optional(),
});
export type Seen = z.infer<typeof seenSchema>;

export const evidenceRoles = ['overview', 'closeup', 'clip', 'composite'] as const;

/** Signed over the canonical JSON (RFC 8785) of the data without `seal`, behind the hash of the finding before. */
export const findingSealSchema = z.object({
  /** Of the unit's finding before; 64 zeros in the first. */
  previous: chainSchema,
  /** SM3(previous, then the JSON). */
  hash: chainSchema,
  /** ECDSA P-256 with SHA-256 over the hash's 32 bytes, DER, base64; null: the unit has no key. */
  signature: z.string().max(200).nullable(),
  /** Serial number of the certificate that proves the signature. */
  certificateSerial: z.string().max(64).nullable(),
});

/** docs/protocol.md 8.2. Two rows an episode: `began` with the evidence, `ended` when it is over; `once` where nothing lasts. */
export const findingSchema = z.object({
  v: z.literal(1),
  phase: z.enum(['began', 'ended', 'once']),
  /** The id of its first row. */
  episodeId: idSchema,
  rule: z.object({ id: idSchema, name: z.string().max(100), algorithm: z.enum(visionAlgorithms) }),
  viewId: idSchema,
  experimental: z.boolean(),
  startedAt: epochMsSchema,
  endedAt: epochMsSchema.optional(),
  /** How many, where the rule counts; what tamper saw, and the like. */
  count: people.optional(),
  detail: z.string().max(200).optional(),
  /** Of all that was seen, the mean; what `minConfidence` is set by. */
  confidence: z.number().min(0).max(1).optional(),
  seen: z.array(seenSchema).max(32),
  picture: z.object({ width: pixels, height: pixels }),
  models: z.array(z.object({ id: z.string().max(64), sha256: chainSchema })).max(4),
  faces: z.enum(['blurred', 'clear', 'none', 'not_looked_for']),
  evidence: z
    .array(
      z.object({
        id: idSchema,
        role: z.enum(evidenceRoles),
        sha256: chainSchema,
        sm3: chainSchema,
        bytes: z.number().int().min(1).max(maxEvidenceBytes),
      }),
    )
    .max(8),
  seal: findingSealSchema,
});
export type Finding = z.infer<typeof findingSchema>;

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What people read out and type in: eight characters of Crockford's base 32, of the id's last 40 bits, as `7F3K-9QXD`. */
export const findingNumber = (episodeId: string): string => {
  let bits = Number.parseInt(episodeId.slice(-10), 16);
  let text = '';
  for (let i = 0; i < 8; i++) {
    text = crockford[bits % 32] + text;
    bits = Math.floor(bits / 32);
  }
  return `${text.slice(0, 4)}-${text.slice(4)}`;
};

/** The last ten digits of the id that a number stands for, typed as people do: `7f3k 9qxd`, and O for 0. Undefined: it is none. */
export const findingIdEnd = (typed: string): string | undefined => {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(text)) return undefined;
  const bits = [...text].reduce((sum, letter) => sum * 32 + crockford.indexOf(letter), 0);
  return bits.toString(16).padStart(10, '0');
};
export type FindingSeal = z.infer<typeof findingSealSchema>;

/** One rule's minute that had something in it. Several rows of one rule and minute do not happen. */
export const flowSchema = z.object({
  v: z.literal(1),
  ruleId: idSchema,
  viewId: idSchema,
  /** Start of the minute. */
  minute: epochMsSchema,
  in: people.optional(),
  out: people.optional(),
  occupancyMean: z.number().min(0).max(mostPeople).optional(),
  occupancyMost: people.optional(),
  /** Of those who left in this minute. */
  dwellMeanMs: z.number().min(0).max(longestDwellMs).optional(),
  left: people.optional(),
});
export type Flow = z.infer<typeof flowSchema>;

export const heatColumns = 32;
export const heatRows = 18;

/** Where people stood in an hour: seconds a cell, row by row from the top left. */
export const heatSchema = z.object({
  v: z.literal(1),
  viewId: idSchema,
  hour: epochMsSchema,
  seconds: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(3_600 * 1_000),
    )
    .length(heatColumns * heatRows),
});
export type Heat = z.infer<typeof heatSchema>;
