import { HubError } from '../errors/index.js';
import { compileFeel } from '../feel/index.js';
import { checkValue } from '../thing/check-value.js';
import type { Property } from '../thing/thing-model.js';
import type { ThingValue } from '../thing/value-shape.js';
import type { DecodeProblem } from './codec/decoded.js';
import type { Profile } from './profile-schema.js';

export interface DerivedValue {
  id: string;
  /** Property ids it is computed from. */
  inputs: readonly string[];
  /** Null where FEEL says null, as it does for an input that is missing. */
  compute(values: (id: string) => ThingValue | undefined): unknown;
}

export interface Derivation {
  /** Values and, for those that do not fit their property, problems. */
  values: Record<string, ThingValue>;
  problems: DecodeProblem[];
}

/** The derived values of one profile, compiled once. */
export interface DerivedPlan {
  /** Each behind those it is computed from. */
  readonly order: readonly DerivedValue[];
  /**
   * Computes what depends on the changed values, directly or by way of other derived ones. What comes out null is left
   * out. `known` gives the last value of a property that did not change.
   */
  derive(changed: Readonly<Record<string, ThingValue>>, known: (id: string) => ThingValue | undefined): Derivation;
}

/** Compiles a profile's derived values; undefined where it has none. Throws `configuration` for a cycle or bad FEEL. */
export function compileDerived(profile: Pick<Profile, 'thing' | 'derived'>): DerivedPlan | undefined {
  const rules = Object.entries(profile.derived ?? {});
  if (rules.length === 0) return undefined;
  const properties = new Map(profile.thing.properties.map((property) => [property.id, property]));
  const order = inOrder(rules.map(([id, { feel }]) => compile(id, feel, new Set(properties.keys()))));
  return { order, derive: (changed, known) => derive(order, properties, changed, known) };
}

function derive(
  order: readonly DerivedValue[],
  properties: ReadonlyMap<string, Property>,
  changed: Readonly<Record<string, ThingValue>>,
  known: (id: string) => ThingValue | undefined,
): Derivation {
  const fresh = new Map<string, ThingValue | undefined>(Object.entries(changed));
  const result: Derivation = { values: {}, problems: [] };
  for (const { id, inputs, compute } of order) {
    if (!inputs.some((input) => fresh.has(input))) continue;
    const value = tidy(compute((input) => (fresh.has(input) ? fresh.get(input) : known(input))));
    fresh.set(id, undefined);
    if (value === null) continue;
    const property = properties.get(id);
    const checked = property && checkValue(property, value);
    if (checked?.ok) {
      fresh.set(id, checked.value);
      result.values[id] = checked.value;
    } else result.problems.push({ path: id, message: checked?.errors[0]?.message ?? `there is no property ${id}` });
  }
  return result;
}

function compile(id: string, feel: string, names: ReadonlySet<string>): DerivedValue {
  try {
    const { inputs, evaluate } = compileFeel(feel, names);
    return { id, inputs, compute: (values) => evaluate(values) };
  } catch (error) {
    throw new HubError('configuration', `${id}: ${(error as Error).message}`, { cause: error });
  }
}

/** Sorted so that each comes behind its inputs. Throws `configuration` for a cycle. */
function inOrder(derived: readonly DerivedValue[]): DerivedValue[] {
  const cycle = findDerivedCycle(new Map(derived.map(({ id, inputs }) => [id, inputs])));
  if (cycle) throw new HubError('configuration', `derived values in a circle: ${cycle.join(' -> ')}`);
  const left = new Map(derived.map((one) => [one.id, one]));
  const sorted: DerivedValue[] = [];
  const take = (one: DerivedValue): void => {
    left.delete(one.id);
    for (const input of one.inputs) {
      const before = left.get(input);
      if (before) take(before);
    }
    sorted.push(one);
  };
  for (const one of derived) if (left.has(one.id)) take(one);
  return sorted;
}

/** The ids of a circle, first and last the same; undefined where there is none. */
export function findDerivedCycle(inputs: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const clear = new Set<string>();
  const from = (id: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (clear.has(id)) return undefined;
    for (const input of inputs.get(id) ?? []) {
      const cycle = from(input, [...path, id]);
      if (cycle) return cycle;
    }
    clear.add(id);
    return undefined;
  };
  for (const id of inputs.keys()) {
    const cycle = from(id, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** 0.1 + 0.2 is 0.3: twelve digits are more than any device measures. */
function tidy(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}
