import { z } from 'zod';
import { epochMsSchema, idSchema } from '../wire/primitives.js';
import { maxCamerasOfUnit } from './config.js';

export const watchStates = [
  ...(['starting', 'watching', 'no_pictures', 'no_model', 'stopped'] as const),
  ...(['unknown_device', 'no_address', 'disabled'] as const),
] as const;
export type CameraWatchState = (typeof watchStates)[number];

const words = z.string().max(500).nullable();
const count = z.number().int().min(0);

/** docs/protocol.md 8.1, `POST /unit/v1/vision`: by what a unit works, and how each camera fares. Whole each time: the newest counts. */
export const visionReportSchema = z.object({
  v: z.literal(1),
  at: epochMsSchema,
  config: z.object({
    source: z.enum(['cloud', 'file']).nullable(),
    /** Of what it works by. */
    version: z.string().max(64).nullable(),
    /** Since when. */
    appliedAt: epochMsSchema.nullable(),
    /** Why it did not take something newer. */
    problem: words,
  }),
  process: z.object({
    state: z.enum(['off', 'starting', 'running', 'waiting']),
    restarts: count,
    reason: words,
    hint: words,
  }),
  /** Cameras it looks after at most, and those it does. */
  slots: z.object({ most: count, used: count }),
  /** Null: there is none, or it has looked at nothing yet. */
  detector: z
    .object({ model: z.string().max(64), p50Ms: z.number().min(0), p95Ms: z.number().min(0), skipped: count })
    .nullable(),
  cameras: z
    .array(
      z.object({
        deviceId: idSchema,
        state: z.enum(watchStates),
        /** Null: not known. */
        since: epochMsSchema.nullable(),
        reason: words,
        hint: words,
        /** Pictures a second that were looked at lately. */
        fps: z.number().min(0),
        /** What is wrong with its picture: `black`, `frozen` and the like. */
        health: z.string().max(32).nullable(),
        /** Of the ring: since when there is something in it. Null: nothing is recorded. */
        recordedFrom: epochMsSchema.nullable(),
        /** By day of the hall: pictures that were looked at. Counts of a day only grow. */
        days: z.array(z.object({ day: z.iso.date(), looked: count })).max(8),
      }),
    )
    .max(maxCamerasOfUnit),
});
export type VisionReport = z.infer<typeof visionReportSchema>;

/** `down/vision`: there is something new to ask for. Lost without harm: it is asked for every minute. */
export const downVisionSchema = z.object({ v: z.literal(1), at: epochMsSchema });
