import { compileFeel, readFeel } from '../../feel/index.js';
import type { KindFaults } from './kind-fault.js';

interface Row {
  readonly when?: string | undefined;
}

/** Of lists whose first row counts that holds: rows behind one that always does, or that asks the same, never come up. */
export const lintOrder = (faults: KindFaults): void => {
  for (const step of faults.kind.steps) {
    const path = `steps.${step.id}`;
    lintRows(faults, step.who, `${path}.who`);
    for (const action of step.actions) lintRows(faults, action.to, `${path}.actions.${action.id}.to`);
  }
  for (const clock of faults.kind.clocks) lintRows(faults, clock.targets, `clocks.${clock.id}.targets`);
};

const lintRows = (faults: KindFaults, rows: readonly Row[], path: string): void => {
  const asked = new Set<string>();
  let isOver = false;
  for (const [i, { when }] of rows.entries()) {
    const same = when === undefined ? undefined : spaced(when);
    if (isOver || (same !== undefined && asked.has(same)))
      faults.add('never_reached', `${path}.${i}`, String(i + 1), 'warning');
    if (same !== undefined) asked.add(same);
    isOver ||= when === undefined || isAlways(faults, when);
  }
};

/** Without what makes no difference outside of quoted words. */
const spaced = (expression: string): string =>
  expression
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/\s+/g, ' ')))
    .join('')
    .trim();

/** True whatever the ticket says: `true`, `1 < 2`. What cannot be read is another fault’s. */
const isAlways = ({ names }: KindFaults, expression: string): boolean => {
  const read = readFeel(expression, names);
  if (!read.ok || read.inputs.length + read.unknown.length + read.forbidden.length > 0) return false;
  return compileFeel(expression, names).evaluate(() => null) === true;
};
