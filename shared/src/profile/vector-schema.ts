import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { writeFunctionSchema } from './modbus-schema.js';
import { onvifActionSchema } from './onvif-actions.js';
import { onvifFactSchema } from './onvif-schema.js';
import { modbusTableSchema } from './register-schema.js';
import { hexSchema, literalSchema } from './transform-schema.js';

const values = z.record(thingIdSchema, literalSchema);
const events = z.array(z.strictObject({ event: thingIdSchema, data: values.default({}) }));
const named = {
  name: z.string().min(1).max(200).describe('What this vector shows.'),
  firmware: z.string().min(1).max(64).optional().describe('Run against the variant for this firmware.'),
};
const problems = z
  .array(z.string())
  .default([])
  .describe('Paths of values that cannot be read or do not fit the model.');
const write = z.strictObject({
  fc: writeFunctionSchema,
  address: z.int().min(0).max(65_535),
  hex: hexSchema.describe('Registers, two bytes each; coils, one byte each, 00 or 01.'),
  andMask: hexSchema.optional(),
  orMask: hexSchema.optional(),
  read: z
    .strictObject({ address: z.int().min(0).max(65_535), count: z.int().min(1).max(125) })
    .optional()
    .describe('Function code 23: the registers read in the same exchange.'),
  broadcast: z.literal(true).optional(),
});

const mqttPayload = {
  payload: z.json().optional().describe('Text as it is sent; anything else is sent as JSON.'),
  hex: hexSchema.optional().describe('Instead of payload: its bytes.'),
};
const oneMqttPayload = [
  (one: { payload?: unknown; hex?: string | undefined }) => (one.payload === undefined) !== (one.hex === undefined),
  'a message has a payload or hex',
] as const;

/** One case worked out by hand: raw bytes or messages on one side, values of the thing model on the other. */
export const vectorSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('modbusRead'),
    ...named,
    table: modbusTableSchema,
    address: z.int().min(0).max(65_535),
    hex: hexSchema.describe('Data bytes of the answer; for coils one byte each, 00 or 01.'),
    values,
    problems,
  }),
  z.strictObject({
    kind: z.literal('modbusChange'),
    ...named,
    before: values,
    after: values,
    events,
  }),
  z.strictObject({ kind: z.literal('modbusWrite'), ...named, property: thingIdSchema, value: literalSchema, write }),
  z.strictObject({
    kind: z.literal('modbusCommand'),
    ...named,
    command: thingIdSchema,
    input: values.default({}),
    writes: z.array(write),
  }),
  z.strictObject({
    kind: z.literal('serialReceive'),
    ...named,
    receive: z.array(hexSchema).min(1).describe('The bytes in the pieces in which they arrive.'),
    expect: z.array(z.string()).default([]).describe('Frames that the waiting step expects.'),
    params: values.default({}).describe('Of the device that listens, where they are not the defaults.'),
    command: thingIdSchema.optional(),
    frames: z.array(z.string()).describe('Names of the frames found; "?" for one that has no name.'),
    faults: z.array(z.enum(['noise', 'checksum', 'length', 'end', 'stuffing', 'overflow', 'incomplete'])).default([]),
    refused: z.boolean().default(false),
    acknowledged: z.array(hexSchema).optional().describe('What is sent back at once; not looked at where left out.'),
    values: values.default({}),
    events: events.default([]),
    output: values.default({}),
    problems,
  }),
  z.strictObject({
    kind: z.literal('serialSend'),
    ...named,
    command: thingIdSchema.optional(),
    property: thingIdSchema.optional(),
    poll: z.string().optional(),
    input: values.default({}),
    params: values.default({}),
    send: z.array(hexSchema).min(1).describe('The frame of each step.'),
  }),
  z
    .strictObject({
      kind: z.literal('mqttMessage'),
      ...named,
      topic: z.string(),
      ...mqttPayload,
      retained: z.boolean().optional().describe('The broker kept it from before.'),
      presence: z.enum(['online', 'offline']).optional(),
      values: values.default({}),
      events: events.default([]),
      at: z.number().optional(),
      problems,
    })
    .refine(...oneMqttPayload),
  z.strictObject({
    kind: z.literal('mqttSend'),
    ...named,
    device: z.string(),
    command: thingIdSchema.optional(),
    property: thingIdSchema.optional(),
    input: values.default({}),
    commandId: z.string().optional().describe('What stands for {commandId}.'),
    publishes: z.array(z.strictObject({ topic: z.string(), ...mqttPayload }).refine(...oneMqttPayload)).min(1),
  }),
  z
    .strictObject({
      kind: z.literal('mqttReply'),
      ...named,
      command: thingIdSchema,
      topic: z.string(),
      ...mqttPayload,
      commandId: z.string().optional().describe('The id that the answer must repeat.'),
      ok: z.boolean(),
      output: values.default({}),
      problems,
    })
    .refine(...oneMqttPayload),
  z.strictObject({
    kind: z.literal('native'),
    ...named,
    values: z.record(z.string(), z.json()).default({}),
    events: z
      .array(z.strictObject({ event: z.string(), data: z.record(z.string(), z.json()).default({}) }))
      .default([]),
    problems,
  }),
  z.strictObject({
    kind: z.literal('nativeCommand'),
    ...named,
    command: thingIdSchema,
    input: z.record(z.string(), z.json()).default({}),
    filled: values.optional().describe('The input with defaults, as it is sent.'),
    output: z.record(z.string(), z.json()).default({}),
    problems,
  }),
  z.strictObject({
    kind: z.literal('onvifNotification'),
    ...named,
    topic: z.string(),
    items: z.record(z.string(), z.string()),
    values: values.default({}),
    events: events.default([]),
    problems,
  }),
  z.strictObject({
    kind: z.literal('onvifFacts'),
    ...named,
    facts: z.partialRecord(onvifFactSchema, literalSchema),
    values,
    problems,
  }),
  z.strictObject({
    kind: z.literal('derived'),
    ...named,
    values: values.describe('The inputs that are known.'),
    expect: values.describe('Every derived value that comes of them.'),
    problems,
  }),
  z.strictObject({
    kind: z.literal('onvifCommand'),
    ...named,
    command: thingIdSchema,
    input: values.default({}),
    action: onvifActionSchema,
    arguments: values.default({}).describe('What the action is given: the input with its defaults, and `with`.'),
  }),
]);
export type Vector = z.infer<typeof vectorSchema>;

export const vectorsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  profile: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'vendor/model'),
  vectors: z.array(vectorSchema).min(1).max(500),
});
export type VectorsFile = z.infer<typeof vectorsFileSchema>;
