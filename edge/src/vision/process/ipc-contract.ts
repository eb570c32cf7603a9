import { cameraVisionSchema, liveForms } from '@hallhub/shared/vision';
import { z } from 'zod';
import { liveOrderSchema } from '../live/live-order.js';
import { sourceReasons, sourceStates } from '../pipeline/source-state.js';
import { streamAddressSchema } from '../pipeline/stream-address.js';
import type { EngineSnapshot } from '../rules/index.js';
import type { LiveExtras, Sight } from '../turning/sight-in-child.js';
import type { ClipOrder } from '../vision-worker.js';
import { newsSchema } from './news-contract.js';

/** Made and read by the same build: that it is an object is all that has to be known where it only passes through. */
const passed = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);
const id = z.uuid();
const count = z.number().int().min(0);
const epochMs = z.number().int();

export const watchSettingsSchema = z.strictObject({
  zone: z.string().min(1),
  placeName: z.string(),
  position: z.object({ lat: z.number(), lon: z.number() }).optional(),
  cameras: z
    .array(
      z.strictObject({
        cameraId: id,
        name: z.string(),
        source: streamAddressSchema,
        vision: cameraVisionSchema,
        kept: z.array(passed<EngineSnapshot>()),
      }),
    )
    .max(64),
  modelsFolder: z.string().min(1),
  folder: z.string().min(1),
  recording: z.strictObject({ maxBytes: z.number().min(0), minFreeBytes: z.number().min(0) }),
  clips: z.enum(['reduced', 'none', 'clear']),
  ffmpeg: z.string().min(1),
  overlayKey: z.string(),
});

export const toChildSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('settings'), settings: watchSettingsSchema }),
  z.strictObject({ type: z.literal('facts'), facts: z.record(z.string(), z.boolean()) }),
  z.strictObject({ type: z.literal('clip'), order: passed<ClipOrder>() }),
  /** The agent's time: the child's rows have to carry the same. */
  z.strictObject({ type: z.literal('beat'), atMs: epochMs }),
  z.strictObject({ type: z.literal('live'), order: liveOrderSchema }),
  z.strictObject({ type: z.literal('live_end'), cameraId: id, form: z.enum(liveForms) }),
  /** Where it looks; null: nothing turns it. */
  z.strictObject({ type: z.literal('sight'), cameraId: id, sight: passed<Sight>().nullable() }),
  z.strictObject({ type: z.literal('extras'), cameraId: id, extras: passed<LiveExtras>() }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ToChild = z.infer<typeof toChildSchema>;

const spread = z.object({ p50: z.number(), p95: z.number() });

export const cameraBeatSchema = z.object({
  cameraId: id,
  source: z.object({
    state: z.enum(sourceStates),
    since: epochMs,
    reason: z.enum(sourceReasons).optional(),
    detail: z.string().optional(),
  }),
  stream: z.object({
    starts: count,
    picturesPerSecond: z.number(),
    streamFps: z.number(),
    streamKbps: z.number(),
    decodeErrors: count,
    isRecordable: z.boolean(),
    isHardware: z.boolean(),
  }),
  /** Pictures a second that the detector looked at. */
  fps: z.number(),
  /** Since this camera’s watching began. */
  looked: count.default(0),
  /** What it may have of the detector's time. */
  allowedFps: z.number(),
  /** Of pictures in which something moved. */
  motionShare: z.number(),
  skipped: count,
  failed: count,
  people: count,
  tracks: count,
  health: z.string().nullable(),
  width: count.optional(),
  height: count.optional(),
  /** What of it somebody looks at: pictures sent, and left out because the line did not carry them. */
  live: z.array(z.object({ form: z.enum(liveForms), sent: count, leftOut: count })).default([]),
  recording: z
    .object({
      segments: count,
      bytes: count,
      oldestMs: z.number().optional(),
      newestMs: z.number().optional(),
      droppedFragments: count,
      problem: z.string().optional(),
    })
    .optional(),
});
export type CameraBeat = z.infer<typeof cameraBeatSchema>;

export const beatSchema = z.object({
  type: z.literal('beat'),
  memoryBytes: count,
  /** How late the child's own second was: its loop was busy for so long. */
  lateMs: z.number(),
  detector: z
    .object({
      model: z.string(),
      inferenceMs: spread.optional(),
      waitMs: spread.optional(),
      waiting: count,
      skipped: count,
      failed: count,
      /** Of the detector's time that is given out, what was found to be there. */
      trust: z.number(),
    })
    .optional(),
  absent: z.object({ message: z.string(), hint: z.string() }).optional(),
  cameras: z.array(cameraBeatSchema),
});
export type Beat = z.infer<typeof beatSchema>;

export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  beatSchema,
  z.object({ type: z.literal('news'), news: newsSchema }),
  z.object({
    type: z.literal('fault'),
    code: z.string(),
    message: z.string(),
    context: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()),
  }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;
