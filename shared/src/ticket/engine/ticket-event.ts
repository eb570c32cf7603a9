import type { Party } from '../kind/party-schema.js';

/** A task as it begins. */
export interface NewTask {
  readonly id: string;
  readonly purpose: 'handle' | 'extension';
  readonly party: Party;
  readonly lead: boolean;
  readonly isWaiting: boolean;
  readonly lentBy?: string | undefined;
  readonly unplaced?: boolean | undefined;
}

/** Why a ticket of a rule could not begin. */
export const beginFailures = [
  /** There is no such kind, or none is published. */
  'no_kind',
  /** What it would be filled with does not fit there. */
  'field_unfit',
  /** What lies sealed here would lie open there. */
  'unseals',
  /** Tickets that begin tickets: so many one after the other, and no more. */
  'too_deep',
  /** One ticket has begun so many. */
  'too_many',
  /** The version that it runs on has no such rule. */
  'rule_gone',
  /** The other kind said no. */
  'refused',
  /** The platform failed. */
  'broken',
] as const;
export type BeginFailure = (typeof beginFailures)[number];

type Data =
  | {
      readonly type: 'made';
      readonly kind: string;
      readonly kindVersion: number;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly level: string | null;
      readonly source: string;
    }
  /** The ticket stands in a step, with tasks for its parties. */
  | {
      readonly type: 'entered';
      readonly step: string;
      readonly visit: number;
      readonly stateId: string;
      readonly tasks: readonly NewTask[];
    }
  | { readonly type: 'signed'; readonly task: string }
  | { readonly type: 'released'; readonly task: string }
  | { readonly type: 'edited'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly type: 'levelled'; readonly level: string }
  | {
      readonly type: 'finished';
      readonly task: string;
      readonly action: string;
      readonly marks: readonly string[];
      /** What was solved is done again: it counts as reopened. */
      readonly redo?: true | undefined;
    }
  /** The next of an ordered step may begin, or a lent task is back. */
  | { readonly type: 'opened'; readonly task: string }
  /** Tasks that nobody needs to do any more. */
  | { readonly type: 'dropped'; readonly tasks: readonly string[] }
  | {
      readonly type: 'handed';
      readonly task: string;
      readonly next: NewTask;
      readonly how: 'transfer' | 'delegate' | 'hand_on' | 'intervene' | 'take_over' | 'give_back';
    }
  | { readonly type: 'signers_added'; readonly tasks: readonly NewTask[] }
  | { readonly type: 'returned'; readonly from: string; readonly to: string; readonly action: string }
  /** The last move is taken back: its step stands again as it was. */
  | {
      readonly type: 'withdrawn';
      readonly task: string;
      /** Others’ tasks that the move had ended. */
      readonly restored: readonly string[];
      /** Whose turn it had become. */
      readonly waiting: readonly string[];
      readonly step: string;
      readonly visit: number;
      readonly stateId: string;
      readonly marks: readonly string[];
    }
  | { readonly type: 'suspended'; readonly stateId: string; readonly untilAt?: number | undefined }
  | { readonly type: 'resumed'; readonly stateId: string }
  | { readonly type: 'extension_asked'; readonly minutes: number; readonly task: NewTask }
  | { readonly type: 'extension_decided'; readonly task: string; readonly granted: boolean; readonly minutes: number }
  | { readonly type: 'reminded' }
  /** `rule`: of the kind; it was nobody's decision. */
  | { readonly type: 'supervised'; readonly on: boolean; readonly rule?: string | undefined }
  | { readonly type: 'instructed' }
  | { readonly type: 'commented' }
  | { readonly type: 'linked'; readonly ticket: string; readonly how: 'related' | 'same_event' | 'caused_by' }
  | { readonly type: 'unlinked'; readonly ticket: string; readonly how: 'related' | 'same_event' | 'caused_by' }
  | { readonly type: 'absorbed'; readonly ticket: string }
  | { readonly type: 'child_made'; readonly ticket: string }
  | { readonly type: 'child_ended'; readonly ticket: string }
  /** A rule asks for another ticket; `of`: once more, for the line that asked first. */
  | { readonly type: 'begin_wanted'; readonly rule: string; readonly of?: number | undefined }
  | {
      readonly type: 'begun';
      readonly of: number;
      readonly rule: string;
      readonly ticket: string;
      readonly how: 'child' | 'caused_by';
    }
  | {
      readonly type: 'begin_failed';
      readonly of: number;
      readonly rule: string;
      readonly why: BeginFailure;
      readonly about?: string | undefined;
    }
  | { readonly type: 'begin_dropped'; readonly of: number; readonly rule: string }
  | {
      readonly type: 'begun_ended';
      readonly ticket: string;
      readonly outcome: 'closed' | 'cancelled' | 'merged';
    }
  | { readonly type: 'begun_reopened'; readonly ticket: string }
  /** Of the begun ticket: which one it comes from. */
  | { readonly type: 'begun_by'; readonly ticket: string }
  | { readonly type: 'intervened'; readonly to: string }
  | { readonly type: 'reopened' }
  /** It goes on by another version of its kind; `steps` tells what each step that it has been in is called there. */
  | {
      readonly type: 'migrated';
      readonly kindVersion: number;
      readonly steps: Readonly<Record<string, { readonly step: string; readonly stateId: string }>>;
      readonly stateId: string;
      readonly suspendedStateId?: string | undefined;
    }
  | {
      readonly type: 'ended';
      readonly outcome: 'closed' | 'cancelled' | 'merged';
      readonly stateId: string;
      readonly into?: string | undefined;
    };

/** One line of a ticket's history. The state is what all lines, in order, make of nothing. */
export type TicketEvent = Data & {
  readonly seq: number;
  /** Epoch ms UTC. */
  readonly at: number;
  /** A user’s id; `system` for what a clock or a rule did. */
  readonly by: string;
  /** Whose place they took. */
  readonly onBehalfOf?: string | undefined;
  readonly opinion?: string | undefined;
};
export type TicketEventType = TicketEvent['type'];
export type TicketEventData = Data;
