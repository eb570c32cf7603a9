import { z } from 'zod';
import { labelSchema } from '../../label.js';

/** `constructor`, `valueOf`: asked by such a name, every object has something that nobody wrote. */
const isFree = (name: string): boolean => !(name in Object.prototype);
const taken = 'a name that is not taken';

export const fieldKeySchema = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,47}$/, 'a small letter, then letters and digits')
  .refine(isFree, taken);
export const slugSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,47}$/, 'small letters, digits and _')
  .refine(isFree, taken);

const base = {
  key: fieldKeySchema,
  label: labelSchema,
  hint: labelSchema.optional(),
  /** Masked for whoever has no right to personal data; stored sealed. */
  personal: z.boolean().default(false),
  /** Found by the full-text search. */
  searched: z.boolean().default(false),
} as const;
const choice = z.strictObject({ value: slugSchema, label: labelSchema });

/** One field of a kind of ticket; `type` says what its value is (JSON in brackets). */
export const fieldSchema = z.discriminatedUnion('type', [
  /** One line (string). */
  z.strictObject({ ...base, type: z.literal('text'), maxLength: z.number().int().min(1).max(1_000).default(200) }),
  /** Several lines (string). */
  z.strictObject({
    ...base,
    type: z.literal('longText'),
    maxLength: z.number().int().min(1).max(20_000).default(5_000),
  }),
  /** (number) */
  z.strictObject({
    ...base,
    type: z.literal('number'),
    min: z.number().optional(),
    max: z.number().optional(),
    unit: z.string().max(16).optional(),
  }),
  /** Whole fen (integer). */
  z.strictObject({ ...base, type: z.literal('money') }),
  /** (boolean) */
  z.strictObject({ ...base, type: z.literal('yesNo') }),
  /** One of the choices (its value). */
  z.strictObject({ ...base, type: z.literal('choice'), choices: z.array(choice).min(1).max(500) }),
  /** Several of them (array of values). */
  z.strictObject({ ...base, type: z.literal('choices'), choices: z.array(choice).min(1).max(500) }),
  /** A path in a tree of categories that the organisation keeps (array of codes, the root first). */
  z.strictObject({ ...base, type: z.literal('category'), tree: slugSchema }),
  /** `YYYY-MM-DD`. */
  z.strictObject({ ...base, type: z.literal('date') }),
  /** RFC 3339, UTC. */
  z.strictObject({ ...base, type: z.literal('instant') }),
  /** Chinese mobile or landline, or international with + (string). */
  z.strictObject({ ...base, type: z.literal('phone') }),
  /** Number of a resident's identity card, its check digit checked (string). */
  z.strictObject({ ...base, type: z.literal('identityNumber') }),
  /** `{text, lon?, lat?}`, WGS-84. */
  z.strictObject({ ...base, type: z.literal('place') }),
  /** Ids of what the platform knows (UUID). */
  z.strictObject({ ...base, type: z.literal('hall') }),
  z.strictObject({ ...base, type: z.literal('device') }),
  z.strictObject({ ...base, type: z.literal('person') }),
  z.strictObject({ ...base, type: z.literal('office') }),
  /** Ids of attachments (array of UUID). */
  z.strictObject({ ...base, type: z.literal('files'), most: z.number().int().min(1).max(50).default(10) }),
  /** 1 very dissatisfied to 5 very satisfied (integer). */
  z.strictObject({ ...base, type: z.literal('satisfaction') }),
  /** `{name, at, file?}`: who signed, when (RFC 3339, UTC), and the attachment that shows it; without one the name was typed. */
  z.strictObject({ ...base, type: z.literal('signature') }),
]);
export type TicketField = z.infer<typeof fieldSchema>;
export type TicketFieldType = TicketField['type'];

/** How fields stand on the page: sections of rows, a row of up to three fields. */
export const layoutSchema = z
  .array(z.strictObject({ label: labelSchema, rows: z.array(z.array(fieldKeySchema).min(1).max(3)).min(1).max(60) }))
  .max(20);
