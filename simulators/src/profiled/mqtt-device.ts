import { type Clock, systemClock } from '@hallhub/shared';
import {
  type MessagePick,
  type MqttMapped,
  type MqttMessage,
  type MqttReply,
  type Profile,
  type Publish,
  profileId,
  type Transform,
} from '@hallhub/shared/profile';
import type { EventModel, ThingValue, ValueShape } from '@hallhub/shared/thing';
import { applyCommand } from './command-effects.js';
import { DeviceState } from './device-state.js';
import { inventFields } from './event-schedule.js';
import { rangeOfField } from './field-bytes.js';
import { MessagePayload } from './message-payload.js';
import { type Captured, readPublish } from './payload-template.js';
import { type Carried, carriedBy, eitherCarries, type RawValue, rawOf, valueFrom } from './raw-value.js';

export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

export interface MappedDeviceOptions {
  /** What stands for {device} in the profile's topics. */
  readonly name: string;
  readonly send: (message: OutgoingMessage) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** How long a value stays that an event said. */
const eventHoldsMs = 12_000;
/** A message that says the same again is left out so many times in a row. */
const mostSkips = 5;

interface Order {
  readonly publish: readonly Publish[];
  readonly at: number;
  readonly captured: Captured;
  readonly property?: string;
  readonly command?: string;
}

/** Any profile with mapped MQTT topics as a device: what it says, what it obeys. The connection is `MqttLink`'s. */
export class MappedMqttDevice {
  readonly profile: Profile;
  readonly name: string;
  readonly state: DeviceState;
  /** The device says no to every command, where its profile knows how. */
  refuses = false;
  readonly #binding: MqttMapped;
  readonly #options: MappedDeviceOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #said = new Map<string, { text: string; skips: number }>();
  /** Inputs of a command that comes in several messages. */
  readonly #gathered = new Map<string, Record<string, RawValue>>();

