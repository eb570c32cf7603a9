import { z } from 'zod';

export const modbusTableSchema = z
  .enum(['coil', 'discrete', 'holding', 'input'])
  .describe('coil: FC 1/5/15, discrete: FC 2, holding: FC 3/6/16/22/23, input: FC 4.');
export type ModbusTable = z.infer<typeof modbusTableSchema>;

export const registerTypeSchema = z
  .enum([
    'bool',
    'u8',
    'i8',
    'u16',
    'i16',
    'u32',
    'i32',
    'u64',
    'i64',
    'f32',
    'f64',
    'bcd16',
    'bcd32',
    'mod10-32',
    'mod10-48',
    'mod10-64',
    'string',
    'bits',
  ])
  .describe('u8, i8: one half of a register. bcd: four decimal digits a register. mod10: 0 to 9999 a register.');
export type RegisterType = z.infer<typeof registerTypeSchema>;

export const orderSchema = z.enum(['big', 'little']);
export const halfSchema = z.enum(['high', 'low']);

export const registerAddressSchema = z
  .int()
  .min(0)
  .max(65_535)
  .describe('Address on the wire, from 0 (30001 and 40001 are 0).');

export const registerShape = {
  table: modbusTableSchema,
  address: registerAddressSchema,
  type: registerTypeSchema,
  words: z.int().min(1).max(125).optional().describe('Registers of a string.'),
  bit: z.int().min(0).max(15).optional().describe('Lowest bit of a bit field, 0 is the least significant.'),
  width: z.int().min(1).max(16).optional().describe('Bits of a bit field, 1 where left out.'),
  half: halfSchema.optional().describe('Which byte of the register a u8 or i8 is; low where left out.'),
  signed: z
    .boolean()
    .optional()
    .describe('bits: in two’s complement. mod10: each register is -9999 to 9999, in two’s complement.'),
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
  half?: 'high' | 'low';
  signed?: boolean;
  wordOrder?: 'big' | 'little';
  byteOrder?: 'big' | 'little';
}

export interface RefineContext {
  addIssue(issue: { code: 'custom'; message: string; path: PropertyKey[] }): void;
}

export function refineRegister(spec: RegisterSpec, ctx: RefineContext, at: PropertyKey[] = []): void {
  const issue = (key: string, message: string) => ctx.addIssue({ code: 'custom', message, path: [...at, key] });
  const { table, type } = spec;
  if (isBitTable(table) !== (type === 'bool')) {
    issue(
      'type',
      isBitTable(table) ? `a ${table} holds a bool` : `a bool lies in a coil or discrete; use bits in ${table}`,
    );
  }
  if (type === 'string' && spec.words === undefined) issue('type', 'a string states its words');
  if (type !== 'string' && spec.words !== undefined) issue('words', 'words fit a string only');
  if (type === 'bits' && spec.bit === undefined) issue('type', 'bits state their lowest bit');
  if (type !== 'bits' && (spec.bit !== undefined || spec.width !== undefined)) {
    issue(spec.bit !== undefined ? 'bit' : 'width', 'bit and width fit the type bits only');
  }
  if (type === 'bits' && (spec.bit ?? 0) + (spec.width ?? 1) > 16)
    issue('width', 'a bit field ends inside its register');
  if (type !== 'u8' && type !== 'i8' && spec.half !== undefined) issue('half', 'half fits the types u8 and i8 only');
  if (type !== 'bits' && !type.startsWith('mod10') && spec.signed !== undefined) {
    issue('signed', 'signed fits bits and mod10 only: use the type with an i');
  }
  if (spec.address + registerCount(spec) - 1 > 65_535) issue('address', 'the value ends behind the last address 65535');
}

export function isBitTable(table: ModbusTable): boolean {
  return table === 'coil' || table === 'discrete';
}

/** True where a value is less than its register, so that writing it must leave the rest alone. */
export function isPartOfRegister(type: RegisterType): boolean {
  return type === 'bits' || type === 'u8' || type === 'i8';
}

const countByType: Partial<Record<RegisterType, number>> = {
  u32: 2,
  i32: 2,
  f32: 2,
  bcd32: 2,
  'mod10-32': 2,
  'mod10-48': 3,
  u64: 4,
  i64: 4,
  f64: 4,
  'mod10-64': 4,
};

/** Registers (or coils) that a value takes. */
export function registerCount(spec: Pick<RegisterSpec, 'type' | 'words'>): number {
  return spec.type === 'string' ? (spec.words ?? 1) : (countByType[spec.type] ?? 1);
}
