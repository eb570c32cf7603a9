import { z } from 'zod';
import { enumIdSchema, thingIdSchema } from '../thing/value-shape.js';
import { checksumSchema, framingSchema } from './framing-schema.js';
import { lineSchema } from './line-schema.js';
import { hexSchema, literalSchema, regexSchema, transformShape } from './transform-schema.js';

export * from './framing-schema.js';

const order = z.enum(['big', 'little']);

export const textEncodingSchema = z.enum(['ascii', 'utf-8', 'gb18030', 'utf-16le', 'utf-16be']);
export type TextEncoding = z.infer<typeof textEncodingSchema>;

export const frameFieldTypeSchema = z.enum([
  'u8',
  'i8',
  'u16',
  'i16',
  'u24',
  'i24',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
  'bits',
  'bcd',
  'hex',
  'text',
  'decimal',
  'ascii-hex',
]);
export type FrameFieldType = z.infer<typeof frameFieldTypeSchema>;

/** One value in a frame: at an offset, or a named group of the frame's pattern. */
export const frameFieldSchema = z
  .strictObject({
    at: z.int().min(-1_024).max(65_535).optional().describe('Offset in the frame; negative counts from its end.'),
    group: thingIdSchema.optional().describe('Named group of the frame’s pattern.'),
    type: frameFieldTypeSchema
      .default('decimal')
      .describe('decimal: digits in text; ascii-hex: hex digits in text, as a number; bcd: two digits a byte.'),
    bytes: z.int().min(1).max(4_096).optional().describe('Bytes of bcd, hex, text, decimal and ascii-hex.'),
    until: z
      .int()
      .max(-1)
      .min(-64)
      .optional()
      .describe('Instead of bytes: up to this offset from the end, not included.'),
    order: order.default('big'),
    signBit: z.boolean().default(false).describe('bcd: the top bit of the highest byte is the sign.'),
    hexDigits: z.boolean().default(false).describe('Each byte stands as two hex digits in text, as in YD/T 1363.'),
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
    const sized = ['bcd', 'hex', 'text', 'decimal', 'ascii-hex'].includes(field.type);
    if (sized && field.group === undefined && (field.bytes === undefined) === (field.until === undefined)) {
      ctx.addIssue({
        code: 'custom',
        message: `${field.type} states its bytes, or until where it goes`,
        path: ['type'],
      });
    }
    if (!sized && field.until !== undefined) {
      ctx.addIssue({ code: 'custom', message: `${field.type} takes the bytes of its type`, path: ['until'] });
    }
    if (field.type === 'bits' && field.bit === undefined) {
      ctx.addIssue({ code: 'custom', message: 'bits state their lowest bit', path: ['type'] });
    }
    if (field.group !== undefined && !['decimal', 'text', 'hex', 'ascii-hex'].includes(field.type)) {
      ctx.addIssue({ code: 'custom', message: 'a group of a pattern is text or decimal', path: ['type'] });
    }
    if (field.signBit && field.type !== 'bcd') {
      ctx.addIssue({ code: 'custom', message: 'only bcd has a sign bit', path: ['signBit'] });
    }
  });
export type FrameField = z.infer<typeof frameFieldSchema>;

/** Bytes that a frame has at an offset: written down, or one of the device's parameters (its address on the bus). */
export const frameBytesSchema = z
  .strictObject({
    at: z.int().min(-1_024).max(65_535),
    is: hexSchema.optional(),
    mask: hexSchema.optional().describe('Bits that count, as many bytes as `is`.'),
    param: thingIdSchema.optional().describe('Instead of `is`: this parameter of the device.'),
    type: z
      .enum(['u8', 'u16', 'bcd', 'hex', 'text'])
      .optional()
      .describe('How the parameter stands there; u8 where left out.'),
    bytes: z.int().min(1).max(64).optional().describe('Bytes of a parameter as bcd, hex or text.'),
    order: order.optional(),
  })
  .superRefine((one, ctx) => {
    if ((one.is === undefined) === (one.param === undefined)) {
      ctx.addIssue({ code: 'custom', message: 'bytes are `is` or a `param`', path: [] });
    }
    if (one.param === undefined && (one.type ?? one.bytes ?? one.order) !== undefined) {
      ctx.addIssue({ code: 'custom', message: 'type, bytes and order belong to a param', path: [] });
    }
    if (one.param !== undefined && one.mask !== undefined) {
      ctx.addIssue({ code: 'custom', message: 'a param has no mask', path: ['mask'] });
    }
    if ((one.type === 'bcd' || one.type === 'hex') && one.bytes === undefined) {
      ctx.addIssue({ code: 'custom', message: `${one.type} states its bytes`, path: ['type'] });
    }
  });
export type FrameBytes = z.infer<typeof frameBytesSchema>;

