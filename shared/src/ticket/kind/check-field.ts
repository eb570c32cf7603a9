import { z } from 'zod';
import { idSchema } from '../../wire/primitives.js';
import { slugSchema, type TicketField, type TicketFieldType } from './field-schema.js';

/** Mainland mobile, landline with its area code, 5-digit service numbers, or international with +. */
const phone = z.string().regex(/^(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|[1-9]\d{4}|\+[1-9]\d{6,14})$/);
const place = z.strictObject({
  text: z.string().trim().min(1).max(300),
  lon: z.number().min(-180).max(180).optional(),
  lat: z.number().min(-90).max(90).optional(),
});
const signature = z.strictObject({
  name: z.string().trim().min(1).max(60),
  at: z.iso.datetime(),
  file: idSchema.optional(),
});
const date = z.iso.date();
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A resident's identity number: 17 digits, a date in them, and the check digit of GB 11643-1999 (ISO 7064 MOD 11-2). */
export const isIdentityNumber = (text: string): boolean => {
  if (!/^[1-9]\d{16}[\dX]$/.test(text)) return false;
  const born = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;
  if (!date.safeParse(born).success) return false;
  const sum = weights.reduce((all, weight, i) => all + weight * Number(text[i]), 0);
  return '10X98765432'[sum % 11] === text[17];
};

const valueSchema = (field: TicketField): z.ZodType => {
  switch (field.type) {
    case 'text':
      return z
        .string()
        .max(field.maxLength)
        .regex(/^[^\n\r]*$/);
    case 'longText':
      return z.string().max(field.maxLength);
    case 'number':
      return z
        .number()
        .min(field.min ?? -1e15)
        .max(field.max ?? 1e15);
    case 'money':
      return z.number().int().min(-1e13).max(1e13);
    case 'yesNo':
      return z.boolean();
    case 'choice':
      return z.enum(field.choices.map(({ value }) => value));
    case 'choices':
      return z.array(z.enum(field.choices.map(({ value }) => value))).max(field.choices.length);
    case 'category':
      return z.array(slugSchema).min(1).max(6);
    case 'date':
      return date;
    case 'instant':
      return z.iso.datetime();
    case 'phone':
      return phone;
    case 'identityNumber':
      return z.string().refine(isIdentityNumber);
    case 'place':
      return place;
    case 'hall':
    case 'device':
    case 'person':
    case 'office':
      return idSchema;
    case 'files':
      return z.array(idSchema).max(field.most);
    case 'satisfaction':
      return z.number().int().min(1).max(5);
    case 'signature':
      return signature;
  }
};

const known = new WeakMap<TicketField, z.ZodType>();

/** Why a value does not fit, as a code for the texts of whoever shows it: it is none of the field’s type, or too much of it. */
export type FieldProblem = TicketFieldType | 'too_long' | 'too_many' | 'out_of_range';

/** Undefined where the value fits. */
export const fieldProblem = (field: TicketField, value: unknown): FieldProblem | undefined => {
  const schema = known.get(field) ?? valueSchema(field);
  known.set(field, schema);
  const read = schema.safeParse(value);
  if (read.success) return undefined;
  const issue = read.error.issues[0];
  if (issue?.code === 'too_big')
    return issue.origin === 'string' ? 'too_long' : issue.origin === 'array' ? 'too_many' : 'out_of_range';
  return issue?.code === 'too_small' && issue.origin === 'number' ? 'out_of_range' : field.type;
};

/** Not filled in: no value, an empty text, an empty list. */
export const isEmptyValue = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
