import { labelSchema } from '@hallhub/shared';
import { z } from 'zod';
import { faceDaySchema, faceRecordSchema } from './face-book.js';
import { comparisonSchema } from './faces-contract.js';

/** Of each picture: two, and what stands around them, stay below `maxRequestBytes`. */
export const base64AtMost = 500_000;

const ref = z.string().min(1).max(200);
/** A file that the agent's user may read (from the root: the agent's own folder is another), some small bytes, or a camera's picture of now. */
const pictureSchema = z.union(
  [
    z.strictObject({ file: z.string().startsWith('/').max(4_096) }),
    z.strictObject({ base64: z.base64().min(1).max(base64AtMost) }),
    z.strictObject({ camera: ref }),
  ],
  { error: `one of file (from the root), base64 (at most ${base64AtMost} characters) and camera` },
);

/** Methods of the local API that are about comparing faces. */
export const faceMethods = {
  faces: {
    params: z.strictObject({}),
    result: z.object({
      state: z.enum(['off', 'no_model', 'ready']),
      reason: z.string().nullable(),
      hint: z.string().nullable(),
      purpose: labelSchema.nullable(),
      /** Nothing here tells a person from a photograph of one. */
      liveness: z.literal('not_checked'),
      kept: z.object({ pictures: z.literal(0), embeddings: z.literal(0) }),
      /** By the hall's days, the newest first. */
      days: z.array(faceDaySchema),
      records: z.array(faceRecordSchema.omit({ day: true, models: true }).extend({ deviceId: z.string().nullable() })),
    }),
    item: undefined,
  },
  'faces.compare': {
    params: z.strictObject({
      ...{ person: pictureSchema, document: pictureSchema },
      /** The kiosk it is done for. */
      device: ref.optional(),
    }),
    result: comparisonSchema.extend({ purpose: labelSchema, tookMs: z.number() }),
    item: undefined,
  },
} as const;
export type FaceLocalResult<M extends keyof typeof faceMethods> = z.infer<(typeof faceMethods)[M]['result']>;
