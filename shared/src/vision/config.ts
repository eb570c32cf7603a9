import { z } from 'zod';
import { idSchema } from '../wire/primitives.js';
import { visionRuleSchema } from './rules.js';
import { patrolSchema } from './turning.js';

/** What it asks for in one go. */
export const maxCamerasOfUnit = 64;
export const maxViews = 10;
export const maxRulesOfView = 32;

/** Where a camera looks: a fixed one has one view, one that turns has one for each preset that is watched. */
export const cameraViewSchema = z.strictObject({
  id: idSchema,
  name: z.string().trim().min(1).max(100),
  /** ONVIF preset token; left out: as the camera stands. */
  preset: z.string().min(1).max(64).optional(),
  rules: z.array(visionRuleSchema).max(maxRulesOfView).default([]),
});
export type CameraView = z.infer<typeof cameraViewSchema>;

export const overlayFields = ['place', 'camera', 'time', 'rule', 'code', 'number', 'direction', 'position'] as const;

export const overlaySizesPx = [16, 32, 48, 64, 128] as const;

/** The text on pictures of evidence; band 'none' leaves the picture alone and puts no text. */
export const overlaySchema = z
  .strictObject({
    band: z.enum(['none', 'above', 'on', 'below']).default('below'),
    fields: z.array(z.enum(overlayFields)).default(['place', 'camera', 'time', 'rule', 'code']),
    sizePx: z.union([z.literal(16), z.literal(32), z.literal(48), z.literal(64), z.literal(128)]).default(32),
    colour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/)
      .default('#ffffff'),
    /** `four`: beside overview and close-up, both and two earlier overviews in one picture. */
    layout: z.enum(['single', 'four']).default('single'),
  })
  .prefault({});
export type Overlay = z.infer<typeof overlaySchema>;

/** What the unit does with one camera's pictures. */
export const cameraVisionSchema = z.strictObject({
  deviceId: idSchema,
  enabled: z.boolean().default(true),
  /** Why people are filmed here; shown on the privacy receipt. */
  purpose: z.string().trim().max(500).default(''),
  /** Pictures a second that are looked at, at most: less where the machine does not carry it. */
  analysisFps: z.number().min(0.2).max(15).default(5),
  /** Of the ring on the unit; 0: nothing is recorded, and clips have no time before. */
  recordHours: z.number().min(0).max(2_160).default(24),
  overlay: overlaySchema,
  views: z.array(cameraViewSchema).max(maxViews).default([]),
  /** Left out: it stays where it was left. */
  patrol: patrolSchema.optional(),
});
export type CameraVision = z.infer<typeof cameraVisionSchema>;

/** docs/protocol.md 8.1: what the cloud wants a unit to watch. `version` changes whenever the rest does. */
export const visionConfigSchema = z.object({
  v: z.literal(1),
  version: z.string().min(1).max(64),
  /** IANA name of the hall's zone. */
  zone: z.string().min(1).max(64),
  placeName: z.string().max(200),
  /** Of the place, WGS-84. */
  position: z.object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).optional(),
  cameras: z.array(cameraVisionSchema).max(maxCamerasOfUnit),
});
export type VisionConfig = z.infer<typeof visionConfigSchema>;
