import { HubError } from '../../errors/index.js';
import type { ThingModel } from '../../thing/thing-model.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import type { MessageCondition, MessagePick, MqttMapped, MqttMessage, MqttReply, Publish } from '../mqtt-schema.js';
import { attempt, type Decoded, emptyDecoded, eventFieldShape, outputShape, propertyShape } from './decoded.js';
import { fillJson, fillTemplate, type TemplateValues } from './template.js';
import { applyTransform, type RawValue, undoTransform } from './transform.js';

export interface PublishOut {
  topic: string;
  payload: string;
  qos: 0 | 1;
  retain: boolean;
}

/** A topic template for a device, as a filter to subscribe to: `tele/{device}/SENSOR` -> `tele/lobby-1/SENSOR`. */
export function topicFor(template: string, device: string): string {
  return template.replaceAll('{device}', device);
}

/** The device’s name in a topic, or undefined where the topic does not fit the template. */
export function deviceOfTopic(template: string, topic: string): string | undefined {
  const pattern = template
    .split(/(\{device\}|\+)/)
    .map((part) =>
      part === '{device}' ? '([^/]+)' : part === '+' ? '[^/]+' : part.replace(/[.*?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  const match = new RegExp(`^${pattern}$`, 'u').exec(topic);
  return match ? (match[1] ?? '') : undefined;
}

/**
 * What a message says. Undefined where no message rule of the binding fits topic and condition.
 * Throws `protocol_violation` where a rule fits the topic and the payload cannot be parsed.
 */
export function decodeMqttMessage(
  binding: MqttMapped,
  thing: ThingModel,
  message: { topic: string; payload: string },
): Decoded | undefined {
  let decoded: Decoded | undefined;
  for (const rule of binding.messages) {
    if (deviceOfTopic(rule.topic, message.topic) === undefined) continue;
    const body = parsePayload(message.payload, rule.format, rule.separator);
    if (rule.when && !holds(rule.when, body)) continue;
    decoded ??= emptyDecoded();
    applyRule(rule, thing, body, decoded);
  }
  return decoded;
}

/** Online, offline, or undefined where the message is not the presence message. */
export function decodePresence(
  binding: MqttMapped,
  message: { topic: string; payload: string },
): 'online' | 'offline' | undefined {
  const presence = binding.presence;
  if (!presence || deviceOfTopic(presence.topic, message.topic) === undefined) return undefined;
  const text = message.payload.trim();
  if (text === presence.online) return 'online';
  return text === presence.offline ? 'offline' : undefined;
}

/** Messages that carry out a command. Throws `invalid_input`. */
export function encodeMqttCommand(
  binding: MqttMapped,
  command: string,
  input: TemplateValues,
  device: string,
): PublishOut[] {
  const spec = binding.commands[command];
  if (!spec) throw new HubError('unsupported', `the profile binds no command ${command}`);
  return spec.publish.map((publish) => encodePublish(publish, { ...input, device }));
}

/** Messages that set a property. Throws `invalid_input`. */
export function encodeMqttWrite(
  binding: MqttMapped,
  property: string,
  value: ThingValue,
  device: string,
): PublishOut[] {
  const spec = binding.writes[property];
  if (!spec) throw new HubError('unsupported', `the profile binds no write to ${property}`);
  const raw = undoTransform(value, spec);
  const plain = typeof raw === 'bigint' ? String(raw) : raw;
  return spec.publish.map((publish) => encodePublish(publish, { value: plain, device }));
}

export type MqttAnswer = { ok: boolean; output: Record<string, ThingValue>; problems: Decoded['problems'] };

/** The answer to a command, or undefined where this message is none. */
export function decodeMqttReply(
  reply: MqttReply,
  thing: ThingModel,
  command: string,
  message: { topic: string; payload: string },
): MqttAnswer | undefined {
  if (deviceOfTopic(reply.topic, message.topic) === undefined) return undefined;
  const body = parsePayload(message.payload, reply.format, ',');
  if (reply.when && !holds(reply.when, body)) return undefined;
  const answer: MqttAnswer = { ok: !(reply.failed && holds(reply.failed, body)), output: {}, problems: [] };
  for (const [id, pick] of Object.entries(reply.output)) {
    const shape = outputShape(thing, command, id);
    const value = attempt(id, answer.problems, () => readPick(pick, body, shape));
    if (value !== undefined) answer.output[id] = value;
  }
  return answer;
}

type Body = { format: 'json'; json: unknown } | { format: 'csv'; columns: string[] } | { format: 'text'; text: string };

function parsePayload(payload: string, format: MqttMessage['format'], separator: string): Body {
  if (format === 'text') return { format, text: payload.trim() };
  if (format === 'csv')
    return {
      format,
      columns: payload
        .trim()
        .split(separator)
        .map((column) => column.trim()),
    };
  try {
    return { format, json: JSON.parse(payload) };
  } catch (cause) {
    throw new HubError('protocol_violation', 'the payload is not JSON', {
      cause,
      context: { payload: payload.slice(0, 120) },
    });
  }
}

function applyRule(rule: MqttMessage, thing: ThingModel, body: Body, decoded: Decoded): void {
  if (rule.timestamp) {
    const raw = lookUp(rule.timestamp, body);
    const at = raw === undefined ? undefined : toEpochMs(raw, rule.timestamp);
    if (at === undefined)
      decoded.problems.push({ path: 'timestamp', message: 'the time of the message cannot be read' });
    else decoded.at = at;
  }
  for (const [id, pick] of Object.entries(rule.properties)) {
    const shape = propertyShape(thing, id);
    const value = attempt(id, decoded.problems, () => readPick(pick, body, shape));
    if (value !== undefined) decoded.values[id] = value;
  }
  for (const [event, spec] of Object.entries(rule.events)) {
    if (spec.when && !holds(spec.when, body)) continue;
    const data: Record<string, ThingValue> = {};
    for (const [id, pick] of Object.entries(spec.fields)) {
      const shape = eventFieldShape(thing, event, id);
      const value = attempt(`${event}.${id}`, decoded.problems, () => readPick(pick, body, shape));
      if (value !== undefined) data[id] = value;
    }
    decoded.events.push({ event, data });
  }
}

function readPick(pick: MessagePick, body: Body, shape: ValueShape): ThingValue | undefined {
  const raw = lookUp(pick, body);
  if (raw === undefined || raw === null) {
    if (pick.optional) return undefined;
    throw new HubError('protocol_violation', `the message has nothing at ${place(pick)}`);
  }
  if (typeof raw === 'object')
    throw new HubError('protocol_violation', `the value at ${place(pick)} is not a single value`);
  return applyTransform(raw as RawValue, pick, shape);
}

function place(pick: { pointer?: string | undefined; column?: number | undefined }): string {
  return pick.pointer ?? (pick.column === undefined ? 'the payload' : `column ${pick.column}`);
}

function lookUp(where: { pointer?: string | undefined; column?: number | undefined }, body: Body): unknown {
  if (body.format === 'text') return body.text;
  if (body.format === 'csv') return where.column === undefined ? undefined : body.columns[where.column];
  return readPointer(body.json, where.pointer ?? '');
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

function holds(condition: MessageCondition, body: Body): boolean {
  const value = lookUp(condition, body);
  if (condition.present !== undefined && condition.present !== (value !== undefined)) return false;
  if (condition.equals !== undefined && String(value) !== String(condition.equals)) return false;
  return condition.oneOf === undefined || condition.oneOf.some((one) => String(one) === String(value));
}

function toEpochMs(raw: unknown, spec: NonNullable<MqttMessage['timestamp']>): number | undefined {
  if (spec.format !== 'iso') {
    const number = Number(raw);
    if (!Number.isFinite(number)) return undefined;
    return Math.round(spec.format === 'epochS' ? number * 1000 : number);
  }
  const text = String(raw);
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const at = Date.parse(zoned ? text : `${text}Z`);
  if (Number.isNaN(at)) return undefined;
  return zoned ? at : at - spec.offsetMinutes * 60_000;
}

function encodePublish(publish: Publish, values: TemplateValues): PublishOut {
  const device = String(values.device);
  if (/[/+#\0]/.test(device)) throw new HubError('invalid_input', 'the device’s name does not fit into a topic');
  const { payload } = publish;
  return {
    topic: fillTemplate(publish.topic, { device }),
    payload: typeof payload === 'string' ? fillTemplate(payload, values) : JSON.stringify(fillJson(payload, values)),
    qos: publish.qos,
    retain: publish.retain,
  };
}
