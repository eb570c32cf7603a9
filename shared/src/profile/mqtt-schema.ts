import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { hexSchema, literalSchema, transformShape } from './transform-schema.js';

/** A level is a plain text, a text with {device} in it, or a + alone (MQTT 3.1.1 section 4.7.1). */
const topicTemplate = z
  .string()
  .min(1)
  .max(250)
  .refine((topic) => !/[\0#]/.test(topic), 'a topic template has no # and no NUL')
  .refine((topic) => topic.split('/').every((level) => level === '+' || !level.includes('+')), 'a + is a whole level')
  .refine(
    (topic) => topic.split('/').every((level) => level.split('{device}').length <= 2),
    '{device} stands at most once in a level',
  )
  .describe('Topic; {device}, which may be a part of a level, is the device’s own name; a + level matches anything.');

const publishTopic = topicTemplate.refine(
  (topic) => !topic.split('/').includes('+'),
  'a topic to publish to has no wildcard',
);

const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~0|~1)*)*$/, 'a JSON pointer is empty or starts with /')
  .max(200)
  .describe('JSON pointer (RFC 6901) into the payload.');

export const binaryTypeSchema = z.enum([
  ...(['u8', 'i8', 'u16', 'i16', 'u24', 'i24', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64'] as const),
  ...(['bits', 'bcd', 'hex', 'text'] as const),
]);
export type BinaryType = z.infer<typeof binaryTypeSchema>;

const placeShape = {
  pointer: pointer.optional(),
  column: z.int().min(0).max(255).optional().describe('Field of a CSV line, from 0.'),
  at: z.int().min(-65_536).max(65_535).optional().describe('Offset in a binary payload; negative counts from its end.'),
  type: binaryTypeSchema.optional().describe('Of a binary field. bcd: two digits a byte; hex: capital digits.'),
  order: z.enum(['big', 'little']).optional().describe('Byte order of a binary field; big unless said.'),
  bytes: z
    .int()
    .min(1)
    .max(4_096)
    .optional()
    .describe('Bytes of bcd, hex and text (left out: to the end), or of the word that bits are taken from (1 to 4).'),
  bit: z.int().min(0).max(31).optional().describe('Lowest bit of bits; 0 is the lowest of the word.'),
  width: z.int().min(1).max(32).optional().describe('How many bits; 1 unless said.'),
} as const;

export interface MessagePlace {
  pointer?: string | undefined;
  column?: number | undefined;
  at?: number | undefined;
  type?: BinaryType | undefined;
  order?: 'big' | 'little' | undefined;
  bytes?: number | undefined;
  bit?: number | undefined;
  width?: number | undefined;
}

/** What is wrong with a place in a payload, whatever its format. */
const placeIssue = ({ pointer, column, at, type, bytes, bit, width }: MessagePlace): string | undefined => {
  const ways = [pointer, column, at].filter((way) => way !== undefined).length;
  if (ways > 1) return 'a pointer, a column or an offset, not two of them';
  if ((at === undefined) !== (type === undefined)) return 'a binary field states both at and type';
  if ((bit === undefined) !== (type !== 'bits')) return 'bits state their lowest bit, and only bits do';
  if (width !== undefined && type !== 'bits') return 'only bits have a width';
  if (type === 'bits') {
    if (bytes !== undefined && bytes > 4) return 'bits are taken from 1 to 4 bytes';
    if ((bit ?? 0) + (width ?? 1) > (bytes ?? 4) * 8) return 'the bits end outside of their word';
  } else if (bytes !== undefined && type !== 'bcd' && type !== 'hex' && type !== 'text')
    return 'bytes are said for bcd, hex, text and bits only';
  return undefined;
};

const checkPlace = (place: MessagePlace, ctx: z.RefinementCtx): void => {
  const message = placeIssue(place);
  if (message) ctx.addIssue({ code: 'custom', message, path: [] });
};

/** Where in a message a value lies. With neither pointer, column nor offset the whole payload is the value. */
export const messagePickSchema = z
  .strictObject({
    ...placeShape,
    optional: z.boolean().default(false).describe('Its absence is no error.'),
    ...transformShape,
  })
  .superRefine(checkPlace);
export type MessagePick = z.infer<typeof messagePickSchema>;

export const messageConditionSchema = z
  .strictObject({
    ...placeShape,
    equals: literalSchema.optional(),
    oneOf: z.array(literalSchema).min(1).max(64).optional(),
    present: z.boolean().optional(),
  })
  .superRefine(checkPlace);
export type MessageCondition = z.infer<typeof messageConditionSchema>;

const bodyShape = {
  format: z.enum(['json', 'csv', 'text', 'binary']).default('json'),
  separator: z.string().length(1).default(','),
  wrapped: z
    .strictObject({ pointer: pointer.optional(), encoding: z.enum(['base64', 'hex']) })
    .optional()
    .describe('Of binary: the bytes come as text, alone or at a pointer into JSON.'),
} as const;
interface BodyFormat {
  format: 'json' | 'csv' | 'text' | 'binary';
  wrapped?: unknown;
}

const fits = (format: BodyFormat['format'], place: MessagePlace): boolean => {
  if (format === 'json') return place.column === undefined && place.at === undefined;
  if (format === 'csv') return place.column !== undefined;
  if (format === 'binary') return place.at !== undefined;
  return place.pointer === undefined && place.column === undefined && place.at === undefined;
};
const wanted = {
  json: 'a pointer',
  csv: 'a column',
  text: 'no place: the payload is the value',
  binary: 'at and type',
};

const checkFormat = (
  { format, wrapped }: BodyFormat,
  places: readonly (readonly [readonly PropertyKey[], MessagePlace | undefined])[],
  ctx: z.RefinementCtx,
): void => {
  if (wrapped !== undefined && format !== 'binary')
    ctx.addIssue({ code: 'custom', message: 'only a binary payload comes wrapped', path: ['wrapped'] });
  for (const [path, place] of places) {
    if (place && !fits(format, place))
      ctx.addIssue({ code: 'custom', message: `a ${format} payload has ${wanted[format]}`, path: [...path] });
  }
};

const entriesAt = (at: readonly PropertyKey[], places: Record<string, MessagePlace>) =>
  Object.entries(places).map(([id, place]) => [[...at, id], place] as const);

export const mqttMessageSchema = z
  .strictObject({
    topic: topicTemplate,
    ...bodyShape,
    when: messageConditionSchema.optional().describe('The message is used only where this holds.'),
    retained: z
      .enum(['use', 'ignore'])
      .optional()
      .describe('What a broker kept from before: use or ignore it. Unless said its values are used, its events not.'),
    timestamp: z
      .strictObject({
        ...placeShape,
        format: z.enum(['iso', 'epochS', 'epochMs']).describe('iso without an offset is read with offsetMinutes.'),
        offsetMinutes: z
          .int()
          .min(-840)
          .max(840)
          .default(0)
          .describe('Offset from UTC of an iso time that states none.'),
      })
      .superRefine(checkPlace)
      .optional(),
    properties: z.record(thingIdSchema, messagePickSchema).default({}),
    events: z
      .record(
        thingIdSchema,
        z.strictObject({
          when: messageConditionSchema.optional(),
          changed: thingIdSchema
            .optional()
            .describe(
              'Only where this property of the message is another than it was: for devices that repeat themselves.',
            ),
          fields: z.record(thingIdSchema, messagePickSchema).default({}),
        }),
      )
      .default({}),
  })
  .superRefine((message, ctx) => {
    const events = Object.entries(message.events).flatMap(([id, event]) => [
      [['events', id, 'when'], event.when] as const,
      ...entriesAt(['events', id, 'fields'], event.fields),
    ]);
    checkFormat(
      message,
      [
        [['when'], message.when],
        [['timestamp'], message.timestamp],
        ...entriesAt(['properties'], message.properties),
        ...events,
      ],
      ctx,
    );
  });
export type MqttMessage = z.infer<typeof mqttMessageSchema>;

const numberTypes = ['u8', 'i8', 'u16', 'i16', 'u24', 'i24', 'u32', 'i32', 'f32', 'f64', 'bcd'] as const;

/** A piece of a binary payload that is sent: bytes, a text, or an input of the command ({value} of a write). */
export const binaryPartSchema = z.union([
  z.strictObject({ hex: hexSchema }),
  z.strictObject({ text: z.string().max(500).describe('UTF-8; {field} in it is filled in.') }),
  z
    .strictObject({
      input: thingIdSchema,
      type: z.enum(numberTypes),
      order: z.enum(['big', 'little']).default('big'),
      bytes: z.int().min(1).max(8).optional().describe('Of bcd.'),
      scale: z.number().positive().default(1).describe('What is sent = value / scale, as it is read.'),
    })
    .refine((part) => (part.type === 'bcd') === (part.bytes !== undefined), 'bcd states its bytes, and only bcd does'),
]);
export type BinaryPart = z.infer<typeof binaryPartSchema>;

export const publishSchema = z
  .strictObject({
    topic: publishTopic,
    payload: z
      .json()
      .optional()
      .describe('Text with {field} in it, or JSON in which the text "{field}" alone becomes the typed value.'),
    binary: z.array(binaryPartSchema).min(1).max(64).optional().describe('Instead of payload: bytes, part by part.'),
    qos: z.union([z.literal(0), z.literal(1)]).default(1),
    retain: z.boolean().default(false),
  })
  .refine(
    (publish) => (publish.payload === undefined) !== (publish.binary === undefined),
    'what is published is a payload or binary parts',
  );
export type Publish = z.infer<typeof publishSchema>;

/** What a payload may name of the command itself: its id (UUID), or a number made of it where a device takes only numbers. */
export const commandNames = ['commandId', 'commandNumber'] as const;

const replySchema = z
  .strictObject({
    topic: topicTemplate,
    ...bodyShape,
    when: messageConditionSchema.optional().describe('Which message on the topic is the answer.'),
    correlate: z
      .strictObject({ ...placeShape, with: z.enum(commandNames).default('commandId') })
      .superRefine(checkPlace)
      .optional()
      .describe('Where the device repeats the id that {commandId} or {commandNumber} gave it.'),
    failed: messageConditionSchema.optional().describe('The answer says no where this holds.'),
    output: z.record(thingIdSchema, messagePickSchema).default({}),
  })
  .superRefine((reply, ctx) => {
    const { when, correlate, failed } = reply;
    checkFormat(
      reply,
      [[['when'], when], [['correlate'], correlate], [['failed'], failed], ...entriesAt(['output'], reply.output)],
      ctx,
    );
  });
export type MqttReply = z.infer<typeof replySchema>;

export const mqttMappedSchema = z.strictObject({
  native: z.literal(false).default(false),
  messages: z.array(mqttMessageSchema).min(1).max(64),
  presence: z
    .strictObject({
      topic: topicTemplate,
      pointer: pointer.optional().describe('Where the payload is JSON; a payload that is none is taken as it is.'),
      online: z.string().max(200),
      offline: z.string().max(200),
    })
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
