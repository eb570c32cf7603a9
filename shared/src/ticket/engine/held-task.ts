import type { TaskAct, TicketAction, TicketStep } from '../kind/kind-schema.js';
import { heldUp } from './begin-others.js';
import { type DecideContext, type Refused, refuse } from './decide-context.js';
import { stepOf } from './enter-step.js';
import { isLive, type Task, type TicketState } from './ticket-state.js';

export interface HeldTask {
  readonly task: Task;
  readonly step: TicketStep;
  /** Whose place the actor takes. */
  readonly onBehalfOf: string | undefined;
}

/** In whose name somebody may do a task: their own, their office’s, or that of a person they stand in for. */
const standing = (
  { actor }: DecideContext,
  { party, heldBy }: Task,
): { onBehalfOf: string | undefined } | undefined => {
  const person = heldBy ?? (party.kind === 'person' ? party.id : undefined);
  if (person === undefined) return actor.offices.includes(party.id) ? { onBehalfOf: undefined } : undefined;
  if (person === actor.userId) return { onBehalfOf: undefined };
  return actor.standsInFor.includes(person) ? { onBehalfOf: person } : undefined;
};

export const isTheirs = (context: DecideContext, task: Task): boolean => standing(context, task) !== undefined;

/** The task that a command is about, if it is the actor’s to do now. */
export const heldTask = (context: DecideContext, state: TicketState, id: string): HeldTask | Refused => {
  if (state.status === 'ended') return refuse('ended');
  const task = state.tasks.find((one) => one.id === id);
  const step = task && stepOf(context, task.step);
  if (!task || !step) return refuse('no_such_task');
  const mine = standing(context, task);
  // Who may not do it learns nothing of how it stands.
  if (!mine) return refuse(task.heldBy !== undefined && isLive(task) ? 'already_taken' : 'not_yours');
  if (!isLive(task)) return refuse('task_not_open', { state: task.state });
  return { task, step, ...mine };
};

interface Asked {
  readonly act: TaskAct;
  readonly action?: string | undefined;
  readonly opinion?: string | undefined;
}

/** The action of the step that allows this, if it does now and what it wants to hear is said. */
export const offered = (
  { kind, holds }: DecideContext,
  { state, held, act, action, opinion }: Asked & { readonly state: TicketState; readonly held: HeldTask },
): TicketAction | Refused => {
  const { step, task } = held;
  if (state.status === 'suspended') return refuse('suspended');
  if (task.purpose !== 'handle') return refuse('not_offered', { act });
  if (step.sign && task.state === 'open') return refuse('not_now', { first: 'sign' });
  const found = step.actions.find((one) => one.act === act && (action === undefined || one.id === action));
  if (!found) return refuse('not_offered', { act });
  if (found.when !== undefined && !holds(found.when, state)) return refuse('not_now', { action: found.id });
  const waitsFor = heldUp(kind, state, { step: step.id, action: found.id });
  if (waitsFor > 0) return refuse('begun_open', { count: waitsFor, action: found.id });
  if (found.opinion === 'required' && !opinion) return refuse('opinion_required');
  return found;
};

/** The actor’s task together with the action of its step that a command is. */
export const heldFor = (
  context: DecideContext,
  state: TicketState,
  { task, ...asked }: Asked & { readonly task: string },
): { readonly held: HeldTask; readonly action: TicketAction } | Refused => {
  const held = heldTask(context, state, task);
  if (isRefused(held)) return held;
  const action = offered(context, { state, held, ...asked });
  return isRefused(action) ? action : { held, action };
};

export const isRefused = (value: object): value is Refused => 'ok' in value && value.ok === false;
