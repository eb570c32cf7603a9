import { type DecideContext, type Decided, lines, type NewLine, type Refused, refuse } from './decide-context.js';
import { enterStep, stepOf } from './enter-step.js';
import { isRefused } from './held-task.js';
import type { TicketCommand } from './ticket-command.js';
import { isLive, liveTasks, type TicketState } from './ticket-state.js';

type Command<D extends TicketCommand['do']> = Extract<TicketCommand, { do: D }>;

/** Takes the actor’s last move back, as long as nobody did anything with what came of it. */
export const decideWithdraw = (
  context: DecideContext,
  state: TicketState,
  { opinion }: Command<'withdraw'>,
): Decided | Refused => {
  const move = state.lastMove;
  const { userId, standsInFor } = context.actor;
  if (state.status !== 'running') return refuse(state.status);
  if (!move || (move.by !== userId && !standsInFor.includes(move.by))) return refuse('already_acted_on');
  const { step, visit, stateId } = move.from;
  const hasLeft = step !== state.step || visit !== state.visit;
  const mine = state.tasks.find(({ id }) => id === move.task);
  const goesOn = state.tasks.some((one) => one.beganAt >= move.at && isLive(one) && one.state === 'signed');
  if (!mine || goesOn || mine.lentBy !== undefined) return refuse('already_acted_on');
  const restored = hasLeft
    ? state.tasks
        .filter(
          (one) =>
            one.id !== move.task &&
            one.step === step &&
            one.visit === visit &&
            one.state === 'gone' &&
            one.endedAt === move.at,
        )
        .map(({ id }) => id)
    : [];
  const isOrdered = stepOf(context, step)?.mode === 'ordered';
  const waiting =
    isOrdered && !hasLeft ? liveTasks(state).flatMap(({ id, purpose }) => (purpose === 'handle' ? [id] : [])) : [];
  return lines({
    type: 'withdrawn',
    task: move.task,
    restored,
    waiting,
    step,
    visit,
    stateId,
    marks: move.marks,
    opinion,
  });
};

export const decideResume = (
  context: DecideContext,
  state: TicketState,
  { opinion }: Command<'resume'>,
): Decided | Refused => {
  if (state.status !== 'suspended') return refuse('not_now');
  const stateId = stepOf(context, state.step)?.state;
  if (stateId === undefined) return refuse('step_unknown', { step: state.step });
  const { userId, offices, mayIntervene } = context.actor;
  const isTheirs = state.tasks.some(
    ({ party, heldBy }) => heldBy === userId || party.id === userId || offices.includes(party.id),
  );
  return isTheirs || mayIntervene ? lines({ type: 'resumed', stateId, opinion }) : refuse('not_yours');
};

export const decideReopen = (
  context: DecideContext,
  state: TicketState,
  { opinion }: Command<'reopen'>,
): Decided | Refused => {
  const { reopen } = context.kind;
  if (state.status !== 'ended') return refuse('not_now');
  if (!reopen || state.outcome !== 'closed') return refuse('not_offered', { act: 'reopen' });
  const { userId, offices, mayIntervene } = context.actor;
  // Whoever of an office that had it picks up the telephone: the one who registered it may be off duty.
  const isTheirs =
    userId === state.madeBy ||
    state.tasks.some(({ heldBy, party }) => [userId, ...offices].includes(party.id) || heldBy === userId);
  if (!isTheirs && !mayIntervene) return refuse('no_right');
  const days = (context.at - (state.endedAt ?? context.at)) / 86_400_000;
  if (reopen.withinDays !== undefined && days > reopen.withinDays)
    return refuse('too_late', { withinDays: reopen.withinDays });
  const line: NewLine = { type: 'reopened', opinion };
  const entering = enterStep(context, { ...state, marks: {} }, { step: reopen.to });
  return isRefused(entering) ? entering : lines(line, ...entering);
};

