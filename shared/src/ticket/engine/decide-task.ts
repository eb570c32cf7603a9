import { type Party, partyKey } from '../kind/party-schema.js';
import { type DecideContext, type Decided, lines, type Refused, refuse } from './decide-context.js';
import { enterStep } from './enter-step.js';
import { heldFor, heldTask, isRefused } from './held-task.js';
import type { TicketCommand } from './ticket-command.js';
import type { NewTask } from './ticket-event.js';
import { isLive, type Task, type TicketState } from './ticket-state.js';

type Command<D extends TicketCommand['do']> = Extract<TicketCommand, { do: D }>;

/** A task as it begins, for somebody. */
export const handling = ({ newId }: DecideContext, party: Party, more: Partial<NewTask> = {}): NewTask => ({
  ...{ id: newId(), purpose: 'handle', party, lead: false, isWaiting: false },
  ...more,
});

/** Of one visit to a step, over or not: who adds signers and takes them away again, or hands it back and forth, comes to an end. */
export const mostTasksOfVisit = 200;

export const isOfVisit = (state: TicketState) => (task: Task) => task.step === state.step && task.visit === state.visit;

export const decideReturn = (
  context: DecideContext,
  state: TicketState,
  command: Command<'return'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: 'return' });
  if (isRefused(asked)) return asked;
  const { held, action } = asked;
  const fixed = action.to.find(({ when }) => when === undefined || context.holds(when, state))?.step;
  const to = fixed ?? command.step;
  if (to === undefined) return refuse('not_now', { action: action.id });
  // What the kind names is a way on like any other; what people name is where it has been.
  const isOpen = fixed !== undefined || state.visits.some(({ step }) => step === to);
  if (!isOpen || to === state.step) return refuse('never_been_there', { step: to });
  const had = lastHandlers(context, state, to);
  const entering = enterStep(context, state, { step: to, ...(had.length > 0 ? { exactly: had } : {}) });
  if (isRefused(entering)) return entering;
  const { onBehalfOf } = held;
  return lines(
    { type: 'returned', from: state.step, to, action: action.id, opinion: command.opinion, onBehalfOf },
    ...entering,
  );
};

/** Who did a step when the ticket was last there: the people, not the offices that they took it for; those where nobody is there any more. */
const lastHandlers = ({ isHere = () => true }: DecideContext, state: TicketState, step: string): readonly Party[] => {
  const done = state.tasks.filter((one) => one.step === step && one.purpose === 'handle' && one.state === 'done');
  const last = Math.max(0, ...done.map(({ visit }) => visit));
  return done
    .filter(({ visit, lentBy }) => visit === last && lentBy === undefined)
    .map(
      ({ heldBy, party }): Party => (heldBy !== undefined && isHere(heldBy) ? { kind: 'person', id: heldBy } : party),
    )
    .filter(({ kind, id }) => kind === 'office' || isHere(id));
};

export const decideHandOver = (
  context: DecideContext,
  state: TicketState,
  command: Command<'transfer' | 'delegate'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: command.do });
  if (isRefused(asked)) return asked;
  const { held } = asked;
  const { task, onBehalfOf, step } = held;
  if (isSigner(state, command.to)) return refuse('already_signer');
  if (state.tasks.filter(isOfVisit(state)).length >= mostTasksOfVisit)
    return refuse('too_often', { most: mostTasksOfVisit });
  const isLent = command.do === 'delegate';
  // A delegate of a delegate is of the one that lent it first: lending is one deep.
  if (isLent && task.lentBy !== undefined) return refuse('too_often');
  const more = isLent
    ? { lentBy: task.id }
    : { lead: task.lead, ...(task.lentBy === undefined ? {} : { lentBy: task.lentBy }) };
  const how = isLent ? 'delegate' : step.mode === 'free' ? 'hand_on' : 'transfer';
  const next = handling(context, command.to, more);
  return lines({ type: 'handed', task: task.id, next, how, opinion: command.opinion, onBehalfOf });
};

/** Whether somebody has a task of the visit, taken on or not; `but` that one. */
export const isSigner = (state: TicketState, party: Party, but?: string): boolean =>
  state.tasks.some(
    (one) =>
      one.id !== but &&
      isOfVisit(state)(one) &&
      (isLive(one) || one.state === 'waiting' || one.state === 'lent') &&
      (partyKey(one.party) === partyKey(party) || (party.kind === 'person' && one.heldBy === party.id)),
  );

