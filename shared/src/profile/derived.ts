import { evaluate, isFunction, parseExpression } from 'feelin';
import { HubError } from '../errors/index.js';
import { checkValue } from '../thing/check-value.js';
import type { Property } from '../thing/thing-model.js';
import type { ThingValue } from '../thing/value-shape.js';
import type { DecodeProblem } from './codec/decoded.js';
import type { Profile } from './profile-schema.js';

/** What an expression needs, or why it is none. */
export type ReadFeel =
  | { ok: true; inputs: string[]; unknown: string[]; forbidden: string[]; sum: boolean }
  | { ok: false; message: string };

/** Functions whose result changes while no value does. */
const unsteady = new Set(['now', 'today']);
/** What could keep a unit busy for ever, or makes no value. */
const loops = new Set(['ForExpression', 'QuantifiedExpression', 'FunctionDefinition']);

/** Which of the names an expression reads. `sum`: it only adds and subtracts values. It never throws. */
export function readFeel(expression: string, names: ReadonlySet<string>): ReadFeel {
  try {
    return walk(expression, names);
  } catch (error) {
    // The interpreter builds some nodes with assertions of its own.
    return { ok: false, message: (error as Error).message || 'it is no FEEL expression' };
  }
}

function walk(expression: string, names: ReadonlySet<string>): ReadFeel {
  const context = Object.fromEntries([...names].map((name) => [name, 0]));
  const inputs = new Set<string>();
  const unknown = new Set<string>();
  const forbidden = new Set<string>();
  const bound = new Set(['item']);
  let sum = true;
  let broken = false;
  parseExpression(expression, context, undefined).iterate({
    enter({ name, type, from, to, node }) {
      broken ||= type.isError;
      const text = expression.slice(from, to);
      if (loops.has(name)) forbidden.add(text.split(/\W/, 1)[0] ?? name);
      if (name === 'Name') bound.add(text);
      sum &&= plainSum.has(name) && (name !== 'ArithOp' || text === '+' || text === '-');
      if (name !== 'VariableName') return;
      const called = node.parent?.name === 'FunctionInvocation' && node.parent.firstChild?.from === from;
      if (called && unsteady.has(text)) forbidden.add(`${text}()`);
      if (names.has(text) && !called) inputs.add(text);
      else if (!bound.has(text) && !isBuiltin(text)) unknown.add(text);
    },
  });
  if (broken) return { ok: false, message: syntaxFault(expression) };
  // As it will be compiled: what reads well alone may not within a function.
  feelFunction(expression, [...inputs]);
  return { ok: true, inputs: [...inputs], unknown: [...unknown], forbidden: [...forbidden], sum };
}

const plainSum = new Set(['Expression', 'ArithmeticExpression', 'ParenthesizedExpression', 'ArithOp', 'VariableName']);
for (const one of ['Identifier', '(', ')']) plainSum.add(one);

function isBuiltin(name: string): boolean {
  return !evaluate(name).warnings.some(({ type }) => type === 'NO_VARIABLE_FOUND');
}

function syntaxFault(expression: string): string {
  try {
    evaluate(expression);
  } catch (error) {
    return (error as Error).message;
  }
  return 'it is no FEEL expression';
}

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
  const read = readFeel(feel, names);
  if (!read.ok) throw new HubError('configuration', `${id} is no FEEL expression: ${read.message}`);
  const { inputs } = read;
  const { value, warnings } = feelFunction(feel, inputs);
  return {
    id,
    inputs,
    compute: (values) => {
      const result: unknown = value.invoke(inputs.map((input) => values(input) ?? null));
      // The interpreter notes each null it meets in this one list, for ever.
      warnings.length = 0;
      return result ?? null;
    },
  };
}

/** A FEEL function is parsed once; evaluating the text would parse it every time, two hundred times as slow. */
function feelFunction(feel: string, inputs: readonly string[]) {
  const { value, warnings } = evaluate(`function(${inputs.join(', ')}) (${feel})`);
  if (!isFunction(value)) throw new HubError('configuration', 'it is no FEEL expression');
  return { value, warnings };
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
