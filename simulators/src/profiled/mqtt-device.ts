import { type Clock, systemClock } from '@hallhub/shared';
import { type MqttMapped, type MqttReply, type Profile, profileId } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import { applyCommand } from './command-effects.js';
import { DeviceState } from './device-state.js';
import { inventFields } from './event-schedule.js';
import { carriedByMessages, eventTexts, isStateTopic } from './mapped-messages.js';
import { MessageComposer } from './message-composer.js';
import { MessagePayload } from './message-payload.js';
import { type Order, ordersIn } from './mqtt-orders.js';
import type { Captured } from './payload-template.js';
import { type RawValue, valueFrom } from './raw-value.js';

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

/** A message that says the same again is left out so many times in a row. */
const mostSkips = 5;

/** Any profile with mapped MQTT topics as a device: what it says, what it obeys. The connection is `MqttLink`'s. */
export class MappedMqttDevice {
  readonly profile: Profile;
  readonly name: string;
  readonly state: DeviceState;
  /** The device says no to every command, where its profile knows how. */
  refuses = false;
  readonly #binding: MqttMapped;
  readonly #options: MappedDeviceOptions;
  readonly #composer: MessageComposer;
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
    const { clock = systemClock } = options;
    this.#random = options.random ?? Math.random;
    this.state = new DeviceState(profile, {
      clock,
      random: this.#random,
      carried: carriedByMessages(binding),
      avoid: eventTexts(binding, profile),
    });
    this.#composer = new MessageComposer(binding, { name: options.name, state: this.state, clock });
  }

  /** Events of the profile that a message can tell. */
  get events(): readonly string[] {
    return [...new Set(this.#binding.messages.flatMap(({ events }) => Object.keys(events)))];
  }

  /** Filters of the topics on which it is told what to do. */
  get subscriptions(): readonly string[] {
    const orders = [...Object.values(this.#binding.commands), ...Object.values(this.#binding.writes)];
    return [...new Set(orders.flatMap(({ publish }) => publish.map(({ topic }) => this.#composer.topic(topic))))];
  }

  /** Topics on which it speaks, for its broker account. */
  get publications(): readonly string[] {
    const { messages, presence, commands } = this.#binding;
    const replies = Object.values(commands).flatMap(({ reply }) => (reply ? [reply.topic] : []));
    const all = [...messages.map(({ topic }) => topic), ...(presence ? [presence.topic] : []), ...replies];
    return [...new Set(all.map((topic) => this.#composer.topic(topic)))];
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
    return { topic: this.#composer.topic(presence.topic), payload: payload.bytes(), retain: true };
  }

  values(): Record<string, ThingValue> {
    return this.state.values();
  }

  /** Says what has changed, and everything now and then. `all`: as after a connect. */
  report(all = false): void {
    for (const [topic, rules] of this.#composer.rulesByTopic()) {
      for (const [index, payload] of this.#composer.variants(rules).entries()) {
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
    this.#composer.stamp(payload, rule);
    for (const [id, pick] of Object.entries(spec.fields)) {
      const shape = model.fields.find((field) => field.id === id);
      this.#composer.putField(payload, pick, shape, fields[id]);
    }
    const topic = this.#composer.topic(rule.topic);
    this.#composer.fillUp(payload, topic, rule.format);
    this.#options.send({ topic, payload: payload.bytes(), retain: false });
    return true;
  }

  /** A message from the unit: a command or a write. True where the device knew what to do. */
  receive(topic: string, payload: Buffer): boolean {
    const orders = ordersIn(this.#binding, (template) => this.#composer.topic(template), { topic, payload });
    return orders.some((order) => this.#obey(order));
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
      if (field && !told.refused) this.#composer.putField(payload, pick, field, told.output[id]);
    }
    // An answer on a topic of values is such a message itself.
    const topic = this.#composer.topic(reply.topic);
    if (!told.refused) this.#composer.fillUp(payload, topic, reply.format);
    this.#options.send({ topic, payload: payload.bytes(), retain: false });
  }
}
