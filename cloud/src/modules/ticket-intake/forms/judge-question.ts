import type { Label } from '@hallhub/shared';
import type { TicketKind, TicketState } from '@hallhub/shared/ticket';

/** The field that a kind keeps the cause of discontent in. */
export const causeField = 'dissatisfiedBecause';
export const causesOf = (kind: TicketKind): readonly { readonly value: string; readonly label: Label }[] => {
  const field = kind.fields.find(({ key }) => key === causeField);
  return field?.type === 'choice' ? field.choices : [];
};

export interface Question {
  readonly task: string;
  readonly satisfaction: string;
  readonly edit: readonly string[];
  readonly actions: readonly string[];
}

/** The step in which the ticket stands asks how content the requester is. */
export const questionOf = (kind: TicketKind, state: TicketState): Question | undefined => {
  if (state.status !== 'running') return undefined;
  const step = kind.steps.find(({ id }) => id === state.step);
  const field = kind.fields.find(({ key, type }) => type === 'satisfaction' && step?.fields.edit.includes(key));
  const task = state.tasks.find((one) => one.step === state.step && one.purpose === 'handle' && one.state === 'open');
  if (!step || !field || !task) return undefined;
  const actions = step.actions.filter(({ act }) => act === 'submit').map(({ id }) => id);
  return { task: task.id, satisfaction: field.key, edit: step.fields.edit, actions };
};
