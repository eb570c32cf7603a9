import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { literalSchema, transformShape } from './transform-schema.js';

/** Facts that the ONVIF adapter can read; each maps to a property. */
export const onvifFactSchema = z.enum([
  'device.firmware',
  'device.serialNumber',
  'device.hardwareId',
  'clock.skewMs',
  'media.profileCount',
  'media.width',
  'media.height',
  'media.encoding',
  'media.frameRate',
  'media.bitrateKbps',
  'media.streamReachable',
  'ptz.pan',
  'ptz.tilt',
  'ptz.zoom',
]);
export type OnvifFact = z.infer<typeof onvifFactSchema>;

/** Operations that the ONVIF adapter offers; the command's input fields carry the same names. */
export const onvifActionSchema = z.enum([
  'snapshot',
  'streamUri',
  'ptz.continuousMove',
  'ptz.relativeMove',
  'ptz.absoluteMove',
  'ptz.stop',
  'ptz.gotoPreset',
  'ptz.setPreset',
  'ptz.gotoHome',
  'device.reboot',
  'device.syncTime',
]);
export type OnvifAction = z.infer<typeof onvifActionSchema>;

const simpleItem = z.string().min(1).max(64).describe('Name of a SimpleItem of the message.');

/** A notification: topic without prefixes, such as RuleEngine/CellMotionDetector/Motion. */
const notificationShape = {
  topic: z
    .string()
    .regex(/^[A-Za-z0-9]+(?:\/[A-Za-z0-9]+)*$/, 'a topic without namespace prefixes, such as VideoSource/MotionAlarm')
    .describe('Topic without namespace prefixes.'),
} as const;

export const onvifBindingSchema = z.strictObject({
  capabilities: z.array(z.enum(['profiles', 'snapshot', 'ptz', 'events', 'imaging'])).min(1),
  everyMs: z.int().min(1_000).max(86_400_000).default(30_000).describe('How often the facts are read.'),
  properties: z
    .record(
      thingIdSchema,
      z.union([
        z.strictObject({ fact: onvifFactSchema, ...transformShape }),
        z.strictObject({ ...notificationShape, item: simpleItem, ...transformShape }),
      ]),
    )
    .default({}),
  events: z
    .record(
      thingIdSchema,
      z.strictObject({
        ...notificationShape,
        when: z.strictObject({ item: simpleItem, equals: literalSchema }).optional(),
        fields: z.record(thingIdSchema, z.strictObject({ item: simpleItem, ...transformShape })).default({}),
      }),
    )
    .default({}),
  commands: z.record(thingIdSchema, z.strictObject({ action: onvifActionSchema })).default({}),
});
export type OnvifBinding = z.infer<typeof onvifBindingSchema>;