export const decideAddSigners = (
  context: DecideContext,
  state: TicketState,
  command: Command<'addSigners'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: 'addSigners' });
  if (isRefused(asked)) return asked;
  const { held } = asked;
  const { mode } = held.step;
  if (mode !== 'joint' && mode !== 'any' && mode !== 'ordered') return refuse('not_offered', { act: 'addSigners' });
  const again = command.to.find((party) => isSigner(state, party));
  if (again) return refuse('already_signer', { party: partyKey(again) });
  const signers = state.tasks.filter(isOfVisit(state)).length + command.to.length;
  if (signers > mostTasksOfVisit) return refuse('too_many_parties', { most: mostTasksOfVisit });
  const tasks = command.to.map((party) => handling(context, party, { isWaiting: mode === 'ordered' }));
  return lines({ type: 'signers_added', tasks, opinion: command.opinion, onBehalfOf: held.onBehalfOf });
};

export const decideRemoveSigners = (
  context: DecideContext,
  state: TicketState,
  command: Command<'removeSigners'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: 'removeSigners' });
  if (isRefused(asked)) return asked;
  const { held } = asked;
  const wanted = new Set(command.tasks);
  if (wanted.has(command.task)) return refuse('last_signer');
  const removable = state.tasks.filter(
    (one) =>
      wanted.has(one.id) &&
      isOfVisit(state)(one) &&
      one.purpose === 'handle' &&
      (isLive(one) || one.state === 'waiting'),
  );
  if (removable.length !== wanted.size) return refuse('no_such_task');
  if (removable.some(({ lentBy }) => lentBy !== undefined)) return refuse('not_now');
  return lines({ type: 'dropped', tasks: [...wanted], opinion: command.opinion, onBehalfOf: held.onBehalfOf });
};

export const decideSuspend = (
  context: DecideContext,
  state: TicketState,
  command: Command<'suspend'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: 'suspend' });
  if (isRefused(asked)) return asked;
  const { held } = asked;
  const stateId = context.kind.suspendedState;
  if (stateId === undefined) return refuse('not_offered', { act: 'suspend' });
  if (command.untilAt !== undefined && command.untilAt <= context.at) return refuse('too_late');
  const until = command.untilAt === undefined ? {} : { untilAt: command.untilAt };
  return lines({ type: 'suspended', stateId, ...until, opinion: command.opinion, onBehalfOf: held.onBehalfOf });
};

export const decideAskExtension = (
  context: DecideContext,
  state: TicketState,
  command: Command<'askExtension'>,
): Decided | Refused => {
  const asked = heldFor(context, state, { ...command, act: 'askExtension' });
  if (isRefused(asked)) return asked;
  const { held } = asked;
  const { extension } = context.kind;
  if (!extension) return refuse('not_offered', { act: 'askExtension' });
  const isAsked = state.tasks.some((one) => one.purpose === 'extension' && isLive(one));
  if (isAsked) return refuse('already_so');
  if (state.extensions.length >= extension.most) return refuse('too_often', { most: extension.most });
  if (command.minutes > extension.maxMinutes) return refuse('too_long', { maxMinutes: extension.maxMinutes });
  const [approver = context.fallback] = context.parties(extension.approver, state);
  const task: NewTask = { id: context.newId(), purpose: 'extension', party: approver, lead: false, isWaiting: false };
  const { minutes, opinion } = command;
  return lines({ type: 'extension_asked', minutes, task, opinion, onBehalfOf: held.onBehalfOf });
};

export const decideExtension = (
  context: DecideContext,
  state: TicketState,
  command: Command<'decideExtension'>,
): Decided | Refused => {
  const held = heldTask(context, state, command.task);
  if (isRefused(held)) return held;
  if (held.task.purpose !== 'extension') return refuse('not_offered', { act: 'decideExtension' });
  const maxMinutes = context.kind.extension?.maxMinutes ?? 0;
  const minutes = command.granted ? (command.minutes ?? 0) : 0;
  if (command.granted && minutes < 1) return refuse('fields_missing', { fields: ['minutes'] });
  if (minutes > maxMinutes) return refuse('too_long', { maxMinutes });
  const { task, granted, opinion } = command;
  return lines({ type: 'extension_decided', task, granted, minutes, opinion, onBehalfOf: held.onBehalfOf });
};
