import { applyBegun } from './apply-begun.js';
import type { NewTask, TicketEvent } from './ticket-event.js';
import type { Task, TicketState } from './ticket-state.js';
import { isLive, nothing } from './ticket-state.js';

type EventOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;
type Step = { readonly [T in TicketEvent['type']]: (state: TicketState, event: EventOf<T>) => Partial<TicketState> };

const begin = (task: NewTask, { step, visit }: Pick<TicketState, 'step' | 'visit'>, at: number): Task => {
  const { id, purpose, party, lead, isWaiting, lentBy, unplaced } = task;
  const state = isWaiting ? 'waiting' : 'open';
  return { id, purpose, step, visit, party, lead, state, lentBy, unplaced, beganAt: at };
};

const change = (tasks: readonly Task[], ids: readonly string[], to: (task: Task) => Task): readonly Task[] =>
  tasks.map((task) => (ids.includes(task.id) ? to(task) : task));

const endTasks = (
  tasks: readonly Task[],
  ids: readonly string[],
  at: number,
  state: 'done' | 'gone',
  action?: string,
) => change(tasks, ids, (task) => ({ ...task, state, endedAt: at, ...(action === undefined ? {} : { action }) }));

/** An office’s task that nobody took is of whoever did it; what the platform carries is nobody’s. */
const doneBy = (task: Task, by: string): Task =>
  task.party.kind === 'office' && task.heldBy === undefined && by !== 'system'
    ? { ...task, heldBy: by, untaken: true }
    : task;

const reopened = ({ untaken, ...task }: Task): Task => {
  const heldBy = untaken ? undefined : task.heldBy;
  return { ...task, heldBy, state: heldBy === undefined ? 'open' : 'signed', endedAt: undefined, action: undefined };
};

/** All that is not over yet. */
const pending = (tasks: readonly Task[]) =>
  tasks.filter((task) => isLive(task) || task.state === 'waiting' || task.state === 'lent').map(({ id }) => id);

const withoutMarks = (marks: TicketState['marks'], gone: readonly string[]) =>
  Object.fromEntries(Object.entries(marks).filter(([mark]) => !gone.includes(mark)));

const redone = (state: TicketState, by: 1 | -1): Pick<TicketState, 'reopened' | 'redone'> => ({
  ...{ reopened: state.reopened + by, redone: (state.redone ?? 0) + by },
});

const closeVisit = (visits: TicketState['visits'], at: number): TicketState['visits'] =>
  visits.map((one) => (one.endedAt === undefined ? { ...one, endedAt: at } : one));

const same = (): Partial<TicketState> => ({});

