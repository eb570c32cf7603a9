import { reachSteps } from '../kind/reach-steps.js';
import type { KindFaults } from './kind-fault.js';

/** What would leave a ticket where nobody gets it out, or a step where none ever comes. */
export const lintFlow = (faults: KindFaults): void => {
  const { kind, steps } = faults;
  const start = steps.get(kind.start);
  if (!start) faults.add('unknown_step', 'start', kind.start);
  else if (start.end) faults.add('start_is_end', 'start', kind.start);
  if (!kind.steps.some(({ end }) => end)) faults.add('no_end', 'steps');
  if (kind.reopen) faults.step('reopen.to', kind.reopen.to);
  const next = (id: string) => steps.get(id)?.actions.flatMap(({ to }) => to.map(({ step }) => step)) ?? [];
  const found = reachSteps([kind.start, ...(kind.reopen ? [kind.reopen.to] : [])], next);
  for (const { id, end } of kind.steps) {
    if (!found.has(id)) faults.add('unreachable', `steps.${id}`, id);
    const ahead = reachSteps([id], next);
    if (!end && !kind.steps.some((one) => one.end && ahead.has(one.id))) faults.add('no_way_out', `steps.${id}`, id);
  }
};
