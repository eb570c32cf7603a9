import { HubError, isHubError } from '../../errors/index.js';
import type { ThingModel } from '../../thing/thing-model.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import type { MessagePick, MqttMapped, MqttMessage, MqttReply } from '../mqtt-schema.js';
import { attempt, type Decoded, emptyDecoded, eventFieldShape, outputShape, propertyShape } from './decoded.js';
import {
  type Body,
  type BodyRule,
  holds,
  lookUp,
  type MqttMessageIn,
  parseBody,
  placeName,
  plain,
  readPointer,
  textOf,
} from './mqtt-body.js';
import { commandValues } from './mqtt-publish.js';
import { deviceOfTopic } from './mqtt-topic.js';
import { applyTransform, type RawValue } from './transform.js';

/**
 * What a message says. Undefined where no message rule of the binding fits topic and condition.
 * Throws `protocol_violation` where rules fit the topic and none of them can parse the payload.
 */
export function decodeMqttMessage(binding: MqttMapped, thing: ThingModel, message: MqttMessageIn): Decoded | undefined {
  let decoded: Decoded | undefined;
  let unreadable: HubError | undefined;
  let readable = false;
  const parsed = new Map<string, Body | HubError>();
  for (const rule of binding.messages) {
    if (message.retain && rule.retained === 'ignore') continue;
    if (deviceOfTopic(rule.topic, message.topic) === undefined) continue;
    const body = parseOnce(parsed, message.payload, rule);
    if (body instanceof HubError) {
      unreadable ??= body;
      continue;
    }
    readable = true;
    if (rule.when && !holds(rule.when, body)) continue;
    decoded ??= emptyDecoded();
    applyRule(rule, thing, body, { decoded, withEvents: !message.retain || rule.retained === 'use' });
  }
  if (unreadable && !readable) throw unreadable;
  return decoded;
}

/** Several rules read one message, and most of them in the same way. */
function parseOnce(parsed: Map<string, Body | HubError>, payload: string | Uint8Array, rule: BodyRule) {
  const key = `${rule.format} ${rule.separator} ${rule.wrapped?.encoding ?? ''} ${rule.wrapped?.pointer ?? ''}`;
  const known = parsed.get(key);
  if (known) return known;
  let body: Body | HubError;
  try {
    body = parseBody(payload, rule);
  } catch (error) {
    if (!isHubError(error, 'protocol_violation')) throw error;
    body = error;
  }
  parsed.set(key, body);
  return body;
}

/** Online, offline, or undefined where the message is not the presence message. */
export function decodePresence(binding: MqttMapped, message: MqttMessageIn): 'online' | 'offline' | undefined {
  const presence = binding.presence;
  if (!presence || deviceOfTopic(presence.topic, message.topic) === undefined) return undefined;
  const text = presenceText(textOf(message.payload).trim(), presence.pointer);
  if (text === presence.online) return 'online';
  return text === presence.offline ? 'offline' : undefined;
}

/** A will is often a plain word where the device itself sends JSON. */
function presenceText(text: string, pointer: string | undefined): string | undefined {
  if (pointer === undefined) return text;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  return typeof json === 'object' ? plain(readPointer(json, pointer)) : text;
}

export type MqttAnswer = { ok: boolean; output: Record<string, ThingValue>; problems: Decoded['problems'] };

/** The answer to a command, or undefined where this message is none. What was retained answers nothing. */
export function decodeMqttReply(
  reply: MqttReply,
  thing: ThingModel,
  command: string,
  message: MqttMessageIn & { commandId?: string | undefined },
): MqttAnswer | undefined {
  if (message.retain || deviceOfTopic(reply.topic, message.topic) === undefined) return undefined;
  const body = parseOnce(new Map(), message.payload, reply);
  if (body instanceof HubError) return undefined;
  if (reply.when && !holds(reply.when, body)) return undefined;
  if (reply.correlate) {
    const asked = commandValues(message.commandId)[reply.correlate.with];
    if (!holds({ ...reply.correlate, equals: asked ?? '' }, body)) return undefined;
  }
  const answer: MqttAnswer = { ok: !(reply.failed && holds(reply.failed, body)), output: {}, problems: [] };
  for (const [id, pick] of Object.entries(reply.output)) {
    const shape = outputShape(thing, command, id);
    const value = attempt(id, answer.problems, () => readPick(pick, body, shape), shape);
    if (value !== undefined) answer.output[id] = value;
  }
  return answer;
}

interface Target {
  decoded: Decoded;
  withEvents: boolean;
}

function applyRule(rule: MqttMessage, thing: ThingModel, body: Body, { decoded, withEvents }: Target): void {
  const { timestamp } = rule;
  if (timestamp) {
    const at = attempt('timestamp', decoded.problems, () => toEpochMs(lookUp(timestamp, body), timestamp));
    if (at !== undefined) decoded.at = at;
  }
  for (const [id, pick] of Object.entries(rule.properties)) {
    const shape = propertyShape(thing, id);
    const value = attempt(id, decoded.problems, () => readPick(pick, body, shape), shape);
    if (value !== undefined) decoded.values[id] = value;
  }
  if (!withEvents) return;
  for (const [event, spec] of Object.entries(rule.events)) {
    if (spec.when && !holds(spec.when, body)) continue;
    const data: Record<string, ThingValue> = {};
    for (const [id, pick] of Object.entries(spec.fields)) {
      const shape = eventFieldShape(thing, event, id);
      const value = attempt(`${event}.${id}`, decoded.problems, () => readPick(pick, body, shape), shape);
      if (value !== undefined) data[id] = value;
    }
    decoded.events.push({ event, data });
  }
}

function readPick(pick: MessagePick, body: Body, shape: ValueShape): ThingValue | undefined {
  const raw = lookUp(pick, body);
  if (raw === undefined || raw === null) {
    if (pick.optional) return undefined;
    throw new HubError('protocol_violation', `the message has nothing at ${placeName(pick)}`);
  }
  if (typeof raw === 'object')
    throw new HubError('protocol_violation', `the value at ${placeName(pick)} is not a single value`);
  return applyTransform(raw as RawValue, pick, shape);
}

/** Years 1970 to 9999: what lies outside is a device without a clock. */
const maxEpochMs = 253_402_300_799_999;

function toEpochMs(raw: unknown, spec: NonNullable<MqttMessage['timestamp']>): number {
  const at = epochMs(raw, spec);
  if (at === undefined || Number.isNaN(at) || at < 0 || at > maxEpochMs)
    throw new HubError('protocol_violation', 'the time of the message cannot be read');
  return at;
}

function epochMs(raw: unknown, spec: NonNullable<MqttMessage['timestamp']>): number | undefined {
  const text = plain(raw);
  if (text === undefined || text.trim() === '') return undefined;
  if (spec.format !== 'iso') return Math.round(Number(text) * (spec.format === 'epochS' ? 1000 : 1));
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const at = Date.parse(zoned ? text : `${text}Z`);
  return zoned ? at : at - spec.offsetMinutes * 60_000;
}
