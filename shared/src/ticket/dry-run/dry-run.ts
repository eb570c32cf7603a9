import type { ExplainedRun } from '../clock/run-clock.js';
import type { Refusal } from '../engine/ticket-command.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import type { TicketState } from '../engine/ticket-state.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { DryScript, DryStep } from './dry-script.js';
import { type DryOffer, type DrySurroundings, DryTicket } from './dry-ticket.js';
import type { DryParty } from './dry-world.js';

/** What came of one step of a script. */
export interface DriedStep {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly as: string;
  /** Lines of history that it added; none where it was refused. */
  readonly lines: readonly TicketEvent[];
  readonly refusal?: { readonly code: Refusal; readonly context: Readonly<Record<string, unknown>> };
  readonly state: TicketState;
  readonly clocks: readonly ExplainedRun[];
}

export interface DryRun {
  readonly steps: readonly DriedStep[];
  /** What may be done after the last of them. */
  readonly offers: readonly DryOffer[];
  /** Who each id of it is. */
  readonly parties: Readonly<Record<string, DryParty>>;
}

/** One step of a script, for whoever plays it with pauses between. */
export const dryStep = (ticket: DryTicket, step: DryStep): DriedStep => {
  const came = ticket.ask(step);
  const isRefused = 'ok' in came;
  const begun = isRefused ? [] : ticket.beginOthers();
  return {
    ...{ at: ticket.at, as: step.as, state: ticket.state, clocks: ticket.clocks() },
    lines: isRefused ? [] : [...came, ...begun],
    ...(isRefused ? { refusal: { code: came.code, context: came.context } } : {}),
  };
};

/** Plays a script on a kind, a draft too: nothing is stored, and the same script always comes to the same. It goes on after a refusal, as people do. */
export const dryRun = (kind: TicketKind, script: DryScript, surroundings: DrySurroundings = {}): DryRun => {
  const ticket = new DryTicket(kind, surroundings);
  const steps = script.map((step) => dryStep(ticket, step));
  return { steps, offers: ticket.offers(), parties: Object.fromEntries(ticket.world.parties) };
};
