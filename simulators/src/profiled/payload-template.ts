import type { Publish } from '@hallhub/shared/profile';
import { rawOfField, sizeOfField } from './field-bytes.js';
import type { RawValue } from './raw-value.js';

export type Captured = Readonly<Record<string, RawValue>>;

const placeholder = /\{([a-z][a-zA-Z0-9]*)(?::\d{1,2})?\}/g;
const special = /[.*?^${}()|[\]\\/+-]/g;

/** What was filled into a template to make this text; undefined where it was not made of it. */
export const readText = (template: string, text: string): Captured | undefined => {
  const names: string[] = [];
  let pattern = '';
  let from = 0;
  for (const found of template.matchAll(placeholder)) {
    pattern += template.slice(from, found.index).replace(special, '\\$&');
    const name = found[1] ?? '';
    pattern += names.includes(name) ? `\\k<${name}>` : `(?<${name}>[\\s\\S]*?)`;
    if (!names.includes(name)) names.push(name);
    from = found.index + found[0].length;
  }
  pattern += template.slice(from).replace(special, '\\$&');
  const match = new RegExp(`^${pattern}$`).exec(text);
  return match ? { ...match.groups } : undefined;
};

/** The same for what the unit published: text, JSON or bytes. */
export const readPublish = (publish: Publish, payload: Buffer): Captured | undefined => {
  if (publish.binary) return readBinary(publish.binary, payload);
  if (typeof publish.payload === 'string') return readText(publish.payload, payload.toString('utf8'));
  let json: unknown;
  try {
    json = JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
  const captured: Record<string, RawValue> = {};
  return readJson(publish.payload, json, captured) ? captured : undefined;
};

const readJson = (template: unknown, json: unknown, captured: Record<string, RawValue>): boolean => {
  if (typeof template === 'string') {
    const alone = /^\{([a-z][a-zA-Z0-9]*)\}$/.exec(template)?.[1];
    if (alone !== undefined) {
      if (typeof json === 'object') return false;
      captured[alone] = json as RawValue;
      return true;
    }
    const found = typeof json === 'string' ? readText(template, json) : undefined;
    Object.assign(captured, found);
    return found !== undefined;
  }
  if (typeof template !== 'object' || template === null) return template === json;
  if (typeof json !== 'object' || json === null || Array.isArray(template) !== Array.isArray(json)) return false;
  const [wanted, given] = [template as Record<string, unknown>, json as Record<string, unknown>];
  if (Object.keys(wanted).length !== Object.keys(given).length) return false;
  return Object.keys(wanted).every((key) => key in given && readJson(wanted[key], given[key], captured));
};

const readBinary = (parts: NonNullable<Publish['binary']>, payload: Buffer): Captured | undefined => {
  const captured: Record<string, RawValue> = {};
  let at = 0;
  for (const part of parts) {
    if ('hex' in part) {
      const wanted = Buffer.from(part.hex.replace(/\s+/g, ''), 'hex');
      if (!payload.subarray(at, at + wanted.length).equals(wanted)) return undefined;
      at += wanted.length;
    } else if ('text' in part) {
      // A text of any length can only stand last, or be fixed.
      const rest =
        part === parts.at(-1) ? payload.subarray(at) : payload.subarray(at, at + Buffer.byteLength(part.text));
      const found = readText(part.text, rest.toString('utf8'));
      if (!found) return undefined;
      Object.assign(captured, found);
      at += rest.length;
    } else {
      const size = sizeOfField(part) ?? 1;
      if (at + size > payload.length) return undefined;
      const raw = rawOfField(part, payload.subarray(at, at + size));
      if (raw === undefined) return undefined;
      captured[part.input] = Number((Number(raw) * part.scale).toPrecision(12));
      at += size;
    }
  }
  return at === payload.length ? captured : undefined;
};
