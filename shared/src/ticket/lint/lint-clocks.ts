import type { KindFaults } from './kind-fault.js';
import type { KindSurroundings } from './lint-kind.js';

/** Clocks that begin or end with what never comes, or count by what is not there. */
export const lintClocks = (faults: KindFaults, { calendars }: KindSurroundings): void => {
  const { kind } = faults;
  const marks = new Set(kind.steps.flatMap(({ actions }) => actions.flatMap((action) => action.marks)));
  if (kind.clocks.length === 0) faults.add('no_promise', 'clocks', undefined, 'warning');
  for (const clock of kind.clocks) {
    const path = `clocks.${clock.id}`;
    for (const moment of [clock.from, ...clock.until, ...clock.resumes]) {
      if ('step' in moment) faults.step(path, moment.step);
      if ('mark' in moment && !marks.has(moment.mark)) faults.add('mark_unknown', path, moment.mark);
    }
    for (const { when, calendar, field } of clock.targets) {
      if (field !== undefined) lintDueField(faults, `${path}.targets`, field);
      faults.feel(`${path}.targets`, when, true);
      if (calendar !== 'always' && !calendars.has(calendar))
        faults.add('unknown_calendar', `${path}.targets`, calendar);
    }
    for (const id of clock.pausedIn) if (!faults.states.has(id)) faults.add('unknown_state', `${path}.pausedIn`, id);
    for (const { to } of clock.escalations) faults.party(`${path}.escalations`, to);
  }
};

/** Clocks are computed where nobody opens what is sealed. */
const lintDueField = (faults: KindFaults, path: string, key: string): void => {
  const field = faults.kind.fields.find((one) => one.key === key);
  if (!field) faults.add('unknown_field', path, key);
  else if (field.personal || (field.type !== 'date' && field.type !== 'instant'))
    faults.add('field_no_time', path, key);
};
