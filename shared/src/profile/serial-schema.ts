import { z } from 'zod';
import { enumIdSchema, thingIdSchema } from '../thing/value-shape.js';
import { lineSchema } from './line-schema.js';
import { hexSchema, literalSchema, regexSchema, transformShape } from './transform-schema.js';

const order = z.enum(['big', 'little']);

/** How a stream of bytes is cut into frames. Offsets count from the first byte of the frame, start bytes included. */
export const framingSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('delimiter'),
    start: hexSchema.optional().describe('First bytes of every frame; what comes before them is skipped.'),
    end: hexSchema.describe('Last bytes of every frame.'),
    maxBytes: z.int().min(2).max(65_536).default(1_024),
  }),
  z.strictObject({
    type: z.literal('fixed'),
    start: hexSchema.optional(),
    bytes: z.int().min(1).max(65_536).describe('Bytes of a whole frame.'),
  }),
  z.strictObject({
    type: z.literal('length'),
    start: hexSchema.optional(),
    length: z.strictObject({
      at: z.int().min(0).max(64).describe('Offset of the length field.'),
      bytes: z.union([z.literal(1), z.literal(2)]).default(1),
      order: order.default('big'),
      add: z.int().min(-64).max(64).describe('Bytes of the whole frame = length field + add.'),
    }),
    end: hexSchema.optional(),
    maxBytes: z.int().min(2).max(65_536).default(1_024),
  }),
  z.strictObject({
    type: z.literal('idle'),
    idleMs: z.int().min(1).max(60_000).describe('A pause this long ends a frame.'),
    maxBytes: z.int().min(1).max(65_536).default(1_024),
  }),
]);
export type Framing = z.infer<typeof framingSchema>;

export const checksumKindSchema = z.enum([
  'sum8',
  'sum8-negated',
  'xor8',
  'crc8',
  'crc16-modbus',
  'crc16-ccitt',
  'crc16-xmodem',
]);
export type ChecksumKind = z.infer<typeof checksumKindSchema>;

/** Where a checksum lies and what it covers; negative offsets count from the end of the frame. */
export const checksumSchema = z.strictObject({
  kind: checksumKindSchema,
  from: z.int().min(0).max(64).default(0).describe('Offset of the first byte covered.'),
  after: z.int().min(0).max(16).default(0).describe('Bytes between the checksum and the end of the frame.'),
  order: order.default('big').describe('Byte order of a 16-bit checksum; crc16-modbus is usually little.'),
  encoding: z.enum(['binary', 'hex']).default('binary').describe('hex: capital hex digits in ASCII.'),
});
export type Checksum = z.infer<typeof checksumSchema>;

export const textEncodingSchema = z.enum(['ascii', 'utf-8', 'gb18030', 'utf-16le', 'utf-16be']);
export type TextEncoding = z.infer<typeof textEncodingSchema>;

export const frameFieldTypeSchema = z.enum([
  'u8',
  'i8',
  'u16',
  'i16',
  'u32',
  'i32',
  'f32',
  'bits',
  'bcd',
  'hex',
  'text',
  'decimal',
]);
export type FrameFieldType = z.infer<typeof frameFieldTypeSchema>;

/** One value in a frame: at an offset, or a named group of the frame's pattern. */
export const frameFieldSchema = z
  .strictObject({
    at: z.int().min(-1_024).max(65_535).optional().describe('Offset in the frame; negative counts from its end.'),
    group: thingIdSchema.optional().describe('Named group of the frame’s pattern.'),
    type: frameFieldTypeSchema.default('decimal').describe('decimal: digits in text; bcd: two digits a byte.'),
    bytes: z.int().min(1).max(4_096).optional().describe('Bytes of bcd, hex, text and decimal.'),
    until: z
      .int()
      .max(-1)
      .min(-64)
      .optional()
      .describe('Instead of bytes: up to this offset from the end, not included.'),
    order: order.default('big'),
    bit: z.int().min(0).max(15).optional(),
    width: z.int().min(1).max(16).optional(),
    encoding: textEncodingSchema.default('ascii'),
    trim: z.boolean().default(true).describe('Cut blanks and NULs off both ends of a text.'),
    ...transformShape,
  })
  .superRefine((field, ctx) => {
    if ((field.at === undefined) === (field.group === undefined)) {
      ctx.addIssue({ code: 'custom', message: 'a field has an offset or a group', path: [] });
    }
    const sized = ['bcd', 'hex', 'text', 'decimal'].includes(field.type);
    if (sized && field.group === undefined && (field.bytes === undefined) === (field.until === undefined)) {
      ctx.addIssue({
        code: 'custom',
        message: `${field.type} states its bytes, or until where it goes`,
        path: ['type'],
      });
    }
    if (field.type === 'bits' && field.bit === undefined) {
      ctx.addIssue({ code: 'custom', message: 'bits state their lowest bit', path: ['type'] });
    }
    if (field.group !== undefined && !['decimal', 'text', 'hex'].includes(field.type)) {
      ctx.addIssue({ code: 'custom', message: 'a group of a pattern is text or decimal', path: ['type'] });
    }
  });
