import { z } from 'zod';
import { enumIdSchema, thingIdSchema } from '../thing/value-shape.js';
import { lineSchema } from './line-schema.js';
import { literalSchema, transformShape } from './transform-schema.js';

export const modbusTableSchema = z
  .enum(['coil', 'discrete', 'holding', 'input'])
  .describe('coil: FC 1/5/15, discrete: FC 2, holding: FC 3/6/16/22, input: FC 4.');
export type ModbusTable = z.infer<typeof modbusTableSchema>;

export const registerTypeSchema = z.enum([
  'bool',
  'u16',
  'i16',
  'u32',
  'i32',
  'u64',
  'i64',
  'f32',
  'f64',
  'string',
  'bits',
]);
export type RegisterType = z.infer<typeof registerTypeSchema>;

export const orderSchema = z.enum(['big', 'little']);

const address = z.int().min(0).max(65_535).describe('Address on the wire, from 0 (30001 and 40001 are 0).');

export const registerShape = {
  table: modbusTableSchema,
  address,
  type: registerTypeSchema,
  words: z.int().min(1).max(125).optional().describe('Registers of a string.'),
  bit: z.int().min(0).max(15).optional().describe('Lowest bit of a bit field, 0 is the least significant.'),
  width: z.int().min(1).max(16).optional().describe('Bits of a bit field, 1 where left out.'),
  wordOrder: orderSchema.optional().describe('big: the high word comes first.'),
  byteOrder: orderSchema.optional().describe('big: the high byte comes first in a register (Modbus itself).'),
} as const;

/** Where a value lies and how it is made; enough to decode and encode it. */
export interface RegisterSpec {
  table: ModbusTable;
  address: number;
  type: RegisterType;
  words?: number;
  bit?: number;
  width?: number;
  wordOrder?: 'big' | 'little';
  byteOrder?: 'big' | 'little';
}

interface RefineContext {
  addIssue(issue: { code: 'custom'; message: string; path: PropertyKey[] }): void;
}

function refineRegister(spec: RegisterSpec, ctx: RefineContext): void {
  const issue = (key: string, message: string) => ctx.addIssue({ code: 'custom', message, path: [key] });
  const single = spec.table === 'coil' || spec.table === 'discrete';
  if (single !== (spec.type === 'bool')) {
    issue(
      'type',
      single ? `a ${spec.table} holds a bool` : `a bool lies in a coil or discrete; use bits in ${spec.table}`,
    );
  }
  if (spec.type === 'string' && spec.words === undefined) issue('type', 'a string states its words');
  if (spec.type !== 'string' && spec.words !== undefined) issue('words', 'words fit a string only');
  if (spec.type === 'bits' && spec.bit === undefined) issue('type', 'bits state their lowest bit');
  if (spec.type !== 'bits' && (spec.bit !== undefined || spec.width !== undefined)) {
    issue(spec.bit !== undefined ? 'bit' : 'width', 'bit and width fit the type bits only');
  }
  if (spec.type === 'bits' && (spec.bit ?? 0) + (spec.width ?? 1) > 16)
    issue('width', 'a bit field ends inside its register');
  const last = spec.address + registerCount(spec) - 1;
  if (last > 65_535) issue('address', 'the value ends behind the last address 65535');
}

/** Registers (or coils) that a value takes. */
export function registerCount(spec: Pick<RegisterSpec, 'type' | 'words'>): number {
  switch (spec.type) {
    case 'u32':
    case 'i32':
    case 'f32':
      return 2;
    case 'u64':
    case 'i64':
    case 'f64':
      return 4;
    case 'string':
      return spec.words ?? 1;
    default:
      return 1;
  }
}

