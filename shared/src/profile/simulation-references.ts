import { checkEvent, checkValue } from '../thing/check-value.js';
import type { PathIssue } from './path-issue.js';
import type { Profile } from './profile-schema.js';

/** Hints for the simulator that name nothing of the thing model, or values that do not fit it. */
export function findSimulationIssues({ thing, simulation }: Pick<Profile, 'thing' | 'simulation'>): PathIssue[] {
  const issues: PathIssue[] = [];
  for (const [id, hint] of Object.entries(simulation?.values ?? {})) {
    const path = ['simulation', 'values', id];
    const property = thing.properties.find((one) => one.id === id);
    if (!property) {
      issues.push({ path, message: `the thing model has no property ${id}` });
      continue;
    }
    const values = 'fixed' in hint ? [hint.fixed] : 'cycle' in hint ? hint.cycle : [hint.start];
    for (const value of values) {
      const checked = checkValue(property, value);
      if (!checked.ok) issues.push({ path, message: checked.errors[0]?.message ?? `${id} does not fit` });
    }
  }
  for (const [id, hint] of Object.entries(simulation?.events ?? {})) {
    const path = ['simulation', 'events', id];
    const event = thing.events.find((one) => one.id === id);
    const checked = event && checkEvent(event, hint.fields);
    if (!checked) issues.push({ path, message: `the thing model has no event ${id}` });
    else if (!checked.ok) issues.push({ path, message: checked.errors[0]?.message ?? `${id} does not fit` });
  }
  return issues;
}
