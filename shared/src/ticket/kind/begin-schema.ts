import { z } from 'zod';
import { labelSchema } from '../../label.js';
import { feelSchema } from './clock-schema.js';
import { fieldKeySchema, slugSchema } from './field-schema.js';

/** What a field of the other ticket is filled with: a field of this one, an expression over them, or always the same. */
const fillSchema = z.union([
  z.strictObject({ field: fieldKeySchema }),
  z.strictObject({ feel: feelSchema }),
  z.strictObject({ value: z.json() }),
]);
export type BeginFill = z.infer<typeof fillSchema>;

/** Another ticket that begins when something happens in this one. It runs by itself, by its own kind. */
export const beginSchema = z.strictObject({
  id: slugSchema,
  /** What it is for: it stands in the history and where it could not begin. */
  label: labelSchema,
  on: z.discriminatedUnion('on', [
    /** The action took the ticket on: not one voice of several. */
    z.strictObject({ on: z.literal('action'), step: slugSchema, action: slugSchema }),
    /** The ticket comes into the step, an end too, by whatever way. */
    z.strictObject({ on: z.literal('entered'), step: slugSchema }),
  ]),
  when: feelSchema.optional(),
  /** Code of the kind that it is of; the version published then. */
  kind: slugSchema,
  /** By the key of the other kind's field. */
  fields: z.record(fieldKeySchema, fillSchema).default({}),
  /** Of the other ticket: always this one, or the one that this ticket has where the other kind has it too. */
  level: z.union([z.strictObject({ value: slugSchema }), z.strictObject({ same: z.literal(true) })]).optional(),
  /** child: a part of this ticket, which is not solved before it. caused_by: a process of its own. */
  as: z.enum(['child', 'caused_by']).default('caused_by'),
  /** When it happens once more: never again, again once the earlier one is over, or each time. */
  again: z.enum(['never', 'afterEnd', 'always']).default('never'),
  /** Actions of this ticket that wait until the other one is over. */
  holds: z
    .array(z.strictObject({ step: slugSchema, action: slugSchema }))
    .max(10)
    .default([]),
});
export type BeginRule = z.infer<typeof beginSchema>;

/** Of one kind: no act begins more tickets than this. */
export const mostBegins = 10;
