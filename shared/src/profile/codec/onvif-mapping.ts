import { HubError } from '../../errors/index.js';
import type { ThingModel } from '../../thing/thing-model.js';
import type { OnvifAction } from '../onvif-actions.js';
import type { OnvifBinding, OnvifFact } from '../onvif-schema.js';
import type { Literal } from '../transform-schema.js';
import { attempt, type Decoded, emptyDecoded, eventFieldShape, propertyShape } from './decoded.js';
import { applyTransform } from './transform.js';

/** A notification as it came: topic with or without prefixes, and its SimpleItems (source, key and data) as text. */
export interface OnvifNotification {
  topic: string;
  items: Record<string, string>;
}

export type OnvifFacts = Partial<Record<OnvifFact, number | string | boolean>>;

/** `tns1:RuleEngine/CellMotionDetector/Motion` -> `RuleEngine/CellMotionDetector/Motion`. */
export function plainTopic(topic: string): string {
  return topic
    .trim()
    .split('/')
    .map((level) => level.slice(level.indexOf(':') + 1))
    .join('/');
}

/** What a notification says; undefined where the profile maps nothing of its topic. */
export function decodeOnvifNotification(
  binding: OnvifBinding,
  thing: ThingModel,
  notification: OnvifNotification,
): Decoded | undefined {
  const topic = plainTopic(notification.topic);
  const decoded = emptyDecoded();
  let mapped = false;
  for (const [id, spec] of Object.entries(binding.properties)) {
    if ('fact' in spec || !concerns(spec, topic, notification)) continue;
    mapped = true;
    const value = attempt(id, decoded.problems, () =>
      applyTransform(item(notification, spec.item), spec, propertyShape(thing, id)),
    );
    if (value !== undefined) decoded.values[id] = value;
  }
  for (const [event, spec] of Object.entries(binding.events)) {
    if (!concerns(spec, topic, notification)) continue;
    mapped = true;
    if (spec.when && !isEqual(itemText(notification, spec.when.item), spec.when.equals)) continue;
    const data: Decoded['values'] = {};
    for (const [id, field] of Object.entries(spec.fields)) {
      const value = attempt(`${event}.${id}`, decoded.problems, () =>
        applyTransform(item(notification, field.item), field, eventFieldShape(thing, event, id)),
      );
      if (value !== undefined) data[id] = value;
    }
    decoded.events.push({ event, data });
  }
  return mapped ? decoded : undefined;
}

/** Facts read from the camera to values of the model. */
export function decodeOnvifFacts(binding: OnvifBinding, thing: ThingModel, facts: OnvifFacts): Decoded {
  const decoded = emptyDecoded();
  for (const [id, spec] of Object.entries(binding.properties)) {
    if (!('fact' in spec)) continue;
    const raw = facts[spec.fact];
    if (raw === undefined) continue;
    const value = attempt(id, decoded.problems, () => applyTransform(raw, spec, propertyShape(thing, id)));
    if (value !== undefined) decoded.values[id] = value;
  }
  return decoded;
}

/** What a command does: its action, with the profile's fixed arguments and the command's input. Undefined: not bound. */
export function planOnvifCommand(
  binding: OnvifBinding,
  command: string,
  input: Readonly<Record<string, unknown>>,
): { action: OnvifAction; arguments: Record<string, unknown> } | undefined {
  const spec = Object.hasOwn(binding.commands, command) ? binding.commands[command] : undefined;
  // What the profile fixes is not the caller's to change.
  return spec && { action: spec.action, arguments: { ...input, ...spec.with } };
}

interface Selector {
  topic?: string | undefined;
  topics?: string[] | undefined;
  where?: Record<string, Literal> | undefined;
}

function concerns(selector: Selector, topic: string, notification: OnvifNotification): boolean {
  if (selector.topic !== topic && !selector.topics?.includes(topic)) return false;
  return Object.entries(selector.where ?? {}).every(([name, wanted]) => isEqual(itemText(notification, name), wanted));
}

/** An xs:boolean may be written true or 1, false or 0. */
function isEqual(text: string | undefined, wanted: Literal): boolean {
  if (typeof wanted !== 'boolean') return text === String(wanted);
  return wanted ? text === 'true' || text === '1' : text === 'false' || text === '0';
}

function itemText({ items }: OnvifNotification, names: string | readonly string[]): string | undefined {
  const name = (typeof names === 'string' ? [names] : names).find((one) => Object.hasOwn(items, one));
  return name === undefined ? undefined : items[name];
}

function item(notification: OnvifNotification, names: string | readonly string[]): string {
  const value = itemText(notification, names);
  if (value === undefined) {
    throw new HubError('protocol_violation', `the notification has no item ${[names].flat().join(' or ')}`);
  }
  return value;
}
