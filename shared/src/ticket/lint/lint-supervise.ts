import type { SuperviseRule } from '../kind/kind-schema.js';
import { hasRedo } from '../kind/redo-moves.js';
import type { KindFaults } from './kind-fault.js';

/** Supervision that would never come, or is told to nobody that there is. */
export const lintSupervise = (faults: KindFaults): void => {
  for (const rule of faults.kind.supervise) {
    const path = `supervise.${rule.id}`;
    lintTrigger(faults, rule, path);
    faults.feel(path, rule.when);
    for (const party of rule.to) if (party.kind !== 'holders') faults.party(path, party);
    // It stands in the history as it is written: nothing is filled in.
    for (const [, name] of `${rule.label.zh} ${rule.label.en ?? ''}`.matchAll(/\{([^{}]*)\}/g)) {
      faults.add('placeholder_unknown', `${path}.label`, name);
    }
  }
};

const lintTrigger = (faults: KindFaults, { on }: SuperviseRule, path: string): void => {
  const { kind } = faults;
  if ('times' in on) {
    const returns = kind.steps.some(({ actions }) => actions.some(({ act }) => act === 'return'));
    if (on.on === 'reopened' ? !kind.reopen && !hasRedo(kind) : !returns) faults.add('never_happens', path, on.on);
    return;
  }
  const clock = kind.clocks.find(({ id }) => id === on.clock);
  if (!clock) faults.add('unknown_clock', path, on.clock);
  else if (on.on === 'escalated' && clock.escalations.length <= (on.place ?? 0))
    faults.add('never_happens', path, on.clock);
};
