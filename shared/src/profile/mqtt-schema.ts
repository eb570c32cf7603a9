import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { literalSchema, transformShape } from './transform-schema.js';

const topicTemplate = z
  .string()
  .min(1)
  .max(250)
  .refine((topic) => !/[\0#]/.test(topic), 'a topic template has no # and no NUL')
  .describe('Topic; {device} is the device’s own name, a + level matches anything.');

const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~0|~1)*)*$/, 'a JSON pointer is empty or starts with /')
  .max(200)
  .describe('JSON pointer (RFC 6901) into the payload.');

/** Where in a message a value lies. With neither pointer nor column the whole payload is the value. */
export const messagePickSchema = z
  .strictObject({
    pointer: pointer.optional(),
    column: z.int().min(0).max(255).optional().describe('Field of a CSV line, from 0.'),
    optional: z.boolean().default(false).describe('Its absence is no error.'),
    ...transformShape,
  })
  .refine((pick) => pick.pointer === undefined || pick.column === undefined, 'a pointer or a column, not both');
export type MessagePick = z.infer<typeof messagePickSchema>;

export const messageConditionSchema = z.strictObject({
  pointer: pointer.optional(),
  column: z.int().min(0).max(255).optional(),
  equals: literalSchema.optional(),
  oneOf: z.array(literalSchema).min(1).max(64).optional(),
  present: z.boolean().optional(),
});
export type MessageCondition = z.infer<typeof messageConditionSchema>;

export const mqttMessageSchema = z.strictObject({
  topic: topicTemplate,
  format: z.enum(['json', 'csv', 'text']).default('json'),
  separator: z.string().length(1).default(','),
  when: messageConditionSchema.optional().describe('The message is used only where this holds.'),
  timestamp: z
    .strictObject({
      pointer: pointer.optional(),
      column: z.int().min(0).max(255).optional(),
      format: z.enum(['iso', 'epochS', 'epochMs']).describe('iso without an offset is read with offsetMinutes.'),
      offsetMinutes: z.int().min(-840).max(840).default(0).describe('Offset from UTC of an iso time that states none.'),
    })
    .optional(),
  properties: z.record(thingIdSchema, messagePickSchema).default({}),
  events: z
    .record(
      thingIdSchema,
      z.strictObject({
        when: messageConditionSchema.optional(),
        fields: z.record(thingIdSchema, messagePickSchema).default({}),
      }),
    )
    .default({}),
});
export type MqttMessage = z.infer<typeof mqttMessageSchema>;

export const publishSchema = z.strictObject({
  topic: topicTemplate,
  payload: z
    .json()
    .describe('Text with {field} in it, or JSON in which the text "{field}" alone becomes the typed value.'),
  qos: z.union([z.literal(0), z.literal(1)]).default(1),
  retain: z.boolean().default(false),
});
export type Publish = z.infer<typeof publishSchema>;

const replySchema = z.strictObject({
  topic: topicTemplate,
  format: z.enum(['json', 'csv', 'text']).default('json'),
  when: messageConditionSchema.optional().describe('Which message on the topic is the answer.'),
  failed: messageConditionSchema.optional().describe('The answer says no where this holds.'),
  output: z.record(thingIdSchema, messagePickSchema).default({}),
});
export type MqttReply = z.infer<typeof replySchema>;

export const mqttMappedSchema = z.strictObject({
  native: z.literal(false).default(false),
  messages: z.array(mqttMessageSchema).min(1).max(64),
  presence: z
    .strictObject({ topic: topicTemplate, online: z.string().max(200), offline: z.string().max(200) })
    .optional()
    .describe('The topic on which the device (or its will) says that it is there.'),
  commands: z
    .record(
      thingIdSchema,
      z.strictObject({ publish: z.array(publishSchema).min(1).max(8), reply: replySchema.optional() }),
    )
    .default({}),
  writes: z
    .record(thingIdSchema, z.strictObject({ publish: z.array(publishSchema).min(1).max(8), ...transformShape }))
    .default({})
    .describe('Property id to what is published to set it; {value} is the value, turned back by the transform.'),
});
export type MqttMapped = z.infer<typeof mqttMappedSchema>;

export const mqttNativeSchema = z
  .strictObject({ native: z.literal(true) })
  .describe('The device speaks HallHub’s own topics (docs/protocol.md).');

export const mqttBindingSchema = z.union([mqttNativeSchema, mqttMappedSchema]);
export type MqttBinding = z.infer<typeof mqttBindingSchema>;
