import { z } from 'zod';
import { enumIdSchema, thingIdSchema } from '../thing/value-shape.js';
import { lineSchema } from './line-schema.js';
import {
  isBitTable,
  isPartOfRegister,
  modbusTableSchema,
  orderSchema,
  type RefineContext,
  type RegisterSpec,
  refineRegister,
  registerAddressSchema,
  registerCount,
  registerShape,
} from './register-schema.js';
import { literalSchema, transformShape } from './transform-schema.js';

const plainWrites = [5, 6, 15, 16, 22] as const;
export const writeFunctionSchema = z
  .literal([...plainWrites, 23])
  .describe('5, 15: coils. 6, 16: registers. 22: a part of a register. 23: registers, read back in the same exchange.');
export type WriteFunction = z.infer<typeof writeFunctionSchema>;

function refineWrite(spec: RegisterSpec, fc: WriteFunction, ctx: RefineContext, path: PropertyKey[]): void {
  const issue = (message: string) => ctx.addIssue({ code: 'custom', message, path });
  if (spec.table === 'input' || spec.table === 'discrete' || isBitTable(spec.table) !== (fc === 5 || fc === 15)) {
    issue(`function code ${fc} does not write to ${spec.table}`);
  }
  if (fc === 6 && registerCount(spec) > 1) issue('function code 6 writes one register: use 16');
  if (fc === 22 && !isPartOfRegister(spec.type)) issue('function code 22 writes bits, u8 and i8 only');
  if (registerCount(spec) > (fc === 23 ? 121 : 123)) issue('a value this long cannot be written in one request');
}

export const modbusPointSchema = z
  .strictObject({
    ...registerShape,
    ...transformShape,
    group: enumIdSchema.optional().describe('Poll group.'),
    everyMs: z.int().min(50).max(86_400_000).optional().describe('Own poll interval, instead of a group.'),
    write: z
      .strictObject({
        fc: writeFunctionSchema,
        table: z.enum(['coil', 'holding']).optional().describe('Where it is written, if not where it is read.'),
        address: registerAddressSchema.optional(),
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
    const { fc, table = point.table } = point.write;
    refineWrite({ ...point, table }, fc, ctx, ['write', 'fc']);
    if (isPartOfRegister(point.type) && fc !== 22) {
      ctx.addIssue({
        code: 'custom',
        message: 'bits, u8 and i8 are written by function code 22, which leaves the rest of the register alone',
        path: ['write', 'fc'],
      });
    }
  });
export type ModbusPoint = z.infer<typeof modbusPointSchema>;

const register = z
  .strictObject({ ...registerShape, ...transformShape })
  .superRefine((spec, ctx) => refineRegister(spec, ctx));

const givenSchema = z
  .union([z.strictObject({ input: thingIdSchema }), literalSchema])
  .describe('{input: id} or a literal.');

const writeStepSchema = z
  .strictObject({
    write: register,
    value: givenSchema,
    fc: z.literal(plainWrites),
    broadcast: z
      .boolean()
      .optional()
      .describe('To every device on the bus (unit id 0): nobody answers, and the bus rests for turnaroundMs.'),
  })
  .superRefine((step, ctx) => refineWrite(step.write, step.fc, ctx, ['fc']));

const exchangeStepSchema = z
  .strictObject({
    exchange: z.strictObject({ read: register, write: register }),
    value: givenSchema,
    equals: givenSchema.optional().describe('What the register read has to be; left out: anything.'),
  })
  .superRefine(({ exchange }, ctx) => {
    refineWrite(exchange.write, 23, ctx, ['exchange', 'write', 'table']);
    if (exchange.read.table !== 'holding') {
      ctx.addIssue({
        code: 'custom',
        message: 'function code 23 reads holding registers',
        path: ['exchange', 'read', 'table'],
      });
    }
  })
  .describe('Function code 23: writes first, then reads, in one exchange.');

/** One step of a command: write a value, write and read at once, wait, or read until it is as expected. */
export const modbusStepSchema = z.union([
  writeStepSchema,
  exchangeStepSchema,
  z.strictObject({ waitMs: z.int().min(1).max(60_000) }),
  z.strictObject({
    expect: register,
    equals: z.union([z.strictObject({ input: thingIdSchema }), literalSchema]),
    withinMs: z.int().min(0).max(600_000).default(0).describe('Read again until it fits or the time is over.'),
  }),
]);
export type ModbusStep = z.infer<typeof modbusStepSchema>;

/** Registers that must never be read, on the wire's addresses. */
const holeSchema = z
  .strictObject({ table: modbusTableSchema, from: registerAddressSchema, to: registerAddressSchema })
  .refine((hole) => hole.from <= hole.to, { message: 'a hole ends behind its start', path: ['to'] });

export const modbusBindingSchema = z.strictObject({
  transports: z
    .array(z.enum(['tcp', 'rtu']))
    .min(1)
    .default(['tcp', 'rtu'])
    .describe('rtu: a serial line, or RTU carried over TCP.'),
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
  holes: z
    .array(holeSchema)
    .max(256)
    .default([])
    .describe('Addresses (from and to included) that are never read, not even to join two points.'),
  turnaroundMs: z.int().min(0).max(10_000).default(100).describe('Rest of the bus after a broadcast.'),
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