export type FrameField = z.infer<typeof frameFieldSchema>;

/** What makes a frame this frame: bytes at offsets, its size, or a pattern over its text. */
export const frameMatchSchema = z.strictObject({
  bytes: z
    .array(
      z.strictObject({
        at: z.int().min(-1_024).max(65_535),
        is: hexSchema,
        mask: hexSchema.optional().describe('Bits that count, as many bytes as `is`.'),
      }),
    )
    .max(16)
    .default([]),
  size: z.int().min(1).max(65_536).optional(),
  pattern: regexSchema.optional().describe('Over the frame read as text, start, end and checksum included.'),
});
export type FrameMatch = z.infer<typeof frameMatchSchema>;

export const inboundFrameSchema = z.strictObject({
  match: frameMatchSchema,
  encoding: textEncodingSchema.default('ascii').describe('How the frame is read for its pattern.'),
  answerOnly: z.boolean().default(false).describe('It means this only as the answer that a step expects.'),
  refused: z.boolean().default(false).describe('As an answer it means that the device refused.'),
  properties: z.record(thingIdSchema, frameFieldSchema).default({}),
  events: z.record(thingIdSchema, z.record(thingIdSchema, frameFieldSchema)).default({}),
  output: z.record(thingIdSchema, frameFieldSchema).default({}).describe('Values for the output of a waiting command.'),
});
export type InboundFrame = z.infer<typeof inboundFrameSchema>;

/** One part of a frame to send. Numbers and texts come from {input}, {param} or a literal. */
export const framePartSchema = z
  .strictObject({
    hex: hexSchema.optional(),
    text: z.string().max(1_000).optional().describe('Text with {input} in it.'),
    input: thingIdSchema.optional().describe('The command’s input field, as a number of the type.'),
    param: thingIdSchema.optional().describe('A parameter of the device, such as its bus address.'),
    type: z.enum(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'bcd', 'hex']).default('u8'),
    order: order.default('big'),
    encoding: textEncodingSchema.default('ascii'),
    bytes: z.int().min(1).max(1_024).optional().describe('Fixed size: padded, and too long a value is refused.'),
    pad: hexSchema.default('20').describe('Byte that fills up a text.'),
    align: z.enum(['left', 'right']).default('left'),
    lengthPrefix: z
      .union([z.literal(1), z.literal(2)])
      .optional()
      .describe('The text’s bytes are counted before it.'),
    ...transformShape,
  })
  .superRefine((part, ctx) => {
    const given = [part.hex, part.text, part.input, part.param].filter((one) => one !== undefined).length;
    if (given !== 1) ctx.addIssue({ code: 'custom', message: 'a part has one of hex, text, input, param', path: [] });
  });
export type FramePart = z.infer<typeof framePartSchema>;

/** Send a frame, and wait for one of the expected frames (none: nothing is awaited). */
export const serialStepSchema = z.strictObject({
  send: z.array(framePartSchema).min(1).max(64).describe('Start, length, checksum and end are added by the framing.'),
  raw: z.boolean().default(false).describe('Send the parts as they are, with nothing added.'),
  expect: z.array(enumIdSchema).max(16).default([]).describe('Frames that answer; any other frame is unsolicited.'),
  timeoutMs: z.int().min(10).max(600_000).default(1_000),
  tries: z.int().min(1).max(10).default(1),
  pauseMs: z.int().min(0).max(60_000).default(0).describe('Wait after this step.'),
});
export type SerialStep = z.infer<typeof serialStepSchema>;

export const serialBindingSchema = z.strictObject({
  line: lineSchema,
  framing: framingSchema,
  checksum: checksumSchema.optional(),
  params: z
    .record(
      thingIdSchema,
      z.strictObject({ default: literalSchema, range: z.tuple([z.number(), z.number()]).optional() }),
    )
    .default({})
    .describe('What differs between two devices of this model, such as the bus address.'),
  frames: z.record(enumIdSchema, inboundFrameSchema).default({}),
  polls: z
    .record(
      enumIdSchema,
      z.strictObject({
        everyMs: z.int().min(50).max(86_400_000),
        steps: z.array(serialStepSchema).min(1).max(16).describe('A step that is refused or times out ends the round.'),
        quiet: z
          .boolean()
          .default(false)
          .describe('A refusal in this poll is normal (no card) and counts as presence.'),
      }),
    )
    .default({}),
  commands: z.record(thingIdSchema, z.strictObject({ steps: z.array(serialStepSchema).min(1).max(16) })).default({}),
  writes: z
    .record(thingIdSchema, z.strictObject({ steps: z.array(serialStepSchema).min(1).max(16) }))
    .default({})
    .describe('Property id to what is sent to set it; the input is called value.'),
});
export type SerialBinding = z.infer<typeof serialBindingSchema>;
