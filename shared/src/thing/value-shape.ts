import { z } from 'zod';
import { labelSchema } from '../label.js';

/** camelCase ids of properties, events, commands and their fields; they never change once published. */
export const thingIdSchema = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9]{0,47}$/, 'an id is camelCase: a small letter, then letters and digits, 48 at most')
  .describe('Stable camelCase id.');

/** Ids of enum values: short, stable, written to the wire and to the database. */
export const enumIdSchema = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,47}$/, 'a value id has letters, digits, - and _, 48 at most')
  .describe('Stable id of one enum value.');

export const valueTypeSchema = z.enum(['number', 'integer', 'boolean', 'enum', 'string']);
export type ValueType = z.infer<typeof valueTypeSchema>;

/** What a property, an event's field or a command's field can hold. */
export type ThingValue = number | boolean | string;

export const enumValueSchema = z.strictObject({ id: enumIdSchema, label: labelSchema });
export type EnumValue = z.infer<typeof enumValueSchema>;

/** The attributes shared by properties and fields; which of them fit the type is checked by `refineValueShape`. */
export const valueShape = {
  id: thingIdSchema,
  label: labelSchema,
  description: labelSchema.optional(),
  type: valueTypeSchema,
  unit: z
    .string()
    .min(1)
    .max(24)
    .regex(/^[!-~]+$/, 'a unit is a UCUM code such as Cel, V, kW.h, %')
    .optional()
    .describe('UCUM code: Cel, %, V, A, W, kW.h, Hz, s, min, 1.'),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('[least, greatest], both allowed. Needed on every number that can be set.'),
  step: z.number().positive().optional().describe('Settable values are least + a whole number of steps.'),
  decimals: z.int().min(0).max(9).optional().describe('Digits after the point when shown.'),
  values: z.array(enumValueSchema).min(1).max(200).optional().describe('The values of an enum.'),
  maxLength: z.int().min(1).max(65_536).optional().describe('Most characters of a string.'),
  pattern: z.string().min(1).max(200).optional().describe('Regular expression a whole string has to match.'),
  personal: z.boolean().optional().describe('Data about a person: masked when shown, encrypted when stored.'),
} as const;

export type ValueShape = {
  id: string;
  label: z.infer<typeof labelSchema>;
  type: ValueType;
  unit?: string;
  range?: [number, number];
  step?: number;
  decimals?: number;
  values?: EnumValue[];
  maxLength?: number;
  pattern?: string;
  personal?: boolean;
};

interface RefineContext {
  addIssue(issue: { code: 'custom'; message: string; path: PropertyKey[] }): void;
}

/** Adds an issue for every attribute that does not fit the type. */
export function refineValueShape(shape: ValueShape, ctx: RefineContext): void {
  const issue = (key: string, message: string) => ctx.addIssue({ code: 'custom', message, path: [key] });
  const numeric = shape.type === 'number' || shape.type === 'integer';
  for (const key of ['unit', 'range', 'step', 'decimals'] as const) {
    if (!numeric && shape[key] !== undefined) issue(key, `${key} fits numbers only, and the type is ${shape.type}`);
  }
  for (const key of ['maxLength', 'pattern'] as const) {
    if (shape.type !== 'string' && shape[key] !== undefined) {
      issue(key, `${key} fits strings only, and the type is ${shape.type}`);
    }
  }
  if (shape.type === 'enum' && !shape.values) issue('type', 'an enum lists its values');
  if (shape.type !== 'enum' && shape.values) issue('values', `values fit an enum only, and the type is ${shape.type}`);
  if (shape.range && shape.range[0] > shape.range[1]) {
    issue('range', `the least value ${shape.range[0]} is above the greatest ${shape.range[1]}`);
  }
  if (shape.type === 'integer' && shape.decimals) issue('decimals', 'an integer has no decimals');
  refineUnique(shape.values ?? [], 'values', ctx);
  if (shape.pattern !== undefined) {
    try {
      new RegExp(shape.pattern, 'u');
    } catch (cause) {
      issue('pattern', `not a regular expression: ${(cause as Error).message}`);
    }
  }
}

/** Adds an issue for every id that is used twice in a list. */
export function refineUnique(list: readonly { id: string }[], key: string, ctx: RefineContext): void {
  const seen = new Set<string>();
  list.forEach(({ id }, index) => {
    if (seen.has(id))
      ctx.addIssue({ code: 'custom', message: `the id "${id}" is used twice`, path: [key, index, 'id'] });
    seen.add(id);
  });
}
