import { z } from 'zod';
import { labelSchema } from '../../label.js';
import { beginSchema, mostBegins } from './begin-schema.js';
import { clockSchema, feelSchema } from './clock-schema.js';
import { fieldKeySchema, fieldSchema, layoutSchema, slugSchema } from './field-schema.js';
import { partyRuleSchema } from './party-schema.js';

/** What a state means to whoever counts tickets, in every kind alike. */
export const phases = ['new', 'open', 'suspended', 'solved', 'closed', 'cancelled'] as const;
export type Phase = (typeof phases)[number];

/**
 * What somebody who has a task may do; all but `submit` are the engine's own and need no target.
 * `submit` finishes the task; when the step's mode is satisfied the ticket goes where the action says.
 */
export const taskActs = [
  'submit',
  'return',
  'transfer',
  'delegate',
  'addSigners',
  'removeSigners',
  'suspend',
  'askExtension',
  'split',
] as const;
export type TaskAct = (typeof taskActs)[number];

const actionSchema = z.strictObject({
  id: slugSchema,
  label: labelSchema,
  act: z.enum(taskActs),
  /** Offered only while it holds. */
  when: feelSchema.optional(),
  /** submit: the first whose `when` holds. return: where it may go back to; left out: any step it has been in. */
  to: z
    .array(z.strictObject({ when: feelSchema.optional(), step: slugSchema }))
    .max(10)
    .default([]),
  /** Who gets it there, instead of what that step says. */
  who: partyRuleSchema.optional(),
  opinion: z.enum(['no', 'optional', 'required']).default('optional'),
  /** Things achieved by it: `solved`, `fed_back`, `confirmed` count for the closed loop. */
  marks: z.array(slugSchema).max(5).default([]),
  /** Fields that hold no longer: what is done again is written anew. */
  clears: z.array(fieldKeySchema).max(20).default([]),
  /** Confirmed in a dialog. */
  grave: z.boolean().default(false),
});
export type TicketAction = z.infer<typeof actionSchema>;

const stepSchema = z.strictObject({
  id: slugSchema,
  label: labelSchema,
  state: slugSchema,
  /** How many of the step's parties must submit: the one, all at once, the first of them, one after the other, or free flow. */
  mode: z.enum(['single', 'joint', 'any', 'ordered', 'free']).default('single'),
  /** Dispatch, gone through in order; the first whose `when` holds. Empty only for an end. */
  who: z
    .array(z.strictObject({ when: feelSchema.optional(), to: z.array(partyRuleSchema).min(1).max(20) }))
    .max(50)
    .default([]),
  /** joint: the first party leads, and submits only after all others. */
  lead: z.boolean().default(false),
  /** Taking it on is an act of its own, and told by the response clock. */
  sign: z.boolean().default(false),
  /** What to say and ask, line by line, shown beside the form: of a call above all. `{number}` and `{title}` are the ticket's. */
  script: z.array(labelSchema).min(1).max(20).optional(),
  fields: z
    .strictObject({
      edit: z.array(fieldKeySchema).max(200).default([]),
      required: z.array(fieldKeySchema).max(200).default([]),
      hidden: z.array(fieldKeySchema).max(200).default([]),
    })
    .prefault({}),
  actions: z.array(actionSchema).max(30).default([]),
  /** A ticket that comes here is at its end. */
  end: z.enum(['closed', 'cancelled']).optional(),
});
export type TicketStep = z.infer<typeof stepSchema>;

