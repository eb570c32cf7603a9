import type { TicketKind, TicketStep } from './kind-schema.js';
import { reachSteps } from './reach-steps.js';

/** Steps that a ticket comes to with nothing solved yet: the work itself, and all that lies before it. */
const findUnsolved = ({ start, steps, states }: TicketKind): ReadonlySet<string> => {
  const phases = new Map(states.map(({ id, phase }) => [id, phase]));
  const isWork = ({ end, state }: TicketStep): boolean => end === undefined && phases.get(state) !== 'solved';
  const work = new Map(steps.filter(isWork).map((one) => [one.id, one]));
  return reachSteps([start], (id) =>
    (work.get(id)?.actions ?? []).flatMap(({ marks, to }) =>
      marks.includes('solved') ? [] : to.flatMap(({ step }) => (work.has(step) ? [step] : [])),
    ),
  );
};

const known = new WeakMap<TicketKind, ReadonlySet<string>>();
const unsolved = (kind: TicketKind): ReadonlySet<string> => {
  const found = known.get(kind) ?? findUnsolved(kind);
  known.set(kind, found);
  return found;
};

/** Whether who submits there has what was solved done again, as who reopens a closed ticket has. A review of it is none. */
export const isRedo = (kind: TicketKind, from: string, to: string): boolean =>
  !unsolved(kind).has(from) && unsolved(kind).has(to);

/** Whether some action has what was solved done again. */
export const hasRedo = (kind: TicketKind): boolean =>
  kind.steps.some(({ id, actions }) =>
    actions.some(({ act, to }) => act === 'submit' && to.some(({ step }) => isRedo(kind, id, step))),
  );
