import { z } from 'zod';
import { labelSchema } from '../../label.js';
import { brokenOffs } from '../clock/run-clock.js';
import { beginFailures } from '../engine/ticket-event.js';
import { fieldKeySchema, slugSchema } from '../kind/field-schema.js';
import { phases, taskActs, ticketKindSchema } from '../kind/kind-schema.js';

const id = z.uuid();
const instant = z.iso.datetime();
const labelled = z.object({ id: slugSchema, label: labelSchema });
const named = z.object({ id, name: z.string() });
export const lights = ['green', 'yellow', 'red'] as const;

/** A person or an office, by name. */
export const partyViewSchema = z.object({ kind: z.enum(['person', 'office']), id, name: z.string() });
export type PartyView = z.infer<typeof partyViewSchema>;

/** Who did something; null id: the platform itself, or the requester from outside. */
export const doerViewSchema = z.object({ id: id.nullable(), name: z.string() });

export const taskViewSchema = z.object({
  id,
  purpose: z.enum(['handle', 'extension']),
  step: labelled,
  visit: z.int(),
  party: partyViewSchema,
  lead: z.boolean(),
  state: z.enum(['waiting', 'open', 'signed', 'lent', 'done', 'gone']),
  heldBy: named.nullable(),
  /** Nobody was found for it: it came to the fallback. */
  unplaced: z.boolean(),
  /** Who has it now, where it was handed on, taken over or given back. */
  handedTo: partyViewSchema.nullable(),
  beganAt: instant,
  endedAt: instant.nullable(),
  /** Label of the action that ended it. */
  action: labelSchema.nullable(),
});
export type TaskView = z.infer<typeof taskViewSchema>;

/** One run of a clock. Spans in ms of the clock's own time. */
export const clockViewSchema = z.object({
  clock: slugSchema,
  run: z.int(),
  label: labelSchema,
  purpose: z.enum(['response', 'arrival', 'handling', 'feedback', 'step']),
  requesters: z.boolean(),
  calendar: slugSchema,
  light: z.enum(lights),
  beganAt: instant,
  endedAt: instant.nullable(),
  /** How it ended although what was promised had not come; null: it was kept, or runs. */
  brokenOff: z.enum(brokenOffs).nullable(),
  dueAt: instant.nullable(),
  warnAt: instant.nullable(),
  promisedMs: z.int(),
  extendedMs: z.int(),
  usedMs: z.int(),
  isPaused: z.boolean(),
  breachedAt: instant.nullable(),
});
export type ClockView = z.infer<typeof clockViewSchema>;

/** A clock with every stretch of its time and why it ran or stood still; stretches lie side by side. */
export const clockStorySchema = clockViewSchema.extend({
  stretches: z.array(
    z.object({
      from: instant,
      to: instant,
      runs: z.boolean(),
      why: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('runs') }),
        z.object({ kind: z.literal('night') }),
        z.object({ kind: z.literal('holiday'), date: z.iso.date(), name: labelSchema.nullable() }),
        z.object({ kind: z.literal('paused'), state: labelled }),
      ]),
    }),
  ),
  /** What the sweep noted: when it warned, breached, escalated and to whom. */
  notes: z.array(
    z.object({ at: instant, what: z.enum(['warned', 'breached', 'escalated']), to: z.array(partyViewSchema) }),
  ),
});
export type ClockStory = z.infer<typeof clockStorySchema>;

/** A ticket as lists show it. */
export const ticketRowSchema = z.object({
  id,
  number: z.string(),
  title: z.string(),
  kind: z.object({ code: slugSchema, label: labelSchema, version: z.int() }),
  step: labelled,
  state: labelled.extend({ phase: z.enum(phases) }),
  status: z.enum(['running', 'suspended', 'ended']),
  outcome: z.enum(['closed', 'cancelled', 'merged']).nullable(),
  level: labelled.nullable(),
  source: slugSchema,
  hall: named.nullable(),
  /** Whose turn it is. */
  holders: z.array(partyViewSchema),
  /** The task that is mine, where I have one. */
  myTask: z.object({ id, state: z.enum(['open', 'signed']), purpose: z.enum(['handle', 'extension']) }).nullable(),
  madeAt: instant,
  madeBy: doerViewSchema,
  endedAt: instant.nullable(),
  dueAt: instant.nullable(),
  light: z.enum(lights).nullable(),
  reminded: z.int(),
  returned: z.int(),
  reopened: z.int(),
  supervised: z.boolean(),
  /** Number of lines of its history: the ETag of acts. */
  seq: z.int(),
});
export type TicketRow = z.infer<typeof ticketRowSchema>;

