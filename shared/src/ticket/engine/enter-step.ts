import type { TicketStep } from '../kind/kind-schema.js';
import { type Party, type PartyRule, partyKey } from '../kind/party-schema.js';
import type { DecideContext, NewLine, Refused } from './decide-context.js';
import { refuse } from './decide-context.js';
import type { NewTask } from './ticket-event.js';
import type { TicketState } from './ticket-state.js';

export const stepOf = ({ kind }: DecideContext, id: string): TicketStep | undefined =>
  kind.steps.find((one) => one.id === id);

export interface Entering {
  readonly step: string;
  /** Instead of what the step says. */
  readonly who?: PartyRule | undefined;
  /** What the actor chose, where a rule lets them. */
  readonly chosen?: readonly Party[] | undefined;
  /** Exactly these: it comes back to whoever had it, or somebody intervened. */
  readonly exactly?: readonly Party[] | undefined;
}

const unique = (parties: readonly Party[]): Party[] => [
  ...new Map(parties.map((one) => [partyKey(one), one])).values(),
];

const found = (
  context: DecideContext,
  state: TicketState,
  entering: Entering,
  step: TicketStep,
): readonly Party[] | Refused => {
  if (entering.exactly) return entering.exactly;
  const rules = entering.who
    ? [entering.who]
    : (step.who.find(({ when }) => when === undefined || context.holds(when, state))?.to ?? []);
  const parties: Party[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'chosen') {
      parties.push(...context.parties(rule, state));
      continue;
    }
    if (!entering.chosen?.length) return refuse('choose_party', { step: step.id, most: rule.most });
    if (entering.chosen.length > rule.most) return refuse('too_many_parties', { most: rule.most });
    parties.push(...entering.chosen);
  }
  return parties;
};

/** The line that puts a ticket into a step, and the one that ends it there if the step is an end. */
export const enterStep = (
  context: DecideContext,
  state: TicketState,
  entering: Entering,
): readonly NewLine[] | Refused => {
  const step = stepOf(context, entering.step);
  if (!step) return refuse('step_unknown', { step: entering.step });
  const visit = state.visits.filter((one) => one.step === step.id).length + 1;
  const entered = { type: 'entered', step: step.id, visit, stateId: step.state } as const;
  if (step.end)
    return [
      { ...entered, tasks: [] },
      { type: 'ended', outcome: step.end, stateId: step.state },
    ];
  const parties = found(context, state, entering, step);
  if (!Array.isArray(parties)) return parties as Refused;
  return [{ ...entered, tasks: tasksFor(context, step, unique(parties)) }];
};

/** A task each, as the step’s mode wants them; nobody there: one for the fallback, so that no ticket is nobody’s. */
const tasksFor = ({ newId, fallback }: DecideContext, step: TicketStep, parties: readonly Party[]): NewTask[] => {
  const isNobody = parties.length === 0;
  const several = step.mode === 'joint' || step.mode === 'any' || step.mode === 'ordered';
  const those = isNobody ? [fallback] : several ? parties : parties.slice(0, 1);
  return those.map((party, index) => ({
    ...{ id: newId(), purpose: 'handle' as const, party },
    lead: index === 0 && step.mode === 'joint' && step.lead,
    isWaiting: step.mode === 'ordered' && index > 0,
    ...(isNobody ? { unplaced: true } : {}),
  }));
};
