import { z } from 'zod';
import { hexSchema } from './transform-schema.js';

const order = z.enum(['big', 'little']);
const byteSchema = z.string().regex(/^[0-9a-fA-F]{2}$/, 'one byte in hex, such as "7D"');

/** How bytes that would look like a start or an end are said otherwise between the two. */
export const stuffingSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('xor'),
      escape: byteSchema,
      xor: byteSchema.default('20').describe('The byte behind the escape is the byte itself XOR this.'),
      bytes: hexSchema.describe('Bytes that are escaped, the escape itself among them.'),
    }),
    z.strictObject({
      kind: z.literal('map'),
      escape: byteSchema,
      map: z.record(byteSchema, byteSchema).describe('Byte behind the escape to the byte that it stands for.'),
    }),
    z.strictObject({ kind: z.literal('double'), byte: byteSchema.describe('It is sent twice, such as DLE (10).') }),
  ])
  .superRefine((stuffing, ctx) => {
    const wrong =
      stuffing.kind === 'xor'
        ? !pairs(stuffing.bytes).includes(stuffing.escape.toUpperCase())
        : stuffing.kind === 'map' && !Object.values(stuffing.map).some((one) => sameByte(one, stuffing.escape));
    if (wrong) ctx.addIssue({ code: 'custom', message: 'the escape itself is escaped too', path: [stuffing.kind] });
  });
export type Stuffing = z.infer<typeof stuffingSchema>;

/** What all framings can have besides; offsets in a frame count after unstuffing and unscrambling. */
const wireShape = {
  stuffing: stuffingSchema.optional().describe('Covers what lies between start and end.'),
  scramble: z
    .strictObject({
      from: z.int().min(0).max(1_024).describe('Offset of the first byte.'),
      until: z.int().min(-64).max(-1).describe('Up to this offset from the end, not included.'),
      add: z.int().min(1).max(255).describe('Added to each byte on the wire, modulo 256; 51 in DL/T 645.'),
    })
    .optional(),
  preamble: z
    .strictObject({
      hex: hexSchema.describe('Bytes that may come before a frame and are passed over.'),
      max: z.int().min(1).max(64).default(4).describe('How often they may come.'),
      send: z.int().min(0).max(64).default(0).describe('How often they are sent before a frame.'),
    })
    .optional(),
} as const;

const lengthFieldSchema = z
  .strictObject({
    at: z.int().min(0).max(64).describe('Offset of the length field.'),
    bytes: z.union([z.literal(1), z.literal(2)]).default(1),
    digits: z.int().min(2).max(4).optional().describe('Instead of bytes: digits in text.'),
    encoding: z.enum(['hex', 'decimal']).default('hex').describe('Of the digits.'),
    order: order.default('big'),
    scale: z.int().min(1).max(16).default(1).describe('2 where the field counts words.'),
    add: z.int().min(-64).max(64).describe('Bytes of the whole frame = length field * scale + add.'),
  })
  .describe('Where the frame says its own length.');
export type LengthField = z.infer<typeof lengthFieldSchema>;

/** How a stream of bytes is cut into frames. Offsets count from the first byte of the frame, start bytes included. */
export const framingSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('delimiter'),
      start: hexSchema.optional().describe('First bytes of every frame; what comes before them is skipped.'),
      end: hexSchema.describe('Last bytes of every frame.'),
      tail: z.int().min(0).max(8).default(0).describe('Bytes behind the end, such as a checksum behind ETX.'),
      maxBytes: z.int().min(2).max(65_536).default(1_024),
      ...wireShape,
    }),
    z.strictObject({
      type: z.literal('fixed'),
      start: hexSchema.optional(),
      bytes: z.int().min(1).max(65_536).describe('Bytes of a whole frame.'),
      ...wireShape,
    }),
    z.strictObject({
      type: z.literal('length'),
      start: hexSchema.optional(),
      length: lengthFieldSchema,
      end: hexSchema.optional(),
      maxBytes: z.int().min(2).max(65_536).default(1_024),
      ...wireShape,
    }),
    z.strictObject({
      type: z.literal('idle'),
      idleMs: z.int().min(1).max(60_000).describe('A pause this long ends a frame.'),
      maxBytes: z.int().min(1).max(65_536).default(1_024),
      ...wireShape,
    }),
  ])
  .superRefine((framing, ctx) => {
    const { stuffing } = framing;
    const end = 'end' in framing ? framing.end : undefined;
    if (!stuffing || end === undefined) return;
    const first = pairs(end)[0] ?? '';
    const hidden =
      stuffing.kind === 'double'
        ? [stuffing.byte]
        : stuffing.kind === 'xor'
          ? pairs(stuffing.bytes)
          : Object.values(stuffing.map);
    if (!hidden.some((byte) => sameByte(byte, first))) {
      ctx.addIssue({
        code: 'custom',
        message: `the end begins with ${first}, which is not escaped`,
        path: ['stuffing'],
      });
    }
  });
export type Framing = z.infer<typeof framingSchema>;

/** Names and parameters as in the catalogue of parametrised CRC algorithms; `crc16-ccitt` is CCITT-FALSE. */
export const checksumKindSchema = z.enum([
  'sum8',
  'sum8-negated',
  'sum8-ones',
  'sum16',
  'sum16-negated',
  'xor8',
  'lrc8',
  'crc8',
  'crc8-maxim',
  'crc8-rohc',
  'crc16-modbus',
  'crc16-ccitt',
  'crc16-ccitt-false',
  'crc16-xmodem',
  'crc16-kermit',
  'crc16-x25',
  'crc16-mcrf4xx',
  'crc16-usb',
  'crc16-arc',
  'crc32',
]);
export type ChecksumKind = z.infer<typeof checksumKindSchema>;

/** Where a checksum lies and what it covers; negative offsets count from the end of the frame. */
export const checksumSchema = z.strictObject({
  kind: checksumKindSchema,
  from: z.int().min(0).max(64).default(0).describe('Offset of the first byte covered.'),
  after: z.int().min(0).max(16).default(0).describe('Bytes between the checksum and the end of the frame.'),
  order: order
    .default('big')
    .describe('Byte order of a checksum of two bytes or more; crc16-modbus is usually little.'),
  gap: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe('Bytes between what is covered and the checksum, such as the * of NMEA 0183.'),
  encoding: z.enum(['binary', 'hex']).default('binary').describe('hex: capital hex digits in ASCII.'),
  covers: z
    .enum(['bytes', 'hexDigits'])
    .optional()
    .describe('hexDigits: what is covered are hex digits in ASCII, and the checksum is of the bytes they stand for.'),
});
export type Checksum = z.infer<typeof checksumSchema>;

function pairs(hex: string): string[] {
  return hex.replace(/\s+/g, '').toUpperCase().match(/../g) ?? [];
}

function sameByte(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