const noticeSchema = z.strictObject({
  id: slugSchema,
  on: z.discriminatedUnion('on', [
    z.strictObject({ on: z.literal('entered'), step: slugSchema }),
    z.strictObject({ on: z.literal('action'), action: slugSchema }),
    z.strictObject({ on: z.literal('warning'), clock: slugSchema }),
    z.strictObject({ on: z.literal('breach'), clock: slugSchema }),
    z.strictObject({ on: z.enum(['made', 'ended', 'reopened', 'reminded', 'returned', 'extended']) }),
  ]),
  /** Parties; whoever has a task of it then; or the requester by the field that holds their number or address. */
  to: z
    .array(
      z.union([
        partyRuleSchema,
        z.strictObject({ kind: z.literal('holders') }),
        z.strictObject({ kind: z.literal('requester'), field: fieldKeySchema }),
      ]),
    )
    .min(1)
    .max(10),
  channels: z
    .array(z.enum(['in_app', 'email', 'sms', 'webhook']))
    .min(1)
    .max(4),
  /** Goes out in quiet hours too. */
  urgent: z.boolean().optional(),
  /**
   * With `{number}`, `{title}`, `{state}`, `{step}`, `{due}` and `{field}` of the ticket by its key, never a personal one; escaped by the
   * channel. `{link}`: where whoever gets it reads on; nothing in the console.
   */
  text: labelSchema,
});
export type TicketNotice = z.infer<typeof noticeSchema>;

/** What puts a ticket under supervision without anybody's asking; each happening does so once. */
const superviseSchema = z.strictObject({
  id: slugSchema,
  /** The reason and what is wanted: it stands in the history and is told to `to`. */
  label: labelSchema,
  on: z.discriminatedUnion('on', [
    z.strictObject({ on: z.literal('breach'), clock: slugSchema }),
    /** Any of the clock's escalations, or the one at this place (0: the first). */
    z.strictObject({ on: z.literal('escalated'), clock: slugSchema, place: z.number().int().min(0).max(9).optional() }),
    /** The act that makes it so many times. */
    z.strictObject({ on: z.enum(['returned', 'reopened']), times: z.number().int().min(1).max(50).default(1) }),
  ]),
  when: feelSchema.optional(),
  to: z
    .array(z.union([partyRuleSchema, z.strictObject({ kind: z.literal('holders') })]))
    .min(1)
    .max(10),
});
export type SuperviseRule = z.infer<typeof superviseSchema>;

/** A kind of ticket as data. Running tickets stay on the version that they began with. */
export const ticketKindSchema = z.strictObject({
  v: z.literal(1),
  code: slugSchema,
  label: labelSchema,
  /** `{prefix}{date}{serial}`: GD202611220001. */
  numbering: z.strictObject({
    prefix: z.string().regex(/^[A-Z]{1,8}$/),
    per: z.enum(['day', 'month', 'year']).default('day'),
    digits: z.number().int().min(3).max(9).default(4),
  }),
  /** The field shown as its title in lists. */
  title: fieldKeySchema,
  levels: z
    .array(z.strictObject({ id: slugSchema, label: labelSchema }))
    .max(9)
    .default([]),
  fields: z.array(fieldSchema).min(1).max(200),
  layout: layoutSchema.default([]),
  states: z
    .array(z.strictObject({ id: slugSchema, label: labelSchema, phase: z.enum(phases) }))
    .min(2)
    .max(40),
  start: slugSchema,
  steps: z.array(stepSchema).min(2).max(60),
  /** Where a reopened ticket goes. Left out: it cannot be reopened. */
  reopen: z.strictObject({ to: slugSchema, withinDays: z.number().int().min(1).max(3_650).optional() }).optional(),
  /** Where a suspended one waits. Left out: it cannot be suspended. */
  suspendedState: slugSchema.optional(),
  extension: z
    .strictObject({
      approver: partyRuleSchema,
      most: z.number().int().min(1).max(20).default(1),
      maxMinutes: z.number().int().min(1),
    })
    .optional(),
  clocks: z.array(clockSchema).max(20).default([]),
  notices: z.array(noticeSchema).max(60).default([]),
  supervise: z.array(superviseSchema).max(20).default([]),
  /** Linked processes: tickets of other kinds that this one begins. */
  begins: z.array(beginSchema).max(mostBegins).default([]),
  /** Two tickets of one requester, place or text within this time are shown as likely the same. */
  duplicatesWithinDays: z.number().int().min(1).max(365).default(30),
  print: z
    .strictObject({
      title: labelSchema,
      sections: z.array(z.enum(['fields', 'history', 'clocks', 'signatures'])).default(['fields', 'history']),
    })
    .optional(),
});
export type TicketKind = z.infer<typeof ticketKindSchema>;
