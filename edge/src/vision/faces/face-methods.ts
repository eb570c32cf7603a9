import { labelSchema } from '@hallhub/shared';
import { epochMsSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import { faceOutcomes } from './face-book.js';
import { comparisonSchema } from './faces-contract.js';

const ref = z.string().min(1).max(200);
/** A file that the agent's user may read, some small bytes, or a camera's picture of now. */
const pictureSchema = z.union([
  z.strictObject({ file: z.string().min(1).max(4_096) }),
  z.strictObject({ base64: z.base64().min(1).max(700_000) }),
  z.strictObject({ camera: ref }),
]);
const outcome = z.enum(faceOutcomes);

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
      days: z.array(
        z.object({
          ...{ day: z.string(), same: z.number(), unsure: z.number(), different: z.number() },
          ...{ not_compared: z.number(), failed: z.number() },
        }),
      ),
      records: z.array(
        z.object({
          ...{ at: epochMsSchema, outcome, purpose: z.string(), reasons: z.array(z.string()) },
          ...{ person: z.string(), document: z.string(), deviceId: z.string().nullable() },
        }),
      ),
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
