import { z } from 'zod';
import { epochMsSchema, idSchema } from '../wire/primitives.js';
import { boxSchema } from './geometry.js';

/** A tour through the views that stand at a preset, in their order. */
export const patrolSchema = z.strictObject({
  /** How long it stays; longer than the rules of the views take to begin. */
  dwellS: z.number().int().min(5).max(3_600).default(60),
  /** After the last time that somebody steered by hand. */
  resumeAfterS: z.number().int().min(10).max(3_600).default(120),
});
export type Patrol = z.infer<typeof patrolSchema>;

const speed = z.number().min(-1).max(1);
/** A browser that is gone stops nothing: what moves ends by itself after so long, and is said again before. */
const holdMs = z.number().int().min(100).max(2_000);
export const presetTokenSchema = z.string().min(1).max(64);

export const steerActionSchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('move'), pan: speed, tilt: speed, zoom: speed, holdMs }),
  z.strictObject({ what: z.literal('focus'), speed, holdMs }),
  /** Whatever moves. */
  z.strictObject({ what: z.literal('stop') }),
  z.strictObject({ what: z.literal('goto'), preset: presetTokenSchema }),
  /** Where it looks now: as a new preset, or in place of one. */
  z.strictObject({
    what: z.literal('save'),
    preset: presetTokenSchema.optional(),
    name: z.string().trim().min(1).max(64).optional(),
  }),
  z.strictObject({ what: z.literal('remove'), preset: presetTokenSchema }),
  /** One of `LiveSight.can.auxiliaries`. */
  z.strictObject({ what: z.literal('auxiliary'), command: z.string().min(1).max(64) }),
  /** Whoever steered has left. */
  z.strictObject({ what: z.literal('release') }),
]);
export type SteerAction = z.infer<typeof steerActionSchema>;

/** `down/steer`, docs/protocol.md 8.6: what somebody who looks at a camera does with it. */
export const downSteerSchema = z.object({
  v: z.literal(1),
  deviceId: idSchema,
  session: idSchema,
  /** When that session took the camera, by the cloud's clock: of two the later one steers. */
  since: epochMsSchema,
  /** Counts up in a session. */
  seq: z.number().int().min(0),
  /** Who, to be shown to others. */
  by: z.string().max(200),
  do: steerActionSchema,
  at: epochMsSchema,
});
export type DownSteer = z.infer<typeof downSteerSchema>;

/** `tracks` record: what the detector follows in one picture. */
export const liveTracksSchema = z.object({
  v: z.literal(1),
  /** When that picture was, by the unit's clock. */
  at: epochMsSchema,
  /** The same by the stream's media time, where the stream is shown as it came. */
  mediaMs: z.number().min(0).optional(),
  tracks: z
    .array(
      z.object({
        id: z.number().int(),
        label: z.string().max(64),
        confidence: z.number().min(0).max(1),
        box: boxSchema,
        /** Predicted, not seen in this picture. */
        lost: z.boolean().optional(),
      }),
    )
    .max(200),
});
export type LiveTracks = z.infer<typeof liveTracksSchema>;

/** `fixed`: nothing turns it. `elsewhere`: it stands, at no preset. `unknown`: it does not say. */
export const sightStates = ['fixed', 'at', 'moving', 'elsewhere', 'unknown'] as const;
export type SightState = (typeof sightStates)[number];

export const liveSightSchema = z.object({
  v: z.literal(1),
  state: z.enum(sightStates),
  preset: presetTokenSchema.optional(),
  /** Whose rules run now. */
  viewIds: z.array(idSchema).max(16),
  presets: z.array(z.object({ token: presetTokenSchema, name: z.string().max(100) })).max(300),
  /** What its profile and the camera itself offer. */
  can: z.object({
    move: z.boolean(),
    presets: z.boolean(),
    save: z.boolean(),
    remove: z.boolean(),
    focus: z.boolean(),
    auxiliaries: z.array(z.string().max(64)).max(16),
  }),
  patrol: z
    .object({
      state: z.enum(['going', 'dwelling', 'paused']),
      preset: presetTokenSchema.optional(),
      /** For so long, ms from now. */
      forMs: z.number().int().min(0).optional(),
    })
    .optional(),
  steering: z.object({ session: idSchema, by: z.string().max(200) }).optional(),
  /** What the camera said to the last action of a session. */
  refused: z.object({ session: idSchema, seq: z.number().int(), message: z.string().max(300) }).optional(),
});
export type LiveSight = z.infer<typeof liveSightSchema>;
