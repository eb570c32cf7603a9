import { z } from 'zod';
import { downCommandSchema } from './commands.js';
import { trustSchema } from './enrolment.js';
import { chainSchema, epochMsSchema, epochSchema, idSchema, laneSchema, seqSchema } from './primitives.js';
import { streamCursorSchema } from './session.js';

/** docs/protocol.md 7. A bundle is two lines of JSON (header, signature), then its parts, one after the other. */
export const maxBundleHeaderBytes = 8 * 1_048_576;
export const maxBundleSignatureBytes = 65_536;
export const maxBundleParts = 50_000;
export const maxBundleBytes = 4 * 1_073_741_824;
/** What a text that a person copies or scans may hold. */
export const maxReceiptBytes = 786_432;
export const maxReceiptEvidence = 5_000;
export const maxReceiptCommands = 200;

/** `batch/<lane>/<number>` or `evidence/<id>`. */
const partNameSchema = z
  .string()
  .max(100)
  .regex(/^(?:batch\/(?:events|live|backlog|manifest)\/\d{1,9}|evidence\/[0-9a-f-]{36})$/);

export const bundlePartSchema = z.object({
  name: partNameSchema,
  bytes: z.number().int().min(0).max(maxBundleBytes),
  sha256: chainSchema,
});
export type BundlePart = z.infer<typeof bundlePartSchema>;

export const bundleHeaderSchema = z.object({
  v: z.literal(1),
  kind: z.literal('up'),
  id: idSchema,
  unitId: idSchema,
  /** By the unit's clock. */
  madeAt: epochMsSchema,
  software: z.string().max(64).optional(),
  streams: z.array(z.object({ lane: laneSchema, epoch: epochSchema, fromSeq: seqSchema, toSeq: seqSchema })).max(64),
  parts: z.array(bundlePartSchema).max(maxBundleParts),
});
export type BundleHeader = z.infer<typeof bundleHeaderSchema>;

/** The second line: over the bytes of the first, without its line feed. */
export const bundleSignatureSchema = z.object({
  algorithm: z.literal('ecdsa-p256-sha256'),
  /** DER, base64. */
  signature: z.string().min(1).max(1_024),
  /** Signer first, PEM. */
  certificates: z.array(z.string().max(16_384)).min(1).max(8),
});
export type BundleSignature = z.infer<typeof bundleSignatureSchema>;

/** The way back: what the cloud has after a bundle, and what it has to say. A line of JSON, and a line with the cloud's signature over it. */
export const receiptSchema = z.object({
  v: z.literal(1),
  kind: z.literal('down'),
  id: idSchema,
  bundleId: idSchema,
  unitId: idSchema,
  /** By the cloud's clock. Commands' `remainingMs` count from here. */
  madeAt: epochMsSchema,
  streams: z.array(streamCursorSchema).max(64),
  /** Files that the cloud has whole. */
  evidence: z.array(idSchema).max(maxReceiptEvidence),
  commands: z.array(downCommandSchema).max(maxReceiptCommands),
  trust: trustSchema,
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Before base64url of the raw deflate of a receipt's two lines: short enough for a QR code. */
export const receiptTextPrefix = 'HHR1.';
/** A text no longer than this is shown as one QR code. */
export const maxReceiptTextInQr = 2_048;

export const laneOfPart = (name: string): z.infer<typeof laneSchema> | undefined => {
  const [kind, lane] = name.split('/');
  const parsed = laneSchema.safeParse(lane);
  return kind === 'batch' && parsed.success ? parsed.data : undefined;
};

export const evidenceOfPart = (name: string): string | undefined => {
  const [kind, id] = name.split('/');
  return kind === 'evidence' ? id : undefined;
};