export const decideIntervene = (
  context: DecideContext,
  state: TicketState,
  command: Command<'intervene'>,
): Decided | Refused => {
  if (!context.actor.mayIntervene) return refuse('no_right');
  if (state.status === 'ended') return refuse('ended');
  const line: NewLine = { type: 'intervened', to: command.step, opinion: command.opinion };
  const entering = enterStep(context, state, { step: command.step, ...(command.to ? { exactly: command.to } : {}) });
  return isRefused(entering) ? entering : lines(line, ...entering);
};

const endedState = ({ kind }: DecideContext, phase: 'closed' | 'cancelled'): string =>
  (kind.states.find((one) => one.phase === phase) ?? kind.states.find((one) => one.phase === 'closed'))?.id ?? '';

export const decideCancel = (
  context: DecideContext,
  state: TicketState,
  { opinion }: Command<'cancel'>,
): Decided | Refused => {
  if (state.status === 'ended') return refuse('ended');
  const { userId, mayIntervene } = context.actor;
  // Whoever made it may take it back until somebody works on it.
  const isUntouched =
    state.madeBy === userId && state.tasks.every((one) => one.state === 'open' || one.heldBy === userId);
  if (!mayIntervene && !isUntouched) return refuse('no_right');
  return lines({ type: 'ended', outcome: 'cancelled', stateId: endedState(context, 'cancelled'), opinion });
};

export const decideMerge = (
  context: DecideContext,
  state: TicketState,
  command: Command<'mergeInto'>,
): Decided | Refused => {
  if (state.status === 'ended') return refuse('ended');
  const { userId, offices, mayIntervene } = context.actor;
  const isTheirs = state.tasks.some(
    (one) => isLive(one) && (one.heldBy === userId || one.party.id === userId || offices.includes(one.party.id)),
  );
  if (!isTheirs && !mayIntervene) return refuse('not_yours');
  if (state.openChildren.length > 0) return refuse('children_open', { count: state.openChildren.length });
  const { ticket: into, opinion } = command;
  return lines({ type: 'ended', outcome: 'merged', stateId: endedState(context, 'closed'), into, opinion });
};

/** Whoever has or had to do with it, or oversees it. Whether there is such a link knows the store. */
export const decideUnlink = (
  { actor }: DecideContext,
  state: TicketState,
  { ticket, how, opinion }: Command<'unlink'>,
): Decided | Refused => {
  const { userId, offices, mayIntervene, maySupervise } = actor;
  const isTheirs =
    userId === state.madeBy ||
    state.tasks.some(({ heldBy, party }) => [userId, ...offices].includes(party.id) || heldBy === userId);
  return isTheirs || mayIntervene || maySupervise
    ? lines({ type: 'unlinked', ticket, how, opinion })
    : refuse('no_right');
};

/** What changes nothing but the record: remarks, reminders, the eye of whoever supervises. */
export const decideRemark = (
  { actor, kind }: DecideContext,
  state: TicketState,
  command: Command<'remind' | 'supervise' | 'instruct' | 'comment' | 'setLevel' | 'link'>,
): Decided | Refused => {
  if (command.do === 'comment') return lines({ type: 'commented', opinion: command.opinion });
  if (command.do === 'link') return lines({ type: 'linked', ticket: command.ticket, how: command.how });
  if (state.status === 'ended') return refuse('ended');
  if (command.do === 'remind') return lines({ type: 'reminded', opinion: command.opinion });
  if (!actor.maySupervise) return refuse('no_right');
  if (command.do === 'instruct') return lines({ type: 'instructed', opinion: command.opinion });
  if (command.do === 'supervise') {
    return state.supervised === command.on
      ? refuse('not_now')
      : lines({ type: 'supervised', on: command.on, opinion: command.opinion });
  }
  if (!kind.levels.some(({ id }) => id === command.level)) return refuse('field_invalid', { field: 'level' });
  return state.level === command.level
    ? refuse('not_now')
    : lines({ type: 'levelled', level: command.level, opinion: command.opinion });
};
