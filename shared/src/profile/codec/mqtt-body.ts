import { HubError } from '../../errors/index.js';
import type { MessageCondition, MessagePlace } from '../mqtt-schema.js';
import { readBinary, unwrapBytes } from './mqtt-binary.js';

export interface MqttMessageIn {
  topic: string;
  /** Bytes as they came, or text. */
  payload: string | Uint8Array;
  /** The broker kept it from before. */
  retain?: boolean;
}

/** How a rule of a profile reads a payload. */
export interface BodyRule {
  format: 'json' | 'csv' | 'text' | 'binary';
  separator: string;
  wrapped?: { pointer?: string | undefined; encoding: 'base64' | 'hex' } | undefined;
}

export type Body =
  | { format: 'json'; json: unknown }
  | { format: 'csv'; columns: string[] }
  | { format: 'text'; text: string }
  | { format: 'binary'; bytes: Uint8Array };

/** Bytes that are no UTF-8 become replacement characters: a text that fits no rule, never an error. */
export function textOf(payload: string | Uint8Array): string {
  return typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
}

/** Throws `protocol_violation` where the payload is not of the format. */
export function parseBody(payload: string | Uint8Array, rule: BodyRule): Body {
  if (rule.format === 'binary') return { format: 'binary', bytes: bytesOf(payload, rule.wrapped) };
  const text = textOf(payload);
  if (rule.format === 'text') return { format: 'text', text: text.trim() };
  if (rule.format === 'json') return { format: 'json', json: parseJson(text) };
  const columns = text
    .trim()
    .split(rule.separator)
    .map((column) => column.trim());
  return { format: 'csv', columns };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError('protocol_violation', 'the payload is not JSON', {
      cause,
      context: { payload: text.slice(0, 120) },
    });
  }
}

function bytesOf(payload: string | Uint8Array, wrapped: BodyRule['wrapped']): Uint8Array {
  if (!wrapped) return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  const text = textOf(payload);
  const inner = wrapped.pointer === undefined ? text : readPointer(parseJson(text), wrapped.pointer);
  if (typeof inner !== 'string')
    throw new HubError('protocol_violation', `the message has no text at ${wrapped.pointer ?? 'the payload'}`);
  return unwrapBytes(inner, wrapped.encoding);
}

/** The raw value at a place; undefined where there is nothing. Throws `protocol_violation` for bytes that are no such value. */
export function lookUp(where: MessagePlace, body: Body): unknown {
  switch (body.format) {
    case 'text':
      return body.text;
    case 'csv':
      return where.column === undefined ? undefined : body.columns[where.column];
    case 'binary':
      return readBinary(where, body.bytes);
    case 'json':
      return readPointer(body.json, where.pointer ?? '');
  }
}

export function placeName({ pointer, column, at }: MessagePlace): string {
  if (pointer !== undefined) return pointer;
  if (column !== undefined) return `column ${column}`;
  return at === undefined ? 'the payload' : `byte ${at}`;
}

/** RFC 6901; undefined where the pointer leads nowhere. */
export function readPointer(json: unknown, pointer: string): unknown {
  let value = json;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** A place that cannot be read does not hold anything. */
export function holds(condition: MessageCondition, body: Body): boolean {
  const value = peek(condition, body);
  if (condition.present !== undefined && condition.present !== (value !== undefined)) return false;
  if (condition.equals !== undefined && plain(value) !== String(condition.equals)) return false;
  return condition.oneOf === undefined || condition.oneOf.some((one) => plain(value) === String(one));
}

function peek(where: MessagePlace, body: Body): unknown {
  try {
    return lookUp(where, body);
  } catch (error) {
    if (error instanceof HubError && error.code === 'protocol_violation') return undefined;
    throw error;
  }
}

/** Objects and lists equal nothing: their text could be anything, and costs what they weigh. */
export function plain(value: unknown): string | undefined {
  return value === undefined || (typeof value === 'object' && value !== null) ? undefined : String(value);
}
