import { errorCodes } from '@hallhub/shared';
import { z } from 'zod';
import { streamAddressSchema } from '../pipeline/stream-address.js';
import { pictureKinds, qualityReasons } from './face-quality.js';

/** `not_compared`: a picture is not good enough, and says why. `unsure`: somebody has to look. */
export const verdicts = ['same', 'unsure', 'different', 'not_compared'] as const;

const pictureReportSchema = z.object({
  width: z.number(),
  height: z.number(),
  /** Faces that the finder is sure of; those behind are among them. */
  faces: z.number(),
  /** Empty: good enough to compare. */
  problems: z.array(
    z.object({ reason: z.enum(qualityReasons), measured: z.number().optional(), limit: z.number().optional() }),
  ),
  quality: z
    .object({
      ...{ eyesPx: z.number(), tiltDegrees: z.number(), turn: z.number() },
      ...{ brightness: z.number(), contrast: z.number(), sharpness: z.number() },
    })
    .nullable(),
});
export type PictureReport = z.infer<typeof pictureReportSchema>;

/** What becomes of a comparison: no picture, no points and no numbers of a face. */
export const comparisonSchema = z.object({
  verdict: z.enum(verdicts),
  /** 0 to 1; null: not compared. */
  likeness: z.number().min(0).max(1).nullable(),
  /** From `same` on they are one person; below `different` two. */
  thresholds: z.object({ same: z.number(), different: z.number() }),
  /** `same_photograph`: both are one shot, whoever is on it; then the verdict is never `same`. */
  notes: z.array(z.enum(['same_photograph'])),
  pictures: z.object({ person: pictureReportSchema, document: pictureReportSchema }),
  /** Nothing here tells a person from a photograph of one. */
  liveness: z.literal('not_checked'),
  models: z.array(z.object({ role: z.enum(['face', 'face-embedding']), id: z.string(), sha256: z.string() })),
});
export type FaceComparison = z.infer<typeof comparisonSchema>;

/** Where a picture comes from. */
export const faceSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bytes'),
    bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes'),
  }),
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1).max(4_096) }),
  /** The camera's picture of now. */
  z.strictObject({ kind: z.literal('camera'), address: streamAddressSchema, ffmpeg: z.string().max(4_096) }),
]);
export type FaceSource = z.infer<typeof faceSourceSchema>;

export const toFacesChildSchema = z.strictObject({
  id: z.number().int(),
  modelsFolder: z.string(),
  catalogueAt: z.string().optional(),
  person: faceSourceSchema,
  document: faceSourceSchema,
});
export type ToFacesChild = z.infer<typeof toFacesChildSchema>;

export const fromFacesChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('done'), id: z.number(), comparison: comparisonSchema }),
  z.object({
    type: z.literal('failed'),
    id: z.number(),
    error: z.object({
      code: z.enum(errorCodes),
      message: z.string(),
      hint: z.string().optional(),
      /** Whose picture it is about. */
      picture: z.enum(pictureKinds).optional(),
    }),
  }),
]);
export type FromFacesChild = z.infer<typeof fromFacesChildSchema>;