/** What makes a frame this frame: bytes at offsets, its size, or a pattern over its text. */
export const frameMatchSchema = z.strictObject({
  bytes: z.array(frameBytesSchema).max(16).default([]),
  size: z.int().min(1).max(65_536).optional(),
  pattern: regexSchema.optional().describe('Over the frame read as text, start, end and checksum included.'),
});
export type FrameMatch = z.infer<typeof frameMatchSchema>;

/** Codecs by name, for what a list of parts cannot say. Their bytes are those of the ESC/POS command reference. */
export const partCodecSchema = z.enum(['escpos-text', 'escpos-qr', 'escpos-barcode', 'escpos-image']);
export type PartCodec = z.infer<typeof partCodecSchema>;

export const codecOptionsSchema = z.strictObject({
  columns: z.int().min(8).max(96).optional().describe('text: lines are broken there; a Chinese character takes two.'),
  size: z.int().min(1).max(16).optional().describe('qr: dots of a module, 6 where left out.'),
  level: z.enum(['L', 'M', 'Q', 'H']).optional().describe('qr: error correction, M where left out.'),
  symbology: z.enum(['code128', 'code39', 'ean13', 'itf']).optional().describe('barcode: code128 where left out.'),
  height: z.int().min(1).max(255).optional().describe('barcode: dots, 80 where left out.'),
  moduleWidth: z.int().min(2).max(6).optional().describe('barcode: dots, 2 where left out.'),
  textBelow: z.boolean().optional().describe('barcode: its text stands below, as is the rule.'),
  scale: z.enum(['normal', 'double-width', 'double-height', 'quadruple']).optional().describe('image: how large.'),
});
export type CodecOptions = z.infer<typeof codecOptionsSchema>;

/** One part of a frame to send. Numbers and texts come from {input}, {param} or a literal. */
export const framePartSchema = z
  .strictObject({
    hex: hexSchema.optional(),
    text: z.string().max(1_000).optional().describe('Text with {input} in it.'),
    input: thingIdSchema.optional().describe('The command’s input field, as a number of the type.'),
    param: thingIdSchema.optional().describe('A parameter of the device, such as its bus address.'),
    type: z
      .enum(['u8', 'i8', 'u16', 'i16', 'u24', 'i24', 'u32', 'i32', 'f32', 'bcd', 'hex', 'ascii-hex'])
      .default('u8'),
    order: order.default('big'),
    encoding: textEncodingSchema.default('ascii'),
    bytes: z.int().min(1).max(1_024).optional().describe('Fixed size: padded, and too long a value is refused.'),
    pad: hexSchema.default('20').describe('Byte that fills up a text.'),
    align: z.enum(['left', 'right']).default('left'),
    lengthPrefix: z
      .union([z.literal(1), z.literal(2)])
      .optional()
      .describe('The text’s bytes are counted before it.'),
    hexDigits: z.boolean().default(false).describe('Each byte is sent as two capital hex digits in text.'),
    codec: partCodecSchema.optional().describe('Where data cannot say it: printer commands made of a text.'),
    options: codecOptionsSchema.optional(),
    ...transformShape,
  })
  .superRefine((part, ctx) => {
    if (part.options && !part.codec)
      ctx.addIssue({ code: 'custom', message: 'options belong to a codec', path: ['options'] });
    if (part.codec && part.text === undefined && part.input === undefined) {
      ctx.addIssue({ code: 'custom', message: `${part.codec} needs a text or an input`, path: ['codec'] });
    }
    const given = [part.hex, part.text, part.input, part.param].filter((one) => one !== undefined).length;
    if (given !== 1) ctx.addIssue({ code: 'custom', message: 'a part has one of hex, text, input, param', path: [] });
  });
export type FramePart = z.infer<typeof framePartSchema>;

export const inboundFrameSchema = z.strictObject({
  match: frameMatchSchema,
  encoding: textEncodingSchema.default('ascii').describe('How the frame is read for its pattern.'),
  answerOnly: z.boolean().default(false).describe('It means this only as the answer that a step expects.'),
  refused: z.boolean().default(false).describe('As an answer it means that the device refused.'),
  acknowledge: z
    .strictObject({ send: z.array(framePartSchema).min(1).max(16), raw: z.boolean().default(false) })
    .optional()
    .describe('Sent at once when the frame came by itself: the device says it again until then.'),
  properties: z.record(thingIdSchema, frameFieldSchema).default({}),
  events: z.record(thingIdSchema, z.record(thingIdSchema, frameFieldSchema)).default({}),
  output: z.record(thingIdSchema, frameFieldSchema).default({}).describe('Values for the output of a waiting command.'),
});
export type InboundFrame = z.infer<typeof inboundFrameSchema>;

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
  pauseMs: z.int().min(0).max(10_000).default(0).describe('Silence that the line needs between two requests.'),
  idlePresence: z
    .enum(['port'])
    .optional()
    .describe('port: it counts as present while its port is open, as is the rule for a profile without polls.'),
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
