import type { Clock } from '@hallhub/shared';
import type { MessagePick, MqttMapped, MqttMessage } from '@hallhub/shared/profile';
import type { ThingValue, ValueShape } from '@hallhub/shared/thing';
import type { DeviceState } from './device-state.js';
import { MessagePayload } from './message-payload.js';
import { rawOf, valueFrom } from './raw-value.js';

export interface MessageComposerOptions {
  /** What stands for {device} in the profile's topics. */
  readonly name: string;
  readonly state: DeviceState;
  readonly clock: Clock;
}

/** How long a value stays that an event said. */
const eventHoldsMs = 12_000;

/** Makes the messages of a profile say what a device's state is. */
export class MessageComposer {
  readonly #binding: MqttMapped;
  readonly #state: DeviceState;
  readonly #options: MessageComposerOptions;

  constructor(binding: MqttMapped, options: MessageComposerOptions) {
    this.#binding = binding;
    this.#state = options.state;
    this.#options = options;
  }

  /** A wildcard level may be anything; this device calls it 0. */
  topic(template: string): string {
    return template
      .split('/')
      .map((level) => (level === '+' ? '0' : level))
      .join('/')
      .replaceAll('{device}', () => this.#options.name);
  }

  /** Its rules for messages, by the topic on which it sends them. */
  rulesByTopic(): Map<string, MqttMessage[]> {
    const topics = new Map<string, MqttMessage[]>();
    for (const rule of this.#binding.messages) {
      const topic = this.topic(rule.topic);
      topics.set(topic, [...(topics.get(topic) ?? []), rule]);
    }
    return topics;
  }

  /** The messages of one topic: as few as their conditions let through. */
  variants(rules: readonly MqttMessage[]): MessagePayload[] {
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

  /** Dates the message, where the profile says how. */
  stamp(payload: MessagePayload, { timestamp }: MqttMessage): void {
    if (!timestamp || payload.at(timestamp) !== undefined) return;
    const now = this.#options.clock.now();
    const local = new Date(now + timestamp.offsetMinutes * 60_000).toISOString().slice(0, 19);
    const raw = timestamp.format === 'iso' ? local : timestamp.format === 'epochS' ? Math.floor(now / 1000) : now;
    payload.put(timestamp, raw);
  }

  /** What else a message on this topic says. */
  fillUp(payload: MessagePayload, topic: string, format: MqttMessage['format']): void {
    for (const rule of this.#binding.messages) {
      if (this.topic(rule.topic) !== topic || rule.format !== format || !payload.holds(rule.when)) continue;
      for (const [id, pick] of Object.entries(rule.properties)) this.#putProperty(payload, id, pick);
    }
  }

  /** Says a field of an event or an output; what the message cannot say stays out. */
  putField(
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

  #filled(rule: MqttMessage, payload: MessagePayload): MessagePayload | undefined {
    for (const [id, pick] of Object.entries(rule.properties)) {
      const raw = rawOf(this.#state.value(id), pick);
      if (raw === undefined || !payload.put(pick, raw)) {
        if (!pick.optional) return undefined;
      }
    }
    if (!payload.require(rule.when)) return undefined;
    this.stamp(payload, rule);
    return payload;
  }

  #putProperty(payload: MessagePayload, id: string, pick: MessagePick): void {
    const stands = payload.at(pick);
    const model = this.#state.property(id);
    if (stands !== undefined && model) {
      const value = valueFrom(stands, pick, model);
      if (value !== undefined) this.#state.set(id, value, eventHoldsMs);
      return;
    }
    const raw = rawOf(this.#state.value(id), pick);
    if (raw !== undefined) payload.put(pick, raw);
  }
}
