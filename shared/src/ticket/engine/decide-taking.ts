import { type DecideContext, type Decided, lines, type Refused, refuse } from './decide-context.js';
import { handling, isOfVisit, isSigner, mostTasksOfVisit } from './decide-task.js';
import { heldTask, isRefused, isTheirs } from './held-task.js';
import type { TicketCommand } from './ticket-command.js';
import type { NewTask } from './ticket-event.js';
import { isLive, type Task, type TicketState } from './ticket-state.js';

type Command<D extends TicketCommand['do']> = Extract<TicketCommand, { do: D }>;

/** Whose office a task is: also of one that came back to the person who had done the step for it. What is lent is its lender’s. */
const officeOf = (state: TicketState, { party, step, lentBy }: Task): string | undefined => {
  if (party.kind === 'office') return party.id;
  if (lentBy !== undefined) return undefined;
  const had = state.tasks.findLast(
    (one) =>
      one.step === step &&
      one.purpose === 'handle' &&
      one.state === 'done' &&
      one.lentBy === undefined &&
      one.party.kind === 'office' &&
      one.heldBy === party.id,
  );
  return had?.party.id;
};

const ofOffice = (context: DecideContext, { lead, lentBy }: Task, id: string): NewTask =>
  handling(context, { kind: 'office', id }, { lead, ...(lentBy === undefined ? {} : { lentBy }) });

/** An office that has another task of the visit would speak twice. */
const isSigning = (state: TicketState, office: string, { id }: Task): boolean =>
  isSigner(state, { kind: 'office', id: office }, id);

const isFull = (state: TicketState): boolean => state.tasks.filter(isOfVisit(state)).length >= mostTasksOfVisit;

export const decideSign = (
  context: DecideContext,
  state: TicketState,
  { task }: Command<'sign'>,
): Decided | Refused => {
  const held = heldTask(context, state, task);
  if (isRefused(held)) return held;
  if (state.status === 'suspended') return refuse('suspended');
  if (held.task.state === 'signed') return refuse('already_taken');
  return lines({ type: 'signed', task, onBehalfOf: held.onBehalfOf });
};

export const decideRelease = (
  context: DecideContext,
  state: TicketState,
  { task }: Command<'release'>,
): Decided | Refused => {
  const held = heldTask(context, state, task);
  if (isRefused(held)) return held;
  const { onBehalfOf } = held;
  if (held.task.party.kind === 'office')
    return held.task.state === 'signed' ? lines({ type: 'released', task, onBehalfOf }) : refuse('not_now');
  const id = officeOf(state, held.task);
  if (id === undefined || held.task.purpose !== 'handle') return refuse('not_now');
  if (isSigning(state, id, held.task)) return refuse('already_signer');
  return isFull(state)
    ? refuse('too_often', { most: mostTasksOfVisit })
    : lines({ type: 'handed', task, next: ofOffice(context, held.task, id), how: 'give_back', onBehalfOf });
};

/** What lies with a colleague, taken on by another of the office: whoever it was taken from has it no more. */
export const decideTakeOver = (
  context: DecideContext,
  state: TicketState,
  { task: id, opinion }: Command<'takeOver'>,
): Decided | Refused => {
  if (state.status === 'ended') return refuse('ended');
  const task = state.tasks.find((one) => one.id === id);
  if (!task) return refuse('no_such_task');
  const office = officeOf(state, task);
  const { userId, offices } = context.actor;
  // Who may not do it learns nothing of how it stands.
  if (office === undefined || task.purpose !== 'handle' || !offices.includes(office)) return refuse('not_yours');
  if (isTheirs(context, task)) return refuse('already_so');
  if (!isLive(task)) return refuse('task_not_open', { state: task.state });
  if (state.status === 'suspended') return refuse('suspended');
  if (isSigner(state, { kind: 'person', id: userId }, id) || isSigning(state, office, task))
    return refuse('already_signer');
  if (isFull(state)) return refuse('too_often', { most: mostTasksOfVisit });
  const next = ofOffice(context, task, office);
  return lines({ type: 'handed', task: id, next, how: 'take_over', opinion }, { type: 'signed', task: next.id });
};
