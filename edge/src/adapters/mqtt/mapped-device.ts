import { HubError, isHubError, type Timer, uuidv7 } from '@hallhub/shared';
import {
  type Decoded,
  decodeMqttMessage,
  decodeMqttReply,
  decodePresence,
  encodeMqttCommand,
  encodeMqttWrite,
  type MqttMapped,
  type PublishOut,
  type TemplateValues,
  topicFor,
} from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type {
  AdapterHost,
  BrokerMessage,
  BrokerPort,
  CommandRequest,
  DeviceView,
  LoadedProfile,
} from '../../ports/index.js';
import { PresenceReporter } from '../presence-reporter.js';

export interface MappedCounters {
  messages: number;
  unmapped: number;
  badValues: number;
  published: number;
}

export interface MappedDeviceOptions {
  readonly view: DeviceView & { readonly profile: LoadedProfile };
  readonly binding: MqttMapped;
  /** What stands for {device} in the topics. */
  readonly name: string;
  readonly host: AdapterHost;
  readonly broker: BrokerPort;
  readonly counters: MappedCounters;
  readonly silentAfterMs: number;
}

/** One device of another maker: its topics are listened to, its commands published. */
export class MappedDevice {
  readonly view: MappedDeviceOptions['view'];
  readonly #options: MappedDeviceOptions;
  readonly #presence: PresenceReporter;
  readonly #stop: (() => void)[] = [];
  /** Of events that tell changes: the property that has to change. */
  readonly #changing: ReadonlyMap<string, string>;
  /** What those properties were when they were last told. */
  readonly #told = new Map<string, Value | undefined>();
  #silence: Timer | undefined;

  constructor(options: MappedDeviceOptions) {
    this.#options = options;
    this.view = options.view;
    this.#presence = new PresenceReporter(options.host, options.view.deviceId);
    const events = options.binding.messages.flatMap((message) => Object.entries(message.events));
    this.#changing = new Map(events.flatMap(([id, { changed }]) => (changed === undefined ? [] : [[id, changed]])));
  }

  start(): void {
    const { binding, broker, name } = this.#options;
    const templates = new Set(binding.messages.map((message) => message.topic));
    if (binding.presence) templates.add(binding.presence.topic);
    for (const template of templates) {
      this.#stop.push(broker.onMessage(topicFor(template, name), (message) => this.#receive(message)));
    }
    this.#watchSilence();
  }

