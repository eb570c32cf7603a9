import { z } from 'zod';
import { idSchema, nameSchema } from '../wire/primitives.js';
import { severities } from '../wire/rows.js';
import { lineSchema, polygonSchema } from './geometry.js';

const labelName = z.string().regex(/^[a-z][a-z0-9 _-]{0,63}$/, 'a label of the model, in lower case');
const durationMs = (least: number, most: number) => z.number().int().min(least).max(most);
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'hh:mm');

/** In the hall's zone. A time before `from` means the next day: 22:00 to 06:00. */
export const timeTemplateSchema = z
  .array(
    z.strictObject({
      /** 1 Monday to 7 Sunday. */
      days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
      from: timeOfDay,
      to: timeOfDay,
    }),
  )
  .max(16);
export type TimeTemplate = z.infer<typeof timeTemplateSchema>;

/** Holds while a value of a device of the hall is this: a counter that is signed on, a door that is open. */
export const factSchema = z.strictObject({
  deviceId: idSchema,
  property: nameSchema,
  equals: z.union([z.string().max(200), z.number(), z.boolean()]),
});
export type Fact = z.infer<typeof factSchema>;

const base = {
  id: idSchema,
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean().default(true),
  severity: z.enum(severities).default('notice'),
  /** Left out: always. */
  times: timeTemplateSchema.optional(),
  /** All have to hold. */
  facts: z.array(factSchema).max(4).default([]),
  minConfidence: z.number().min(0.05).max(0.99).default(0.5),
  /** Height of what is seen, as a share of the picture's. */
  minHeight: z.number().min(0).max(1).default(0),
  /** How long it has to be so before it counts. */
  forMs: durationMs(0, 86_400_000).default(0),
  /** From the end of one to the beginning of the next. */
  coolDownMs: durationMs(0, 86_400_000).default(60_000),
  clip: z
    .strictObject({ beforeMs: durationMs(0, 30_000).default(10_000), afterMs: durationMs(0, 60_000).default(10_000) })
    .optional(),
  /** Faces in what leaves the hall are blurred unless somebody wrote down why not. */
  facesClearBecause: z.string().trim().min(1).max(500).optional(),
} as const;

const zone = polygonSchema;
const labels = z.array(labelName).min(1).max(32).default(['person']);
const inZone = { ...base, zone, labels } as const;
const anywhere = { ...base, zone: zone.optional(), labels } as const;

/** What a camera is watched for; `algorithm` says which. Durations in ms, places as fractions of the picture. */
export const visionRuleSchema = z.discriminatedUnion('algorithm', [
  /** Nobody in the zone for `forMs`. */
  z.strictObject({ ...inZone, algorithm: z.literal('absence') }),
  /** More than `most` in the zone. */
  z.strictObject({ ...inZone, algorithm: z.literal('crowding'), most: z.number().int().min(1).max(500) }),
  /** More than `most` standing in the zone: slower than a twentieth of their height a second. */
  z.strictObject({ ...inZone, algorithm: z.literal('queue_length'), most: z.number().int().min(1).max(500) }),
  /** Somebody whose feet are in the zone. */
  z.strictObject({ ...inZone, algorithm: z.literal('intrusion') }),
  /** Counts who crosses, each way; told as flow. */
  z.strictObject({ ...base, labels, algorithm: z.literal('line_count'), line: lineSchema }),
  /** Somebody crosses; `both` or one way. */
  z.strictObject({
    ...base,
    labels,
    algorithm: z.literal('line_cross'),
    line: lineSchema,
    way: z.enum(['in', 'out', 'both']).default('both'),
  }),
  /** One and the same stays in the zone for `forMs`. */
  z.strictObject({ ...inZone, algorithm: z.literal('loitering') }),
  /** How many are in the zone and how long they stay; told as flow. */
  z.strictObject({ ...inZone, algorithm: z.literal('dwell') }),
  /** By pose. */
  z.strictObject({ ...anywhere, algorithm: z.literal('fall') }),
  z.strictObject({ ...inZone, algorithm: z.literal('object_left') }),
  z.strictObject({ ...inZone, algorithm: z.literal('object_removed') }),
  /** Faster than `heightsPerSecond` of one's own heights. */
  z.strictObject({
    ...anywhere,
    algorithm: z.literal('running'),
    heightsPerSecond: z.number().min(0.5).max(10).default(1.5),
  }),
  /** Nobody in the zone by `opensAt` + `graceMs`, or before `closesAt` - `graceMs`. */
  z.strictObject({
    ...inZone,
    algorithm: z.literal('hours_kept'),
    opensAt: timeOfDay,
    closesAt: timeOfDay,
    graceMs: durationMs(0, 7_200_000).default(300_000),
  }),
  /** Whose torso is of none of the colours: CIE L*a*b*, `within` as delta E 76. */
  z.strictObject({
    ...inZone,
    algorithm: z.literal('uniform'),
    colours: z
      .array(z.tuple([z.number().min(0).max(100), z.number().min(-128).max(127), z.number().min(-128).max(127)]))
      .min(1)
      .max(8),
    within: z.number().min(5).max(80).default(28),
  }),
  z.strictObject({ ...anywhere, algorithm: z.literal('phone_use') }),
  z.strictObject({ ...anywhere, algorithm: z.literal('sleeping') }),
  /** The camera itself: black, frozen, covered, moved or blurred. */
  z.strictObject({
    ...base,
    algorithm: z.literal('tamper'),
    kinds: z
      .array(z.enum(['black', 'frozen', 'covered', 'moved', 'blurred']))
      .min(1)
      .default(['black', 'frozen', 'covered', 'moved', 'blurred']),
  }),
]);
export type VisionRule = z.infer<typeof visionRuleSchema>;
export type VisionAlgorithm = VisionRule['algorithm'];
export type RuleOf<A extends VisionAlgorithm> = Extract<VisionRule, { algorithm: A }>;

export const visionAlgorithms = visionRuleSchema.options.map((option) => option.shape.algorithm.value);

/** No footage with people in it proves these yet: they say so wherever they are shown. */
export const experimentalAlgorithms: ReadonlySet<VisionAlgorithm> = new Set<VisionAlgorithm>([
  ...(['fall', 'running', 'object_left', 'object_removed', 'uniform', 'phone_use', 'sleeping'] as const),
]);
