import { z } from 'zod';
import { idSchema } from '../../wire/primitives.js';
import { fieldKeySchema, slugSchema } from '../kind/field-schema.js';
import { partySchema } from '../kind/party-schema.js';
import type { BeginFailure } from './ticket-event.js';

const opinion = z.string().trim().max(2_000).optional();
const why = z.string().trim().min(1).max(2_000);
const task = idSchema;
const fields = z.record(fieldKeySchema, z.unknown()).default({});
const parties = z.array(partySchema).min(1).max(50);

/** What somebody may ask of a ticket. Whether they may, and what comes of it, `decide` says. */
export const ticketCommandSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('sign'), task }),
  /** Gives an office’s task back to the office. */
  z.strictObject({ do: z.literal('release'), task }),
  /** Takes on what lies with a colleague of the same office. */
  z.strictObject({ do: z.literal('takeOver'), task, opinion }),
  z.strictObject({ do: z.literal('edit'), task, fields }),
  /** An action of the step that submits; `to` where it lets the actor choose. */
  z.strictObject({ do: z.literal('submit'), task, action: slugSchema, fields, opinion, to: parties.optional() }),
  z.strictObject({ do: z.literal('return'), task, action: slugSchema, step: slugSchema.optional(), opinion: why }),
  z.strictObject({ do: z.literal('transfer'), task, to: partySchema, opinion }),
  z.strictObject({ do: z.literal('delegate'), task, to: partySchema, opinion }),
  z.strictObject({ do: z.literal('addSigners'), task, to: parties, opinion }),
  z.strictObject({ do: z.literal('removeSigners'), task, tasks: z.array(idSchema).min(1).max(50), opinion }),
  z.strictObject({ do: z.literal('withdraw'), opinion }),
  z.strictObject({ do: z.literal('suspend'), task, untilAt: z.number().int().min(0).optional(), opinion: why }),
  z.strictObject({ do: z.literal('resume'), opinion }),
  z.strictObject({
    do: z.literal('askExtension'),
    task,
    minutes: z.number().int().min(1).max(5_256_000),
    opinion: why,
  }),
  z.strictObject({
    do: z.literal('decideExtension'),
    task,
    granted: z.boolean(),
    minutes: z.number().int().min(1).optional(),
    opinion,
  }),
  z.strictObject({ do: z.literal('remind'), opinion }),
  z.strictObject({ do: z.literal('supervise'), on: z.boolean(), opinion: why }),
  z.strictObject({ do: z.literal('instruct'), opinion: why }),
  z.strictObject({ do: z.literal('comment'), opinion: why }),
  z.strictObject({ do: z.literal('setLevel'), level: slugSchema, opinion }),
  z.strictObject({ do: z.literal('link'), ticket: idSchema, how: z.enum(['related', 'same_event', 'caused_by']) }),
  /** Takes back a link that was wrong, whichever of the two it was made from. */
  z.strictObject({
    ...{ do: z.literal('unlink'), ticket: idSchema, how: z.enum(['related', 'same_event', 'caused_by']) },
    opinion: why,
  }),
  /** Ends this one: the other goes on for both. */
  z.strictObject({ do: z.literal('mergeInto'), ticket: idSchema, opinion: why }),
  /** Tries once more what a rule could not begin; `of` as the page tells it. */
  z.strictObject({ do: z.literal('begin'), of: z.int().min(1), opinion }),
  z.strictObject({ do: z.literal('dropBegin'), of: z.int().min(1), opinion: why }),
  z.strictObject({ do: z.literal('intervene'), step: slugSchema, to: parties.optional(), opinion: why }),
  z.strictObject({ do: z.literal('cancel'), opinion: why }),
  z.strictObject({ do: z.literal('reopen'), opinion: why }),
]);
export type TicketCommand = z.infer<typeof ticketCommandSchema>;

/** What the platform itself tells a ticket, never a person. */
export type TicketNews =
  | { readonly do: 'absorb'; readonly ticket: string }
  | {
      readonly do: 'unlinked';
      readonly ticket: string;
      readonly how: 'related' | 'same_event' | 'caused_by';
      readonly opinion: string;
    }
  | { readonly do: 'childMade'; readonly ticket: string }
  | {
      readonly do: 'childEnded';
      readonly ticket: string;
      readonly outcome?: 'closed' | 'cancelled' | 'merged' | undefined;
    }
  | { readonly do: 'begun'; readonly of: number; readonly ticket: string; readonly how: 'child' | 'caused_by' }
  | { readonly do: 'beginFailed'; readonly of: number; readonly why: BeginFailure; readonly about?: string | undefined }
  | { readonly do: 'begunBy'; readonly ticket: string };

/** Why a command changes nothing; texts are the message files’. */
export const refusals = [
  'not_yours',
  'no_such_task',
  'task_not_open',
  'already_taken',
  'not_offered',
  'not_now',
  'ended',
  'suspended',
  'opinion_required',
  'fields_missing',
  'fields_not_editable',
  'field_invalid',
  'choose_party',
  'too_many_parties',
  'step_unknown',
  'never_been_there',
  'others_not_done',
  'children_open',
  'begun_open',
  'already_acted_on',
  'already_so',
  'too_late',
  'too_often',
  'too_long',
  'already_signer',
  'last_signer',
  'no_right',
] as const;
export type Refusal = (typeof refusals)[number];
