import { evaluate, isFunction, parseExpression } from 'feelin';
import { HubError } from '../errors/index.js';

/** What an expression needs, or why it is none. */
export type ReadFeel =
  | { ok: true; inputs: string[]; unknown: string[]; forbidden: string[]; sum: boolean }
  | { ok: false; message: string };

/** Functions whose result changes while no value does. */
const unsteady = new Set(['now', 'today']);
/** What could keep a unit busy for ever, or makes no value. */
const loops = new Set(['ForExpression', 'QuantifiedExpression', 'FunctionDefinition']);
/** Regular expressions: a pattern can be written so that thirty letters take it years. */
const patterns = new Set(['matches', 'replace', 'split']);

/** Brackets within brackets. The parser’s time grows with them; what people write has five or six. */
const deepestNesting = 50;

/** Whether brackets are nested deeper than the parser is asked to follow; those in a text count too, which harms nobody. */
const isTooDeep = (expression: string): boolean => {
  let depth = 0;
  for (const letter of expression) {
    if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    if (depth > deepestNesting) return true;
  }
  return false;
};

/** Which of the names an expression reads. `sum`: it only adds and subtracts values. It never throws. */
export function readFeel(expression: string, names: ReadonlySet<string>): ReadFeel {
  if (isTooDeep(expression)) {
    return { ok: false, message: `brackets stand within brackets, more than ${deepestNesting} deep` };
  }
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
      if (called && (unsteady.has(text) || patterns.has(text))) forbidden.add(`${text}()`);
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

/** An expression that is asked many times. */
export interface CompiledFeel {
  /** Names that it reads. */
  readonly inputs: readonly string[];
  /** Null where FEEL says null, as it does for an input that is missing. */
  evaluate(values: (name: string) => unknown): unknown;
}

/** Throws `configuration` where it is no FEEL. Names that are not in `names` must not occur: `readFeel` tells. */
export function compileFeel(expression: string, names: ReadonlySet<string>): CompiledFeel {
  const read = readFeel(expression, names);
  if (!read.ok) throw new HubError('configuration', `it is no FEEL expression: ${read.message}`);
  const { inputs } = read;
  const { value, warnings } = feelFunction(expression, inputs);
  return {
    inputs,
    evaluate: (values) => {
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
