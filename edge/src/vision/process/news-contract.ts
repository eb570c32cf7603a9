import { evidenceRoles } from '@hallhub/shared/vision';
import { idSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import type { WatchNews } from '../vision-worker.js';

const id = idSchema;
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const size = z.looseObject({ width: z.number().min(1), height: z.number().min(1) });

const kept = z.looseObject({
  viewId: z.string(),
  rules: z.array(z.looseObject({ open: z.array(z.looseObject({ episodeId: id })) })),
});

const episode = { episodeId: id, rule: z.looseObject({ id }), seen: z.array(z.looseObject({})), startedAt: z.number() };

const outcome = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('began'), ...episode }),
  z.looseObject({ kind: z.literal('once'), ...episode }),
  z.looseObject({ kind: z.literal('ended'), ...episode, endedAt: z.number() }),
  z.looseObject({ kind: z.literal('flow'), flow: z.looseObject({ ruleId: id, minute: z.number() }) }),
  z.looseObject({ kind: z.literal('heat'), heat: z.looseObject({ viewId: id, hour: z.number() }) }),
]);

const file = z.looseObject({
  role: z.enum(evidenceRoles),
  file: z.string().min(1),
  bytes: count,
  sha256: hash,
  sm3: hash,
});

export const madePicturesSchema = z.looseObject({
  files: z.array(file).max(8),
  faces: z.string(),
  picture: size,
  problem: z.string().optional(),
});

/**
 * What the agent does something with, checked: the child runs decoders and models over what cameras send, and what it says when one of
 * them has gone astray must not take the hall with it. The rest passes as it is: both are of one build.
 */
export const newsSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    ...{ kind: z.literal('outcomes'), cameraId: id, viewId: z.string(), atMs: z.number(), kept },
    ...{ outcomes: z.array(outcome).max(4_096), people: z.array(box).max(4_096), picture: size },
    models: z.array(z.looseObject({ id: z.string(), sha256: z.string() })),
  }),
  z.looseObject({ kind: z.literal('kept'), cameraId: id, kept }),
  z.looseObject({
    ...{ kind: z.literal('pictures'), episodeId: id, made: madePicturesSchema.optional() },
    problem: z.string().optional(),
  }),
  z.looseObject({
    ...{ kind: z.literal('clip'), episodeId: id, problem: z.string().optional() },
    made: z.looseObject({ file, faces: z.string() }).optional(),
  }),
]) as unknown as z.ZodType<WatchNews>;
