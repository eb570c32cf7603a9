import type { TicketAction, TicketKind, TicketStep } from './kind-schema.js';
import type { PartyRule } from './party-schema.js';

/** So many parties at most are to be named; `lead`: of several the first leads, and finishes last. */
export interface PartyChoiceBounds {
  readonly most: number;
  readonly lead: boolean;
}

/** How many parties whoever acts may have to name, wherever the action leads; null: none. Where only one can have it, one. */
export const mayChoose = (kind: TicketKind, action: TicketAction): PartyChoiceBounds | null => {
  const chosen = action.to.flatMap(({ step }) => {
    const target = kind.steps.find(({ id }) => id === step);
    const rules: readonly PartyRule[] = action.who ? [action.who] : (target?.who.flatMap(({ to }) => to) ?? []);
    return rules.flatMap((rule) => (rule.kind === 'chosen' ? [choiceAt(target, rule.most)] : []));
  });
  if (chosen.length === 0) return null;
  return { most: Math.max(...chosen.map(({ most }) => most)), lead: chosen.some(({ lead }) => lead) };
};

const choiceAt = (target: TicketStep | undefined, most: number): PartyChoiceBounds =>
  target === undefined || (target.mode !== 'single' && target.mode !== 'free' && most > 1)
    ? { most, lead: target?.mode === 'joint' && target.lead }
    : { most: 1, lead: false };