  /** Nobody can hear it now, or can again; what it says next, or its presence topic, tells how it is. */
  link(up: boolean, detail?: string): void {
    if (up) {
      this.#watchSilence();
      return;
    }
    this.#silence?.cancel();
    const { binding } = this.#options;
    this.#presence.reportGone(binding.presence ? 'presence' : 'traffic', {
      reason: 'link_down',
      ...(detail === undefined ? {} : { detail }),
      decisive: true,
    });
  }

  stop(): void {
    this.#silence?.cancel();
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Publishes the command's messages and waits for its answer, where the profile says how one looks. */
  async execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const { command, commandId, input, signal } = request;
    const { binding, name } = this.#options;
    const messages = encodeMqttCommand(binding, command, input as TemplateValues, { device: name, commandId });
    const reply = binding.commands[command]?.reply;
    if (!reply) {
      await this.#publish(messages, signal);
      return undefined;
    }
    const { broker } = this.#options;
    const thing = this.view.profile.document.thing;
    let stop: (() => void) | undefined;
    let onAbort: (() => void) | undefined;
    const answered = new Promise<Record<string, unknown>>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      stop = broker.onMessage(topicFor(reply.topic, name), (message) => {
        const answer = decodeMqttReply(reply, thing, command, { ...message, commandId });
        if (!answer) return;
        if (answer.ok) resolve(answer.output);
        else
          reject(
            new HubError('device_refused', 'the device answered that it did not do it', {
              context: { topic: message.topic },
            }),
          );
      });
    });
    try {
      await Promise.all([this.#publish(messages, signal), answered]);
      const output = await answered;
      return Object.keys(output).length > 0 ? output : undefined;
    } finally {
      stop?.();
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  }

  async write(values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const { binding, name, host } = this.#options;
    for (const [id, value] of Object.entries(values)) {
      if (value === null) throw new HubError('invalid_input', `${id} cannot be set to nothing`);
      const to = { device: name, commandId: uuidv7(host.clock.now()) };
      await this.#publish(encodeMqttWrite(binding, id, value, to), signal);
    }
  }

  async #publish(messages: readonly PublishOut[], signal: AbortSignal): Promise<void> {
    for (const { topic, payload, qos, retain } of messages) {
      signal.throwIfAborted();
      await this.#options.broker.publish(topic, payload, { qos, retain });
      this.#options.counters.published++;
    }
  }

  async #receive(message: BrokerMessage): Promise<void> {
    const { binding, counters, host } = this.#options;
    const presence = decodePresence(binding, message);
    if (presence) this.#present(presence);
    let decoded: Decoded | undefined;
    try {
      decoded = decodeMqttMessage(binding, this.view.profile.document.thing, message);
    } catch (error) {
      if (!isHubError(error, 'protocol_violation')) throw error;
      const { deviceId } = this.view;
      host.aside({ deviceId, source: message.topic, reason: error.message, payload: message.payload });
      return;
    }
    if (!decoded) {
      if (!presence) counters.unmapped++;
      return;
    }
    counters.messages++;
    // What the broker kept from before says nothing about now.
    if (!message.retain) this.#heard();
    await this.#report(decoded, message);
  }

  #present(presence: 'online' | 'offline'): void {
    this.#presence.report(
      presence === 'online'
        ? { check: 'presence', ok: true, reason: 'traffic' }
        : { check: 'presence', ok: false, reason: 'will', decisive: true },
    );
  }

  #heard(): void {
    this.#presence.report({
      check: this.#options.binding.presence ? 'presence' : 'traffic',
      ok: true,
      reason: 'traffic',
    });
    this.#watchSilence();
  }

  #watchSilence(): void {
    const { host, silentAfterMs, binding } = this.#options;
    this.#silence?.cancel();
    if (binding.presence) return;
    this.#silence = host.clock.setTimeout(() => {
      this.#presence.report({
        check: 'traffic',
        ok: false,
        reason: 'silent',
        detail: `no message for ${Math.round(silentAfterMs / 1_000)} s`,
        decisive: true,
      });
      this.#watchSilence();
    }, silentAfterMs);
  }

  async #report(decoded: Decoded, message: BrokerMessage): Promise<void> {
    const { host, counters } = this.#options;
    const { deviceId } = this.view;
    const values: Record<string, Value> = { ...decoded.values };
    const quality: Record<string, 'bad'> = {};
    if (decoded.problems.length > 0) {
      counters.badValues += decoded.problems.length;
      const reason = decoded.problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
      host.aside({ deviceId, source: message.topic, reason, payload: message.payload });
      for (const { path } of decoded.problems) {
        if (!this.view.profile.document.thing.properties.some((property) => property.id === path)) continue;
        values[path] = null;
        quality[path] = 'bad';
      }
    }
    const { events, undo } = this.#news(decoded);
    const pending: Promise<void>[] = [];
    if (Object.keys(values).length > 0) {
      pending.push(host.reading({ deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) }));
    }
    for (const { event, data } of events) {
      pending.push(
        host.event({ deviceId, event, data, ...(decoded.at === undefined ? {} : { deviceAt: decoded.at }) }),
      );
    }
    try {
      await Promise.all(pending);
    } catch (error) {
      // It comes again, and is still news then.
      undo();
      throw error;
    }
  }

  /** The events but for those that tell a change where there is none. What was never known has changed. */
  #news(decoded: Decoded): { events: Decoded['events']; undo: () => void } {
    const { host } = this.#options;
    const before = new Map<string, Value | undefined>();
    for (const id of this.#changing.values()) {
      if (decoded.values[id] === undefined) continue;
      const last = this.#told.get(id) ?? host.devices.values(this.view.deviceId).get(id)?.value;
      before.set(id, last);
      this.#told.set(id, decoded.values[id]);
    }
    const isNews = ({ event }: Decoded['events'][number]): boolean => {
      const id = this.#changing.get(event);
      return id === undefined || !before.has(id) || before.get(id) !== decoded.values[id];
    };
    const undo = () => {
      for (const [id, last] of before) this.#told.set(id, last);
    };
    return { events: decoded.events.filter(isNews), undo };
  }
}
