import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';

export type TemplateValues = Readonly<Record<string, ThingValue>>;

const placeholder = /\{([a-z][a-zA-Z0-9]*)(?::(\d{1,2}))?\}/g;

/** Names used in a text template. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map((match) => match[1] ?? '');
}

/** `{name}` becomes the value, `{name:4}` the value filled up with zeros to four digits. Throws `invalid_input`. */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(placeholder, (_whole, name: string, digits: string | undefined) => {
    const value = pickValue(name, values);
    return digits === undefined ? String(value) : String(value).padStart(Number(digits), '0');
  });
}

/** JSON in which a text that is one placeholder alone becomes the typed value. */
export function fillJson(json: unknown, values: TemplateValues): unknown {
  if (typeof json === 'string') {
    const alone = /^\{([a-z][a-zA-Z0-9]*)\}$/.exec(json)?.[1];
    return alone === undefined ? fillTemplate(json, values) : pickValue(alone, values);
  }
  if (Array.isArray(json)) return json.map((one) => fillJson(one, values));
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(Object.entries(json).map(([key, one]) => [key, fillJson(one, values)]));
}

function pickValue(name: string, values: TemplateValues): ThingValue {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) {
    throw new HubError('invalid_input', `the template needs ${name}, which is not given`, { context: { name } });
  }
  return value;
}
