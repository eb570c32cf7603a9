import { recordedSpanSchema, visionConfigSchema } from '@hallhub/shared/vision';
import { chainSchema, epochMsSchema, idSchema, jsonObjectSchema } from '@hallhub/shared/wire';
import { z } from 'zod';

const words = z.string().nullable();
const time = epochMsSchema.nullable();

const statusSchema = z.object({
  config: z.object({
    source: z.enum(['cloud', 'file']).nullable(),
    version: words,
    at: time,
    askedAt: time,
    problem: words,
  }),
  process: z.object({
    state: z.enum(['off', 'starting', 'running', 'waiting']),
    restarts: z.number(),
    pid: z.number().nullable(),
    memoryBytes: z.number().nullable(),
    reason: words,
    hint: words,
  }),
  inference: z
    .object({ model: z.string(), p50Ms: z.number(), p95Ms: z.number(), waiting: z.number(), skipped: z.number() })
    .nullable(),
  hasChineseFont: z.boolean().nullable(),
  clips: z.enum(['reduced', 'none', 'clear']),
  /** Findings that wait for pictures, a clip or their end. */
  waiting: z.number(),
  cameras: z.array(
    z.object({
      cameraId: idSchema,
      name: z.string(),
      enabled: z.boolean(),
      rules: z.number(),
      state: z.enum([
        'starting',
        'watching',
        'no_pictures',
        'no_model',
        'stopped',
        'unknown_device',
        'no_address',
        'disabled',
      ]),
      reason: words,
      hint: words,
      fps: z.number(),
      skipped: z.number(),
      people: z.number(),
      health: words,
      /** Of a camera that turns; null: nothing turns it. */
      sight: z
        .object({
          state: z.enum(['at', 'moving', 'elsewhere', 'unknown']),
          preset: words,
          since: epochMsSchema,
          patrol: z.enum(['going', 'dwelling', 'paused']).nullable(),
          /** Who has it in hand. */
          by: words,
          problem: words,
        })
        .nullable(),
      recording: z
        .object({
          bytes: z.number(),
          oldestAt: z.number().nullable(),
          newestAt: z.number().nullable(),
          droppedFragments: z.number(),
          problem: words,
        })
        .nullable(),
    }),
  ),
});

const ruleSchema = z.object({
  ...{ cameraId: idSchema, camera: z.string(), view: z.string(), ruleId: idSchema, name: z.string() },
  ...{ algorithm: z.string(), severity: z.string(), enabled: z.boolean(), experimental: z.boolean() },
  ...{
    minConfidence: z.number(),
    forMs: z.number(),
    coolDownMs: z.number(),
    clip: z.boolean(),
    facesClearBecause: words,
  },
});

const findingSchema = z.object({
  ...{ episodeId: idSchema, number: z.string(), at: epochMsSchema, cameraId: idSchema, camera: z.string() },
  ...{
    rule: z.string(),
    phase: z.string(),
    startedAt: epochMsSchema,
    endedAt: time,
    files: z.number(),
    faces: z.string(),
  },
});

const verificationSchema = z.object({
  ...{ episodeId: idSchema, number: z.string(), cameraId: idSchema, rule: z.string(), startedAt: epochMsSchema },
  verdict: z.enum(['right', 'changed', 'unsigned', 'unproven']),
  file: z
    .object({ sha256: z.string(), sm3: z.string(), role: z.string(), state: z.enum(['right', 'changed']) })
    .optional(),
  rows: z.array(
    z.object({
      rowId: idSchema,
      phase: z.string(),
      chain: z.enum(['linked', 'first', 'not_kept']),
      isInChain: z.boolean(),
      certificate: z.object({ serial: z.string(), from: z.number(), to: z.number() }).nullable(),
      isUnchanged: z.boolean(),
      signature: z.enum(['right', 'wrong', 'unsigned', 'unknown']),
      follows: z.boolean().nullable(),
      files: z.array(z.object({ id: idSchema, state: z.enum(['right', 'changed', 'absent']) })),
    }),
  ),
});

const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({
  params,
  result,
  item: undefined,
});
const nothing = z.strictObject({});

/** Methods of the local API that are about vision. */
export const visionMethods = {
  vision: method(nothing, statusSchema),
  'vision.rules': method(nothing, z.object({ rules: z.array(ruleSchema) })),
  'vision.findings': method(
    z.strictObject({ limit: z.number().int().min(1).max(1_000).default(50) }),
    z.object({ findings: z.array(findingSchema) }),
  ),
  /** What holds now; null: nothing was ever set up. */
  'vision.export': method(nothing, z.object({ config: visionConfigSchema.nullable() })),
  'vision.import': method(
    z.strictObject({ config: jsonObjectSchema }),
    z.object({ version: z.string(), cameras: z.number(), rules: z.number() }),
  ),
  /** What is recorded, of one camera or of each that has a recording. */
  'vision.recordings': method(
    z.strictObject({
      camera: z.string().min(1).max(200).optional(),
      from: epochMsSchema,
      to: epochMsSchema.optional(),
    }),
    z.object({
      /** Of the hall; null: nothing is set up. */
      zone: words,
      cameras: z.array(
        z.object({
          ...{ cameraId: idSchema, name: z.string(), oldestAt: time, newestAt: time },
          /** Where its files lie. */
          folder: z.string(),
          spans: z.array(recordedSpanSchema),
        }),
      ),
    }),
  ),
  /** Somebody at the unit took a file: for the log. */
  'vision.saved': method(
    z.strictObject({
      ...{ cameraId: idSchema, from: epochMsSchema, to: epochMsSchema, bytes: z.number().int().min(0) },
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    nothing,
  ),
  /** An event by its id or number, or a file by its hashes: whoever asks reads it, the agent opens no file by its name. */
  'vision.verify': method(
    z.union([
      z.strictObject({ event: z.string().min(1).max(64) }),
      z.strictObject({ file: z.strictObject({ sha256: chainSchema, sm3: chainSchema }) }),
    ]),
    verificationSchema,
  ),
} as const;
export type VisionLocalResult<M extends keyof typeof visionMethods> = z.infer<(typeof visionMethods)[M]['result']>;
