import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { onvifActionSchema, onvifCapabilitySchema } from './onvif-actions.js';
import { literalSchema, transformShape } from './transform-schema.js';

/** Facts that the ONVIF adapter can read; each maps to a property. Only what a profile maps is asked for. */
export const onvifFactSchema = z.enum([
  'device.firmware',
  'device.serialNumber',
  'device.hardwareId',
  'device.hostname',
  'device.macAddress',
  'device.endpoint',
  'clock.skewMs',
  'clock.source',
  'media.service',
  'media.profileCount',
  'media.profiles',
  'media.width',
  'media.height',
  'media.encoding',
  'media.frameRate',
  'media.bitrateKbps',
  'media.sub.width',
  'media.sub.height',
  'media.sub.encoding',
  'media.sub.frameRate',
  'media.sub.bitrateKbps',
  'media.audio',
  'media.audioEncoding',
  'media.streamReachable',
  'media.streamTcp',
  'media.streamUdp',
  'media.snapshotReachable',
  'ptz.pan',
  'ptz.tilt',
  'ptz.zoom',
  'ptz.moving',
  'ptz.presetCount',
  'ptz.presets',
  'imaging.brightness',
  'imaging.contrast',
  'imaging.saturation',
  'imaging.sharpness',
  'imaging.irCutFilter',
  'imaging.wideDynamicRange',
  'imaging.backlight',
  'io.relayCount',
  'io.inputCount',
]);
export type OnvifFact = z.infer<typeof onvifFactSchema>;

/** Facts that can be set as well: a property that maps one may say `write: true`. */
export const onvifWritableFacts: readonly OnvifFact[] = onvifFactSchema.options.filter(
  (fact) => fact === 'device.hostname' || fact.startsWith('imaging.'),
);

const itemName = z.string().min(1).max(64);
/** Makers name the same thing differently: of a list, the first that the message has is taken. */
const simpleItem = z
  .union([itemName, z.array(itemName).min(1).max(8)])
  .describe('Name of a SimpleItem of the message, or several names of which the first present is taken.');

const topic = z
  .string()
  .max(300)
  .regex(
    /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/,
    'a topic without namespace prefixes, such as VideoSource/MotionAlarm',
  )
  .describe('Topic without namespace prefixes.');

/** Which notifications: one topic or several, and of those only the ones whose items are as `where` says. */
const notificationShape = {
  topic: topic.optional(),
  topics: z.array(topic).min(1).max(16).optional().describe('Several topics that say the same.'),
  where: z
    .record(itemName, literalSchema)
    .optional()
    .describe('Items the message must have, such as {"RelayToken": "1"}: tells two relays or rules apart.'),
} as const;

const hasTopic = (one: { topic?: string | undefined; topics?: string[] | undefined }): boolean =>
  (one.topic === undefined) !== (one.topics === undefined);
const topicIssue = 'name either topic or topics';

export const onvifBindingSchema = z.strictObject({
  capabilities: z.array(onvifCapabilitySchema).min(1),
  everyMs: z.int().min(1_000).max(86_400_000).default(30_000).describe('How often the facts are read.'),
  properties: z
    .record(
      thingIdSchema,
      z.union([
        z.strictObject({
          fact: onvifFactSchema,
          write: z.boolean().optional().describe('The property can be set: imaging settings and the host name.'),
          ...transformShape,
        }),
        z.strictObject({ ...notificationShape, item: simpleItem, ...transformShape }).refine(hasTopic, topicIssue),
      ]),
    )
    .default({}),
  events: z
    .record(
      thingIdSchema,
      z
        .strictObject({
          ...notificationShape,
          when: z
            .strictObject({ item: simpleItem, equals: literalSchema })
            .optional()
            .describe('A state: the event comes when the item becomes this, not each time a camera repeats it.'),
          fields: z.record(thingIdSchema, z.strictObject({ item: simpleItem, ...transformShape })).default({}),
        })
        .refine(hasTopic, topicIssue),
    )
    .default({}),
  commands: z
    .record(
      thingIdSchema,
      z.strictObject({
        action: onvifActionSchema,
        with: z
          .record(z.string().max(48), literalSchema)
          .optional()
          .describe('Arguments that the command always has, such as {"token": "1", "on": true}.'),
      }),
    )
    .default({}),
});
export type OnvifBinding = z.infer<typeof onvifBindingSchema>;
