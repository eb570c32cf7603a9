import { z } from 'zod';
import { labelSchema } from '../../label.js';
import { fieldKeySchema, slugSchema } from './field-schema.js';
import { partyRuleSchema } from './party-schema.js';

/** FEEL over the ticket's fields and `level`, `source`, `region`, `hall`, `marks`, `reopened`, `returned`. */
export const feelSchema = z.string().trim().min(1).max(1_000);

/** Something in a ticket's life that a clock begins or ends with. */
export const momentSchema = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('made') }),
  /** A step begins, whenever it does. */
  z.strictObject({ at: z.literal('entered'), step: slugSchema }),
  /** Somebody signs for a task of the step. */
  z.strictObject({ at: z.literal('signed'), step: slugSchema }),
  z.strictObject({ at: z.literal('left'), step: slugSchema }),
  z.strictObject({ at: z.literal('marked'), mark: slugSchema }),
  z.strictObject({ at: z.literal('ended') }),
]);
export type Moment = z.infer<typeof momentSchema>;

const minutes = z.number().int().min(1).max(5_256_000);

/** A promise of time. Targets are gone through in order, the first whose `when` holds counts; none: no promise. */
export const clockSchema = z.strictObject({
  id: slugSchema,
  label: labelSchema,
  purpose: z.enum(['response', 'arrival', 'handling', 'feedback', 'step']),
  /** The requester's own: never paused, never begun anew, whoever has the ticket. */
  requesters: z.boolean().default(false),
  from: momentSchema,
  until: z.array(momentSchema).min(1).max(8),
  /** What was promised has not come after all: from here it goes on as if it had never ended. */
  resumes: z.array(momentSchema).max(8).default([]),
  targets: z
    .array(
      z.strictObject({
        when: feelSchema.optional(),
        minutes,
        calendar: slugSchema.default('always'),
        /** Due when this field says so: an instant, or the end of a day; where it is empty `minutes` count. */
        field: fieldKeySchema.optional(),
      }),
    )
    .min(1)
    .max(50),
  /** States in which it stands still. */
  pausedIn: z.array(slugSchema).max(20).default([]),
  /** Yellow from here: this share of the time is used. */
  warnAtShare: z.number().min(0.05).max(1).default(0.8),
  /** Up the line: `afterMinutes` of the same calendar after it is due; negative: before. */
  escalations: z
    .array(z.strictObject({ afterMinutes: z.number().int().min(-5_256_000).max(5_256_000), to: partyRuleSchema }))
    .max(10)
    .default([]),
  onReopen: z.enum(['anew', 'goOn']).default('anew'),
});
export type TicketClock = z.infer<typeof clockSchema>;
