import { isEmptyValue } from '../kind/check-field.js';
import type { TicketAction } from '../kind/kind-schema.js';
import { isRedo } from '../kind/redo-moves.js';
import { type DecideContext, type Decided, lines, type NewLine, type Refused, refuse } from './decide-context.js';
import { enterStep } from './enter-step.js';
import { type HeldTask, heldTask, isRefused, offered } from './held-task.js';
import type { TicketCommand } from './ticket-command.js';
import type { Task, TicketState } from './ticket-state.js';
import { isLive } from './ticket-state.js';

type Submit = Extract<TicketCommand, { do: 'submit' }>;
type Edit = Extract<TicketCommand, { do: 'edit' }>;

/** Only what the step lets this person write, and only what fits. */
export const checkFields = (
  { fieldProblem }: DecideContext,
  { step }: HeldTask,
  fields: Edit['fields'],
): Refused | undefined => {
  const foreign = Object.keys(fields).filter((key) => !step.fields.edit.includes(key));
  if (foreign.length > 0) return refuse('fields_not_editable', { fields: foreign });
  for (const [key, value] of Object.entries(fields)) {
    const problem = isEmptyValue(value) ? undefined : fieldProblem(key, value);
    if (problem !== undefined) return refuse('field_invalid', { field: key, problem });
  }
  return undefined;
};

/** Tasks of the present visit that others have still to do. */
const others = (state: TicketState, mine: Task): readonly Task[] =>
  state.tasks.filter(
    (one) =>
      one.id !== mine.id &&
      one.purpose === 'handle' &&
      one.step === state.step &&
      one.visit === state.visit &&
      (isLive(one) || one.state === 'waiting' || one.state === 'lent'),
  );

export const decideSubmit = (context: DecideContext, state: TicketState, command: Submit): Decided | Refused => {
  const held = heldTask(context, state, command.task);
  if (isRefused(held)) return held;
  const problem = checkFields(context, held, command.fields);
  if (problem) return problem;
  const after: TicketState = { ...state, fields: { ...state.fields, ...command.fields } };
  const action = offered(context, {
    state: after,
    held,
    act: 'submit',
    action: command.action,
    opinion: command.opinion,
  });
  if (isRefused(action)) return action;
  const missing = held.step.fields.required.filter((key) => isEmptyValue(after.fields[key]));
  if (missing.length > 0) return refuse('fields_missing', { fields: missing });
  if (action.marks.includes('solved') && state.openChildren.length > 0) {
    return refuse('children_open', { count: state.openChildren.length });
  }
  const edited: readonly NewLine[] =
    Object.keys(command.fields).length > 0 ? [{ type: 'edited', fields: command.fields }] : [];
  const rest = submitted(context, { state: after, held, action, command });
  return isRefused(rest) ? rest : lines(...edited, ...rest);
};

const submitted = (
  context: DecideContext,
  { state, held, action, command }: { state: TicketState; held: HeldTask; action: TicketAction; command: Submit },
): readonly NewLine[] | Refused => {
  const { task, step, onBehalfOf } = held;
  const { opinion } = command;
  const finished = (marks: readonly string[], redo?: true): NewLine => ({
    ...{ type: 'finished', task: task.id, action: action.id, marks, opinion, onBehalfOf },
    ...(redo ? { redo } : {}),
  });
  // A delegate’s work goes back to whoever lent the task.
  if (task.lentBy !== undefined) return [finished([]), { type: 'opened', task: task.lentBy }];
  const waiting = others(state, task);
  if (step.mode === 'joint' && waiting.length > 0) {
    return task.lead ? refuse('others_not_done', { count: waiting.length }) : [finished([])];
  }
  const next = step.mode === 'ordered' ? waiting.find((one) => one.state === 'waiting') : undefined;
  if (next) return [finished([]), { type: 'opened', task: next.id }];
  // An added signer of an ordered step may still be at it.
  if (step.mode === 'ordered' && waiting.length > 0) return [finished([])];
  const to = action.to.find(({ when }) => when === undefined || context.holds(when, state));
  if (!to) return refuse('not_now', { action: action.id });
  // Rules of the next step ask who handled this one: by then it is done, by whoever does it now.
  const redo = isRedo(context.kind, step.id, to.step) ? true : undefined;
  const done = { ...task, state: 'done', heldBy: handlerOf(context, task), endedAt: context.at } as const;
  const gone = action.clears.filter((key) => key !== context.kind.title && !isEmptyValue(state.fields[key]));
  const fields = Object.fromEntries(gone.map((key) => [key, null]));
  const marked = {
    ...state,
    fields: { ...state.fields, ...fields },
    tasks: state.tasks.map((one) => (one.id === task.id ? done : one)),
    marks: { ...state.marks, ...Object.fromEntries(action.marks.map((mark) => [mark, context.at])) },
    reopened: state.reopened + (redo ? 1 : 0),
  };
  const entering = enterStep(context, marked, { step: to.step, who: action.who, chosen: command.to });
  const cleared: readonly NewLine[] = gone.length > 0 ? [{ type: 'edited', fields }] : [];
  return isRefused(entering) ? entering : [finished(action.marks, redo), ...cleared, ...entering];
};

const handlerOf = ({ actor }: DecideContext, { heldBy, party }: HeldTask['task']): string =>
  heldBy ?? (party.kind === 'person' ? party.id : actor.userId);

export const decideEdit = (context: DecideContext, state: TicketState, command: Edit): Decided | Refused => {
  const held = heldTask(context, state, command.task);
  if (isRefused(held)) return held;
  if (state.status === 'suspended') return refuse('suspended');
  const problem = checkFields(context, held, command.fields);
  return problem ?? lines({ type: 'edited', fields: command.fields, onBehalfOf: held.onBehalfOf });
};