  constructor(profile: Profile, options: MappedDeviceOptions) {
    const binding = profile.bindings.mqtt;
    if (!binding || binding.native) throw new RangeError(`${profileId(profile)} maps no MQTT topics`);
    this.profile = profile;
    this.name = options.name;
    this.#binding = binding;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.state = new DeviceState(profile, {
      clock: this.#clock,
      random: this.#random,
      carried: carriedByMessages(binding),
      avoid: eventTexts(binding, profile),
    });
  }

  /** Events of the profile that a message can tell. */
  get events(): readonly string[] {
    return [...new Set(this.#binding.messages.flatMap(({ events }) => Object.keys(events)))];
  }

  /** Filters of the topics on which it is told what to do. */
  get subscriptions(): readonly string[] {
    const orders = [...Object.values(this.#binding.commands), ...Object.values(this.#binding.writes)];
    return [...new Set(orders.flatMap(({ publish }) => publish.map(({ topic }) => this.#topic(topic))))];
  }

  /** Topics on which it speaks, for its broker account. */
  get publications(): readonly string[] {
    const { messages, presence, commands } = this.#binding;
    const replies = Object.values(commands).flatMap(({ reply }) => (reply ? [reply.topic] : []));
    const all = [...messages.map(({ topic }) => topic), ...(presence ? [presence.topic] : []), ...replies];
    return [...new Set(all.map((topic) => this.#topic(topic)))];
  }

  /** The message by which it (or its will) says whether it is there. */
  presence(online: boolean): OutgoingMessage | undefined {
    const { presence } = this.#binding;
    if (!presence) return undefined;
    const payload = new MessagePayload({ format: presence.pointer === undefined ? 'text' : 'json', separator: ',' });
    payload.put(
      presence.pointer === undefined ? {} : { pointer: presence.pointer },
      online ? presence.online : presence.offline,
    );
    return { topic: this.#topic(presence.topic), payload: payload.bytes(), retain: true };
  }

  values(): Record<string, ThingValue> {
    return this.state.values();
  }

  /** Says what has changed, and everything now and then. `all`: as after a connect. */
  report(all = false): void {
    for (const [topic, rules] of this.#rulesByTopic()) {
      for (const [index, payload] of this.#variants(rules).entries()) {
        const isEvent = rules.some((rule) =>
          Object.values(rule.events).some(({ when }) => payload.holds(rule.when) && payload.holds(when)),
        );
        // Without a condition every message is an event: such a topic is silent until something happens.
        if (isEvent && !isStateTopic(rules)) continue;
        const bytes = payload.bytes();
        const key = `${topic} ${index}`;
        const text = bytes.toString('latin1');
        const before = this.#said.get(key);
        const same = before?.text === text;
        if (!all && same && (isEvent || before.skips < mostSkips)) {
          before.skips++;
          continue;
        }
        this.#said.set(key, { text, skips: 0 });
        this.#options.send({ topic, payload: bytes, retain: false });
      }
    }
  }

  /** Sends the message that tells an event; what it says of properties is so from then on. */
  raise(event: string, given?: Record<string, ThingValue>): boolean {
    const model = this.profile.thing.events.find(({ id }) => id === event);
    const rule = this.#binding.messages.find(({ events }) => events[event]);
    const spec = rule?.events[event];
    if (!model || !rule || !spec) return false;
    const fields = given ?? inventFields(model, undefined, this.#random);
    const payload = new MessagePayload(rule);
    if (!payload.require(rule.when) || !payload.require(spec.when)) return false;
    this.#stamp(payload, rule);
    for (const [id, pick] of Object.entries(spec.fields)) this.#putField(payload, pick, fieldOf(model, id), fields[id]);
    const topic = this.#topic(rule.topic);
    this.#fillUp(payload, topic, rule.format);
    this.#options.send({ topic, payload: payload.bytes(), retain: false });
    return true;
  }

  /** A message from the unit: a command or a write. True where the device knew what to do. */
  receive(topic: string, payload: Buffer): boolean {
    const orders = this.#orders(topic, payload).sort(
      (a, b) => Object.keys(a.captured).length - Object.keys(b.captured).length,
    );
    return orders.some((order) => this.#obey(order));
  }

  #orders(topic: string, payload: Buffer): Order[] {
    const found = (publish: readonly Publish[], more: Pick<Order, 'property' | 'command'>): Order[] =>
      publish.flatMap((one, at) => {
        const captured = this.#topic(one.topic) === topic ? readPublish(one, payload) : undefined;
        return captured ? [{ publish, at, captured, ...more }] : [];
      });
    return [
      ...Object.entries(this.#binding.commands).flatMap(([command, { publish }]) => found(publish, { command })),
      ...Object.entries(this.#binding.writes).flatMap(([property, { publish }]) => found(publish, { property })),
    ];
  }

  #obey(order: Order): boolean {
    const key = `${order.command ?? ''} ${order.property ?? ''}`;
    const gathered = { ...(order.at > 0 ? this.#gathered.get(key) : {}), ...order.captured };
    if (order.property !== undefined) {
      const done = this.#write(order.property, gathered.value);
      if (done) this.report();
      return done;
    }
    const command = this.profile.thing.commands.find(({ id }) => id === order.command);
    if (!command) return false;
    const input: Record<string, ThingValue> = {};
    for (const field of command.input) {
      if (gathered[field.id] === undefined) continue;
      const value = valueFrom(gathered[field.id] as RawValue, {}, field);
      if (value === undefined) return false;
      input[field.id] = value;
    }
    if (order.at < order.publish.length - 1) {
      this.#gathered.set(key, gathered);
      return true;
    }
    this.#gathered.delete(key);
    const reply = this.#binding.commands[command.id]?.reply;
    if (this.refuses) {
      if (reply?.failed) this.#answer(reply, { command: command.id, captured: gathered, refused: true, output: {} });
      return true;
    }
    const output = applyCommand(this.state, command, input, this.#random);
    this.report();
    if (reply) this.#answer(reply, { command: command.id, captured: gathered, refused: false, output });
    return true;
  }

  #write(property: string, raw: RawValue | undefined): boolean {
    const spec = this.#binding.writes[property];
    const model = this.profile.thing.properties.find(({ id }) => id === property);
    if (!spec || !model || raw === undefined) return false;
    const value = valueFrom(raw, spec, model);
    if (value === undefined) return false;
    if (!this.refuses) this.state.set(property, value);
    return true;
  }

  #answer(
    reply: MqttReply,
    told: { command: string; captured: Captured; refused: boolean; output: Readonly<Record<string, ThingValue>> },
  ): void {
    const payload = new MessagePayload(reply);
    if (!payload.require(reply.when)) return;
    if (reply.correlate) {
      const id = told.captured[reply.correlate.with];
      if (id !== undefined) payload.put(reply.correlate, id);
    }
    if (told.refused) payload.require(reply.failed);
    else if (reply.failed?.present === false) payload.put(reply.failed, 1);
    const fields = this.profile.thing.commands.find(({ id }) => id === told.command)?.output ?? [];
    for (const [id, pick] of Object.entries(reply.output)) {
      const field = fields.find((one) => one.id === id);
      if (field && !told.refused) this.#putField(payload, pick, field, told.output[id]);
    }
    // An answer on a topic of values is such a message itself.
    const topic = this.#topic(reply.topic);
    if (!told.refused) this.#fillUp(payload, topic, reply.format);
    this.#options.send({ topic, payload: payload.bytes(), retain: false });
  }

  /** What else a message on this topic says. */
  #fillUp(payload: MessagePayload, topic: string, format: MqttMessage['format']): void {
    for (const rule of this.#binding.messages) {
      if (this.#topic(rule.topic) !== topic || rule.format !== format || !payload.holds(rule.when)) continue;
      for (const [id, pick] of Object.entries(rule.properties)) this.#putProperty(payload, id, pick);
    }
  }

  /** The messages of one topic: as few as their conditions let through. */
  #variants(rules: readonly MqttMessage[]): MessagePayload[] {
    const variants: { rule: MqttMessage; payload: MessagePayload }[] = [];
    for (const rule of rules) {
      if (Object.keys(rule.properties).length === 0) continue;
      const fits = variants.find((variant) => {
        if (variant.rule.format !== rule.format) return false;
        const tried = this.#filled(rule, variant.payload.copy());
        if (tried) variant.payload = tried;
        return tried !== undefined;
      });
      if (fits) continue;
      const payload = this.#filled(rule, new MessagePayload(rule));
      if (payload) variants.push({ rule, payload });
    }
    return variants.map(({ payload }) => payload);
  }

  #filled(rule: MqttMessage, payload: MessagePayload): MessagePayload | undefined {
    for (const [id, pick] of Object.entries(rule.properties)) {
      const raw = rawOf(this.state.value(id), pick);
      if (raw === undefined || !payload.put(pick, raw)) {
        if (!pick.optional) return undefined;
      }
    }
    if (!payload.require(rule.when)) return undefined;
    this.#stamp(payload, rule);
    return payload;
  }

  #stamp(payload: MessagePayload, { timestamp }: MqttMessage): void {
    if (!timestamp || payload.at(timestamp) !== undefined) return;
    const now = this.#clock.now();
    const local = new Date(now + timestamp.offsetMinutes * 60_000).toISOString().slice(0, 19);
    const raw = timestamp.format === 'iso' ? local : timestamp.format === 'epochS' ? Math.floor(now / 1000) : now;
    payload.put(timestamp, raw);
  }

  #putProperty(payload: MessagePayload, id: string, pick: MessagePick): void {
    const stands = payload.at(pick);
    const model = this.state.property(id);
    if (stands !== undefined && model) {
      const value = valueFrom(stands, pick, model);
      if (value !== undefined) this.state.set(id, value, eventHoldsMs);
      return;
    }
    const raw = rawOf(this.state.value(id), pick);
    if (raw !== undefined) payload.put(pick, raw);
  }

  #putField(
    payload: MessagePayload,
    pick: MessagePick,
    field: ValueShape | undefined,
    value: ThingValue | undefined,
  ): void {
    if (!field || value === undefined) return;
    const other = pick.map ? Object.values(pick.map)[0] : undefined;
    const raw = rawOf(value, pick) ?? (other === undefined ? undefined : rawOf(other, pick));
    if (raw !== undefined) payload.put(pick, raw);
  }

  #rulesByTopic(): Map<string, MqttMessage[]> {
    const topics = new Map<string, MqttMessage[]>();
    for (const rule of this.#binding.messages) {
      const topic = this.#topic(rule.topic);
      topics.set(topic, [...(topics.get(topic) ?? []), rule]);
    }
    return topics;
  }

  /** A wildcard level may be anything; this device calls it 0. */
  #topic(template: string): string {
    return template
      .split('/')
      .map((level) => (level === '+' ? '0' : level))
      .join('/')
      .replaceAll('{device}', () => this.name);
  }
}

const fieldOf = (event: EventModel, id: string): ValueShape | undefined => event.fields.find((one) => one.id === id);

/** A topic whose events are conditions on what it says of a property: its present state may be said at any time. */
const isStateTopic = (rules: readonly MqttMessage[]): boolean => {
  const places = new Set(rules.flatMap(({ properties }) => Object.values(properties).map((pick) => placeKey(pick))));
  return rules.every((rule) =>
    Object.values(rule.events).every(({ when }) => [rule.when, when].some((one) => one && places.has(placeKey(one)))),
  );
};

const placeKey = ({
  pointer,
  column,
  at,
}: {
  pointer?: string | undefined;
  column?: number | undefined;
  at?: number | undefined;
}) => `${pointer ?? ''} ${column ?? ''} ${at ?? ''}`;

const carriedByMessages = (binding: MqttMapped): Map<string, Carried> => {
  const carried = new Map<string, Carried>();
  for (const { properties } of binding.messages) {
    for (const [id, pick] of Object.entries(properties)) {
      carried.set(id, eitherCarries(carried.get(id), carriedByPick(pick)));
    }
  }
  for (const id of Object.keys(binding.writes)) if (!carried.has(id)) carried.set(id, {});
  return carried;
};

const carriedByPick = (pick: MessagePick & Transform): Carried => {
  const { type } = pick;
  if (type === undefined) return carriedBy(pick);
  const range = rangeOfField({ ...pick, type });
  const text = type === 'text' || type === 'hex';
  return {
    ...carriedBy(pick, {
      ...(range ? { least: range[0], greatest: range[1] } : {}),
      ...(text || type === 'f32' || type === 'f64' ? {} : { whole: true }),
      ...(type === 'text' && pick.bytes !== undefined ? { maxBytes: pick.bytes } : {}),
    }),
    ...(type === 'hex' && pick.bytes !== undefined ? { exactBytes: pick.bytes * 2 } : {}),
  };
};

/** Values that a property takes only with an event: at rest it has another. */
const eventTexts = (binding: MqttMapped, profile: Profile): Map<string, Set<ThingValue>> => {
  const avoid = new Map<string, Set<ThingValue>>();
  for (const rule of binding.messages) {
    for (const [event, { when }] of Object.entries(rule.events)) {
      if (profile.thing.events.find(({ id }) => id === event)?.severity === 'info') continue;
      for (const condition of [rule.when, when]) {
        if (condition?.equals === undefined) continue;
        for (const other of binding.messages) {
          if (other.topic !== rule.topic) continue;
          for (const [id, pick] of Object.entries(other.properties)) {
            if (placeKey(pick) !== placeKey(condition)) continue;
            const shape = profile.thing.properties.find((one) => one.id === id);
            const value = shape && valueFrom(condition.equals, pick, shape);
            if (value !== undefined) avoid.set(id, new Set([...(avoid.get(id) ?? []), value]));
          }
        }
      }
    }
  }
  return avoid;
};
