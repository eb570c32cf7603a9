import { z } from 'zod';

/** From a raw value to a property's value: `missing` first, then `map`, or else `raw * scale + offset`. */
export const transformShape = {
  scale: z
    .number()
    .refine((scale) => scale !== 0, 'a scale of 0 loses the value')
    .optional()
    .describe('value = raw * scale + offset'),
  offset: z.number().optional(),
  map: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('Raw value (as text) to value, such as {"0": "off", "1": "on"}. A raw value not listed is an error.'),
  missing: z
    .array(z.union([z.number(), z.string()]))
    .max(16)
    .optional()
    .describe('Raw values by which the device says "no value", such as 0x7FFF.'),
} as const;

export interface Transform {
  scale?: number;
  offset?: number;
  map?: Record<string, string | number | boolean>;
  missing?: (number | string)[];
}

/** A literal in a template or an expectation. */
export const literalSchema = z.union([z.number(), z.boolean(), z.string()]);
export type Literal = z.infer<typeof literalSchema>;

/** Bytes in hex, blanks allowed: `AA AA 96 69`. */
export const hexSchema = z
  .string()
  .regex(/^\s*(?:[0-9a-fA-F]{2}\s*)+$/, 'bytes are pairs of hex digits, such as "AA 96 69"')
  .max(4096)
  .describe('Bytes in hex, blanks allowed.');

/** A text pattern in which * stands for anything; letters compare without case. */
export const globSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .describe('Text; * stands for anything; case does not matter.');

/** A regular expression over a whole line or frame; nested repeats are refused because they can hang. */
export const regexSchema = z
  .string()
  .min(1)
  .max(300)
  .refine(isRegex, 'not a regular expression')
  .refine((text) => !/[+*}]\)[+*{]/.test(text), 'a repeat inside a repeated group can take for ever: write it without')
  .describe('Regular expression (JavaScript, u flag).');

function isRegex(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}
