import { readFeel } from '../feel/index.js';
import type { Property } from '../thing/thing-model.js';
import { findDerivedCycle } from './derived.js';
import type { PathIssue } from './path-issue.js';
import type { Profile } from './profile-schema.js';
import { boundProperties } from './unused.js';

/** Derived values that cannot be computed: unknown names, bad FEEL, circles, properties that are read from the device too. */
export function findDerivedIssues(profile: Pick<Profile, 'thing' | 'bindings' | 'derived'>): PathIssue[] {
  const issues: PathIssue[] = [];
  const properties = new Map(profile.thing.properties.map((property) => [property.id, property]));
  const names = new Set(properties.keys());
  const read = boundProperties(profile.bindings);
  const inputs = new Map<string, readonly string[]>();
  for (const [id, { feel }] of Object.entries(profile.derived ?? {})) {
    const at = ['derived', id];
    const add = (message: string, path: PropertyKey[] = [...at, 'feel']) => issues.push({ path, message });
    const property = properties.get(id);
    if (!property) {
      add(`the thing model has no property ${id}`, at);
      continue;
    }
    if (read.has(id)) add(`${id} is read from the device: a derived value is computed only`, at);
    if (property.access !== 'r') add(`${id} is computed and cannot be set: its access is r`, at);
    const found = readFeel(feel, names);
    if (!found.ok) {
      add(`not a FEEL expression: ${found.message}`);
      continue;
    }
    for (const name of found.unknown) add(`the thing model has no property ${name}`);
    for (const name of found.forbidden) add(`${name} cannot be used here: a derived value depends on values alone`);
    if (found.inputs.length === 0 && found.unknown.length === 0) add('it uses no property and would never change');
    inputs.set(id, found.inputs);
    if (found.inputs.some((input) => properties.get(input)?.personal) && !property.personal) {
      add(`${id} is made of personal data and is not personal itself`, at);
    }
    const unit = found.sum ? otherUnit(property, found.inputs, properties) : undefined;
    if (unit) add(unit);
  }
  const cycle = findDerivedCycle(inputs);
  if (cycle) issues.push({ path: ['derived', cycle[0] ?? ''], message: `derived in a circle: ${cycle.join(' -> ')}` });
  return issues;
}

/** What is only added and subtracted has one unit. */
function otherUnit(
  property: Property,
  inputs: readonly string[],
  properties: ReadonlyMap<string, Property>,
): string | undefined {
  if (property.type !== 'number' && property.type !== 'integer') return undefined;
  const odd = inputs.find((input) => (properties.get(input)?.unit ?? '1') !== (property.unit ?? '1'));
  if (odd === undefined) return undefined;
  return `${property.id} is in ${property.unit ?? '1'} and ${odd} in ${properties.get(odd)?.unit ?? '1'}`;
}
