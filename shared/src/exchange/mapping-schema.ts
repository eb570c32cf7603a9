import { z } from 'zod';
import { fieldKeySchema, slugSchema } from '../ticket/kind/field-schema.js';
import { exchangeActs } from './message.js';

const code = z.string().min(1).max(64);

/** Which of the kind’s fields holds what a message says; left out: it is not kept, or not said. */
const fieldNames = z.strictObject({
  title: fieldKeySchema,
  text: fieldKeySchema.optional(),
  category: fieldKeySchema.optional(),
  place: fieldKeySchema.optional(),
  requesterName: fieldKeySchema.optional(),
  requesterPhone: fieldKeySchema.optional(),
  /** The owner’s number. */
  number: fieldKeySchema.optional(),
  dueAt: fieldKeySchema.optional(),
  files: fieldKeySchema.optional(),
});

/** What else the two agreed on: a member of `fields` of the message, and a field here. */
const more = z
  .array(z.strictObject({ theirs: z.string().min(1).max(64), ours: fieldKeySchema }))
  .max(50)
  .default([]);

/** What a message makes of the ticket here. */
export const localActSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('submit'),
    /** Only while the ticket stands in it. */
    step: slugSchema,
    action: slugSchema,
    /** The office that the action lets somebody choose, by its code. */
    office: z.string().min(1).max(64).optional(),
    /** Fields that get a fixed value. */
    set: z.record(fieldKeySchema, z.json()).default({}),
    /** Fields that get what the message says. */
    take: z.record(fieldKeySchema, z.enum(['words', 'satisfaction'])).default({}),
    more,
  }),
  z.strictObject({ do: z.literal('return'), step: slugSchema, action: slugSchema, to: slugSchema.optional() }),
  z.strictObject({ do: z.literal('intervene'), from: slugSchema.optional(), to: slugSchema }),
  z.strictObject({
    do: z.enum(['sign', 'decideExtension', 'askExtension', 'cancel', 'reopen', 'remind', 'instruct', 'comment']),
    step: slugSchema.optional(),
  }),
]);
export type LocalAct = z.infer<typeof localActSchema>;

/** When the platform is told something: the line of history that says so. */
export const saySchema = z.strictObject({
  when: z.strictObject({
    type: z.enum([
      'entered',
      'signed',
      'finished',
      'returned',
      'extension_asked',
      'extension_decided',
      'reminded',
      'instructed',
      'commented',
      'reopened',
      'ended',
    ]),
    step: slugSchema.optional(),
    action: slugSchema.optional(),
    mark: slugSchema.optional(),
    outcome: z.enum(['closed', 'cancelled', 'merged']).optional(),
  }),
  act: z.enum(exchangeActs),
  /** The field whose text is said where the line itself has no opinion. */
  words: fieldKeySchema.optional(),
  satisfaction: fieldKeySchema.optional(),
  /** return: the reason’s code. */
  code: z.string().min(1).max(64).optional(),
  more,
});
export type Say = z.infer<typeof saySchema>;

const side = {
  fields: fieldNames,
  more,
  /** What is done here when the platform does that, the first that the ticket allows; at the last it is a comment. */
  on: z.partialRecord(z.enum(exchangeActs), z.array(localActSchema).min(1).max(20)).default({}),
  says: z.array(saySchema).max(60).default([]),
  /** Opinions of steps that no rule of `says` has: told too, with the step’s name. */
  opinions: z.boolean().optional(),
  /** Files that go along, each once: those of `fields.files` (as when left out), all but personal ones, or none. */
  attach: z.enum(['none', 'named', 'all']).optional(),
} as const;

const terms = z.array(z.string().trim().min(1).max(64)).max(200).default([]);

/** What comes here and is not for here: it is given back at once, with its code. */
export const triageRuleSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Any of their category codes, or any of the words in title or text; but where one of `unless` stands there too. */
  categories: terms,
  words: terms,
  unless: terms,
  code: z.string().trim().min(1).max(64),
  say: z.string().trim().min(1).max(1_000),
});
export type TriageRule = z.infer<typeof triageRuleSchema>;

/** Tickets that the platform has on its fast list: what a dispatcher would do is done by rule, and they are signed. */
export const fastListSchema = z.strictObject({
  /** Member of the message’s `fields`. */
  field: z.string().min(1).max(64),
  /** Which of its values mean the list; none: any but false, 0 and nothing. */
  values: z
    .array(z.union([z.string().max(64), z.number(), z.boolean()]))
    .max(50)
    .default([]),
  /** One after the other; the first that the ticket does not allow ends it, and a dispatcher goes on. */
  acts: z.array(localActSchema).max(10).default([]),
});
export type FastList = z.infer<typeof fastListSchema>;

/** What a platform may read of a channel, beside the book. */
export const exchangeReads = ['tickets', 'files', 'boundaries'] as const;
export type ExchangeRead = (typeof exchangeReads)[number];

/** How a channel’s two ends understand each other, as data. */
export const exchangeMappingSchema = z.strictObject({
  v: z.literal(1),
  /** Tickets of theirs that are handled here. Null: none are taken. */
  incoming: z
    .strictObject({
      ...side,
      kind: slugSchema,
      /** Their code (`*`: any other) → the path here, the root first. */
      categories: z.record(code, z.array(slugSchema).min(1).max(6)).default({}),
      levels: z.record(code, slugSchema.nullable()).default({}),
      /** In their order; the first that fits gives the ticket back. Only when it first comes: sent again, people decide. */
      triage: z.array(triageRuleSchema).max(50).optional(),
      fast: fastListSchema.nullable().optional(),
    })
    .nullable()
    .default(null),
  /** Tickets of ours that they handle: those of which this office is given a task. Null: none are sent. */
  outgoing: z
    .strictObject({
      ...side,
      office: z.string().min(1).max(64),
      /** The code here (`*`: any other) → theirs. */
      categories: z.record(code, z.array(code).min(1).max(6)).default({}),
      levels: z.record(code, code.nullable()).default({}),
    })
    .nullable()
    .default(null),
  reads: z.array(z.enum(exchangeReads)).max(exchangeReads.length).optional(),
});
export type ExchangeMapping = z.infer<typeof exchangeMappingSchema>;
