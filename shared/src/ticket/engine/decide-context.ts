import type { TicketKind } from '../kind/kind-schema.js';
import type { Party, PartyRule } from '../kind/party-schema.js';
import type { Refusal } from './ticket-command.js';
import type { TicketEventData } from './ticket-event.js';
import type { TicketState } from './ticket-state.js';

/** Whoever asks. */
export interface TicketActor {
  readonly userId: string;
  /** Offices whose tasks they may take. */
  readonly offices: readonly string[];
  /** People whose stand-in they are today. */
  readonly standsInFor: readonly string[];
  /** May move any ticket within reach, whoever has it. */
  readonly mayIntervene: boolean;
  /** May supervise, instruct and set levels. */
  readonly maySupervise: boolean;
}

/** All that a decision needs of the world: it asks nothing else, so that the same question has the same answer. */
export interface DecideContext {
  readonly kind: TicketKind;
  readonly actor: TicketActor;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly newId: () => string;
  /** Whom a rule means for this ticket; none where nobody fits. `chosen` is answered by the command. */
  readonly parties: (rule: PartyRule, state: TicketState) => readonly Party[];
  /** Who gets what no rule has anybody for. */
  readonly fallback: Party;
  /** Whether somebody is there to be given a task: not a program, not who has left. Left out: everybody is. */
  readonly isHere?: (userId: string) => boolean;
  /** FEEL; false where it is not true. */
  readonly holds: (expression: string, state: TicketState) => boolean;
  /** Undefined where the value fits the field. */
  readonly fieldProblem: (key: string, value: unknown) => string | undefined;
}

export interface Refused {
  readonly ok: false;
  readonly code: Refusal;
  readonly context: Readonly<Record<string, unknown>>;
}
/** A line of history before it has a number; `opinion` and who are the command’s, but for what a rule does of itself. */
export type NewLine = TicketEventData & {
  readonly by?: 'system' | undefined;
  readonly opinion?: string | undefined;
  readonly onBehalfOf?: string | undefined;
};
export interface Decided {
  readonly ok: true;
  readonly lines: readonly NewLine[];
}

export const refuse = (code: Refusal, context: Readonly<Record<string, unknown>> = {}): Refused => ({
  ok: false,
  code,
  context,
});
export const lines = (...all: readonly NewLine[]): Decided => ({ ok: true, lines: all });