const steps: Step = {
  made: (_, { kind, kindVersion, fields, level, source, by, at }) => ({
    ...{ kind, kindVersion, fields, level, source, madeBy: by, madeAt: at },
  }),
  entered: (state, { step, visit, stateId, tasks, at }) => ({
    ...{ step, visit, stateId, status: 'running' },
    visits: [...closeVisit(state.visits, at), { step, visit, beganAt: at }],
    tasks: [
      ...endTasks(state.tasks, pending(state.tasks), at, 'gone'),
      ...tasks.map((one) => begin(one, { step, visit }, at)),
    ],
  }),
  signed: (state, { task, by }) => ({
    tasks: change(state.tasks, [task], (one) => ({ ...one, state: 'signed', heldBy: by })),
    lastMove: undefined,
  }),
  released: (state, { task }) => ({
    tasks: change(state.tasks, [task], (one) => ({ ...one, state: 'open', heldBy: undefined })),
  }),
  edited: (state, { fields, by }) => ({
    fields: { ...state.fields, ...fields },
    lastMove: state.lastMove?.by === by ? state.lastMove : undefined,
  }),
  levelled: (_, { level }) => ({ level }),
  finished: (state, { task, action, marks, redo, by, at }) => ({
    tasks: change(endTasks(state.tasks, [task], at, 'done', action), [task], (one) => doneBy(one, by)),
    marks: { ...state.marks, ...Object.fromEntries(marks.map((mark) => [mark, at])) },
    lastMove: {
      ...{ by, at, task, marks: marks.filter((mark) => state.marks[mark] === undefined) },
      from: { step: state.step, visit: state.visit, stateId: state.stateId },
      ...(redo ? { redo } : {}),
    },
    ...(redo ? redone(state, 1) : {}),
  }),
  opened: (state, { task }) => ({
    tasks: change(state.tasks, [task], (one) => ({ ...one, state: one.heldBy === undefined ? 'open' : 'signed' })),
  }),
  dropped: (state, { tasks, at }) => ({ tasks: endTasks(state.tasks, tasks, at, 'gone'), lastMove: undefined }),
  handed: (state, { task, next, how, at }) => ({
    tasks: [
      ...(how === 'delegate'
        ? change(state.tasks, [task], (one) => ({ ...one, state: 'lent' }))
        : endTasks(state.tasks, [task], at, 'gone')),
      begin(next, state, at),
    ],
    lastMove: undefined,
  }),
  signers_added: (state, { tasks, at }) => ({ tasks: [...state.tasks, ...tasks.map((one) => begin(one, state, at))] }),
  returned: (state) => ({ returned: state.returned + 1, lastMove: undefined }),
  withdrawn: (state, { task, restored, waiting, step, visit, stateId, marks, at }) => ({
    ...{ step, visit, stateId, lastMove: undefined, marks: withoutMarks(state.marks, marks) },
    ...(state.lastMove?.redo ? redone(state, -1) : {}),
    visits: [
      ...closeVisit(
        state.visits.filter((one) => one.step !== step || one.visit !== visit),
        at,
      ),
      { step, visit, beganAt: state.visits.find((one) => one.step === step && one.visit === visit)?.beganAt ?? at },
    ],
    tasks: state.tasks.map((one) => {
      if (one.id === task || restored.includes(one.id)) {
        return reopened(one);
      }
      if (waiting.includes(one.id)) return { ...one, state: 'waiting' };
      // Within the step it stays in, the others' tasks are as they were.
      const isOfNext = one.step !== step || one.visit !== visit;
      return isOfNext && pending([one]).length > 0 ? { ...one, state: 'gone', endedAt: at } : one;
    }),
  }),
  suspended: (_, { stateId }) => ({ status: 'suspended', stateId, lastMove: undefined }),
  resumed: (_, { stateId }) => ({ status: 'running', stateId }),
  extension_asked: (state, { task, at }) => ({ tasks: [...state.tasks, begin(task, state, at)] }),
  extension_decided: (state, { task, granted, minutes, at }) => ({
    tasks: endTasks(state.tasks, [task], at, 'done', granted ? 'granted' : 'refused'),
    extensions: granted ? [...state.extensions, { at, minutes }] : state.extensions,
  }),
  reminded: (state) => ({ reminded: state.reminded + 1 }),
  supervised: (_, { on }) => ({ supervised: on }),
  instructed: same,
  commented: same,
  linked: same,
  unlinked: same,
  absorbed: same,
  child_made: (state, { ticket }) => ({ openChildren: [...state.openChildren, ticket] }),
  child_ended: (state, { ticket }) => ({ openChildren: state.openChildren.filter((id) => id !== ticket) }),
  migrated: (state, { kindVersion, steps: renamed, stateId }) => {
    const rename = <T extends { readonly step: string }>(one: T): T => ({
      ...one,
      step: renamed[one.step]?.step ?? one.step,
    });
    return {
      ...{ kindVersion, stateId, step: renamed[state.step]?.step ?? state.step, lastMove: undefined },
      ...{ visits: state.visits.map(rename), tasks: state.tasks.map(rename) },
    };
  },
  ...applyBegun,
  intervened: () => ({ lastMove: undefined }),
  reopened: (state) => ({
    ...{ status: 'running', outcome: undefined, endedAt: undefined, marks: {}, reopened: state.reopened + 1 },
    ...{ mergedInto: undefined, lastMove: undefined },
  }),
  ended: (state, { outcome, stateId, into, at }) => ({
    ...{ status: 'ended', outcome, stateId, endedAt: at, visits: closeVisit(state.visits, at), mergedInto: into },
    tasks: endTasks(state.tasks, pending(state.tasks), at, 'gone'),
  }),
};

/** One line of history more. Throws `RangeError` where a line is missing or told twice. */
export const applyEvent = (state: TicketState | undefined, event: TicketEvent): TicketState => {
  const before = state ?? nothing;
  if (event.seq !== before.seq + 1) throw new RangeError(`line ${event.seq} of a history after line ${before.seq}`);
  const step = steps[event.type] as (state: TicketState, event: TicketEvent) => Partial<TicketState>;
  return { ...before, ...step(before, event), seq: event.seq };
};

/** The state that a history makes; undefined of none. */
export const replay = (events: Iterable<TicketEvent>): TicketState | undefined => {
  let state: TicketState | undefined;
  for (const event of events) state = applyEvent(state, event);
  return state;
};