export const modbusPointSchema = z
  .strictObject({
    ...registerShape,
    ...transformShape,
    group: enumIdSchema.optional().describe('Poll group.'),
    everyMs: z.int().min(50).max(86_400_000).optional().describe('Own poll interval, instead of a group.'),
    write: z
      .strictObject({
        fc: z.union([z.literal(5), z.literal(6), z.literal(15), z.literal(16), z.literal(22)]),
        table: z.enum(['coil', 'holding']).optional().describe('Where it is written, if not where it is read.'),
        address: address.optional(),
        verify: z.boolean().default(true).describe('Read back and compare after writing.'),
        settleMs: z.int().min(0).max(60_000).default(0).describe('Wait between writing and reading back.'),
      })
      .optional(),
  })
  .superRefine((point, ctx) => {
    refineRegister(point, ctx);
    if (point.group !== undefined && point.everyMs !== undefined) {
      ctx.addIssue({
        code: 'custom',
        message: 'a point has a group or an interval of its own, not both',
        path: ['everyMs'],
      });
    }
    if (!point.write) return;
    const table = point.write.table ?? point.table;
    const single = point.write.fc === 5 || point.write.fc === 15;
    if (table === 'input' || table === 'discrete' || single !== (table === 'coil')) {
      ctx.addIssue({
        code: 'custom',
        message: `function code ${point.write.fc} does not write to ${table}`,
        path: ['write', 'fc'],
      });
    }
    if (point.write.fc === 6 && registerCount(point) > 1) {
      ctx.addIssue({ code: 'custom', message: 'function code 6 writes one register: use 16', path: ['write', 'fc'] });
    }
    if ((point.type === 'bits') !== (point.write.fc === 22)) {
      ctx.addIssue({
        code: 'custom',
        message: 'bits are written by function code 22, and only they',
        path: ['write', 'fc'],
      });
    }
  });
export type ModbusPoint = z.infer<typeof modbusPointSchema>;

const register = z
  .strictObject({ ...registerShape, ...transformShape })
  .superRefine((spec, ctx) => refineRegister(spec, ctx));

/** One step of a command: write a value, wait, or read until it is as expected. */
export const modbusStepSchema = z.union([
  z.strictObject({
    write: register,
    value: z.union([z.strictObject({ input: thingIdSchema }), literalSchema]).describe('{input: id} or a literal.'),
    fc: z.union([z.literal(5), z.literal(6), z.literal(15), z.literal(16), z.literal(22)]),
  }),
  z.strictObject({ waitMs: z.int().min(1).max(60_000) }),
  z.strictObject({
    expect: register,
    equals: z.union([z.strictObject({ input: thingIdSchema }), literalSchema]),
    withinMs: z.int().min(0).max(600_000).default(0).describe('Read again until it fits or the time is over.'),
  }),
]);
export type ModbusStep = z.infer<typeof modbusStepSchema>;

export const modbusBindingSchema = z.strictObject({
  transports: z
    .array(z.enum(['tcp', 'rtu']))
    .min(1)
    .default(['tcp', 'rtu']),
  unitId: z.int().min(0).max(247).default(1),
  line: lineSchema.optional().describe('Serial line as the device leaves its factory (RTU).'),
  wordOrder: orderSchema.default('big'),
  byteOrder: orderSchema.default('big'),
  timeoutMs: z.int().min(50).max(60_000).default(1_000),
  pauseMs: z.int().min(0).max(10_000).default(0).describe('Least time between two requests to this device.'),
  maxGap: z.int().min(0).max(100).default(8).describe('Unused registers that may be read to join two points.'),
  maxBlock: z
    .int()
    .min(1)
    .max(2_000)
    .default(125)
    .describe('Most registers in one read (coils: 16 times as many, 2000 at most).'),
  everyMs: z.int().min(50).max(86_400_000).default(5_000).describe('Poll interval of points without a group.'),
  groups: z.record(enumIdSchema, z.strictObject({ everyMs: z.int().min(50).max(86_400_000) })).default({}),
  points: z.record(thingIdSchema, modbusPointSchema).describe('Property id to where it lies.'),
  events: z
    .record(
      thingIdSchema,
      z.strictObject({
        property: thingIdSchema.describe('The event is raised when this property changes to a value of `to`.'),
        to: z.array(literalSchema).min(1).max(32),
        fields: z
          .record(thingIdSchema, thingIdSchema)
          .default({})
          .describe('Event field to the property it is taken from.'),
      }),
    )
    .default({}),
  commands: z
    .record(
      thingIdSchema,
      z.strictObject({
        steps: z.array(modbusStepSchema).min(1).max(32),
        output: z.record(thingIdSchema, register).default({}).describe('Output field to the register read at the end.'),
      }),
    )
    .default({}),
});
export type ModbusBinding = z.infer<typeof modbusBindingSchema>;
