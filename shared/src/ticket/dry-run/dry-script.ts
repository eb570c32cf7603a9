import { z } from 'zod';
import { fieldKeySchema, slugSchema } from '../kind/field-schema.js';

/** A party of a trial, by name: an office’s code, `initiator`, `leader`, `skill_…`, `category_…`; the same name is the office and somebody who works there. */
export const dryNameSchema = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/);

/** One thing that somebody does in a trial. `command` is a `TicketCommand` in which a `task` left out is the actor’s first, and parties are names. */
export const dryStepSchema = z.union([
  z.strictObject({
    as: dryNameSchema,
    make: z.strictObject({
      fields: z.record(fieldKeySchema, z.json()).default({}),
      level: slugSchema.nullable().default(null),
      source: slugSchema.default('console'),
    }),
  }),
  z.strictObject({
    as: dryNameSchema,
    /** Time that goes by before it. */
    afterMinutes: z.number().min(0).max(525_600).default(0),
    command: z.record(z.string().max(40), z.json()),
  }),
  z.strictObject({
    as: dryNameSchema,
    afterMinutes: z.number().min(0).max(525_600).default(0),
    /** A ticket that this one began is over; the line that asked for it. */
    endBegun: z.int().min(1),
  }),
]);
export type DryStep = z.infer<typeof dryStepSchema>;

/** The first makes the ticket. */
export const dryScriptSchema = z.array(dryStepSchema).min(1).max(100);
export type DryScript = z.infer<typeof dryScriptSchema>;