/** What the reader may do now. `task` null: an act on the ticket, not on a task. */
export const offerSchema = z.object({
  task: id.nullable(),
  do: z.enum([
    'sign',
    'release',
    'takeOver',
    'edit',
    ...taskActs,
    'withdraw',
    'resume',
    'decideExtension',
    'remind',
    'supervise',
    'instruct',
    'comment',
    'setLevel',
    'link',
    'unlink',
    'mergeInto',
    'intervene',
    'cancel',
    'reopen',
  ]),
  /** The action of the step, for submit and return. */
  action: slugSchema.nullable(),
  label: labelSchema.nullable(),
  opinion: z.enum(['no', 'optional', 'required']),
  grave: z.boolean(),
  /** Parties are to be chosen, so many at most; null: none. `lead`: of several the first leads, and finishes last. */
  chooses: z.object({ most: z.int(), lead: z.boolean() }).nullable(),
  /** Steps that a return or an intervention may name; empty: none is to be named. */
  steps: z.array(labelled),
  /** Tasks that a removal may name. */
  tasks: z.array(id),
  edit: z.array(fieldKeySchema),
  required: z.array(fieldKeySchema),
});
export type Offer = z.infer<typeof offerSchema>;

export const ticketFileSchema = z.object({
  id,
  field: fieldKeySchema.nullable(),
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.int(),
  sha256: z.string(),
  madeAt: instant,
  madeBy: doerViewSchema,
  /** Of a photo taken on the spot. */
  taken: z.object({ at: instant, lon: z.number().nullable(), lat: z.number().nullable() }).nullable(),
});
export type TicketFile = z.infer<typeof ticketFileSchema>;

export const ticketLinkSchema = z.object({
  /** What the other one is to this: `caused_by` its cause, `caused` what came of it. */
  how: z.enum(['related', 'same_event', 'caused_by', 'caused', 'parent', 'child', 'merged_into', 'absorbed']),
  ticket: ticketRowSchema.pick({ id: true, number: true, title: true, state: true, light: true }),
});

/** A ticket as its page shows it. */
export const ticketPageSchema = ticketRowSchema.extend({
  /** The version that it runs on. */
  document: ticketKindSchema,
  /** By key; personal ones masked unless the reader may see them, hidden ones left out. */
  fields: z.record(fieldKeySchema, z.unknown()),
  masked: z.array(fieldKeySchema),
  /** What ids in fields mean: halls, devices, people, offices, categories’ labels by `tree/code`. */
  names: z.record(z.string(), z.string()),
  marks: z.record(slugSchema, instant),
  tasks: z.array(taskViewSchema),
  clocks: z.array(clockViewSchema),
  offers: z.array(offerSchema),
  links: z.array(ticketLinkSchema),
  /** What rules asked for and could not begin; `of` is what the commands `begin` and `dropBegin` name. */
  unbegun: z.array(
    z.object({
      of: z.int(),
      label: labelSchema,
      kind: z.object({ code: slugSchema, label: labelSchema.nullable() }).nullable(),
      why: z.enum(beginFailures),
      about: z.string().nullable(),
      mayTry: z.boolean(),
    }),
  ),
  /** Actions of the present step that wait until begun tickets are over. */
  heldUp: z.array(z.object({ action: labelSchema, count: z.int() })),
  files: z.array(ticketFileSchema),
  device: named.nullable(),
  alarm: z.object({ id, state: z.enum(['open', 'acknowledged', 'cleared']), message: labelSchema }).nullable(),
  place: z.object({ text: z.string(), lon: z.number().nullable(), lat: z.number().nullable() }).nullable(),
  /** Tickets of the same requester within the kind’s days, this one left out. */
  repeats: z.int(),
});
export type TicketPage = z.infer<typeof ticketPageSchema>;

/** A line of history for people; `data` as `TicketEvent` has it, without ids that mean nothing to them. */
export const historyLineSchema = z.object({
  seq: z.int(),
  at: instant,
  by: doerViewSchema,
  onBehalfOf: doerViewSchema.nullable(),
  type: z.string(),
  /** Words for the sentence: labels of steps, actions, states; names of parties; changed fields’ labels; minutes. */
  step: labelSchema.nullable(),
  state: labelSchema.nullable(),
  action: labelSchema.nullable(),
  parties: z.array(partyViewSchema),
  /** `words`: what was written into a text, as it was then; null of other fields, personal and hidden ones. */
  fields: z.array(z.object({ key: fieldKeySchema, label: labelSchema, words: z.string().nullable() })),
  minutes: z.int().nullable(),
  granted: z.boolean().nullable(),
  ticket: z.object({ id, number: z.string() }).nullable(),
  how: z.string().nullable(),
  level: labelSchema.nullable(),
  opinion: z.string().nullable(),
});
export type HistoryLine = z.infer<typeof historyLineSchema>;
