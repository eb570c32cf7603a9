import { HubError, isHubError } from '@hallhub/shared';
import { decodeMqttMessage, deviceOfTopic, filterForAll, type MqttMapped } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  BrokerMessage,
  BrokerPort,
  CommandRequest,
  DeviceView,
  FoundDevice,
  LoadedProfile,
  Reading,
  ScanOptions,
} from '../../ports/index.js';
import type { MappedMqttConfig } from './config.js';
import { ExternalBroker } from './external-broker.js';
import { type MappedCounters, MappedDevice } from './mapped-device.js';

/** How many strangers are remembered, so that each is put up once. */
const maxSeen = 1_000;

/** Devices of other makers on the unit's own broker, or on one that stands elsewhere. */
export class MappedMqttAdapter implements Adapter {
  readonly protocol = 'mqtt';
  readonly id: string;
  readonly #devices = new Map<string, MappedDevice>();
  readonly #counters: MappedCounters = { messages: 0, unmapped: 0, badValues: 0, published: 0 };
  readonly #seen = new Map<string, FoundDevice>();
  readonly #external: ExternalBroker | undefined;
  /** How to stop listening to each topic by which devices are noticed, by profile and topic. */
  readonly #topics = new Map<string, () => void>();
  #stop: (() => void)[] = [];
  #status: AdapterStatus;

  constructor(
    private readonly config: MappedMqttConfig,
    private readonly host: AdapterHost,
  ) {
    this.id = config.id;
    this.#status = { state: 'stopped', since: host.clock.now() };
    this.#external = config.external && this.#makeExternal(config.external);
  }

  async start(): Promise<void> {
    const broker = this.#broker;
    if (!broker)
      throw new HubError('configuration', `${this.id} needs the unit's own broker, and an external one is configured`, {
        hint: 'Say mqtt.external with that broker’s url, too.',
      });
    for (const { profile } of this.config.devices) {
      if (!mappedOf(this.host.profiles.get(profile)))
        throw new HubError('configuration', `${this.id}: there is no profile ${profile} that maps MQTT topics`);
    }
    if (this.config.discover) {
      this.#listen(broker);
      const stop = this.host.profiles.onChange?.(() => this.#listen(broker));
      if (stop) this.#stop.push(stop);
    }
    for (const device of this.#devices.values()) device.start();
    if (this.#external) {
      this.#set('waiting', 'it is dialling');
      this.#external.start();
    } else this.#set('running');
    for (const { profile, name } of this.config.devices) {
      const loaded = this.host.profiles.get(profile);
      if (loaded) await this.host.found(foundDevice(loaded, name, 'certain'));
    }
  }

  async stop(): Promise<void> {
    // First: what is subscribed at another broker stays in its session there, for the next start.
    await this.#external?.stop();
    for (const stop of [...this.#stop.splice(0), ...this.#topics.values()]) stop();
    this.#topics.clear();
    for (const device of this.#devices.values()) device.stop();
    this.#set('stopped');
  }

  /** Profiles come and go while the unit runs: what stays is left alone. */
  #listen(broker: BrokerPort): void {
    const wanted = new Map<string, { id: string; template: string }>();
    for (const profile of this.host.profiles.list()) {
      for (const { topic } of mappedOf(profile)?.messages ?? [])
        if (topic.includes('{device}')) wanted.set(`${profile.id} ${topic}`, { id: profile.id, template: topic });
    }
    for (const [key, stop] of this.#topics) {
      if (wanted.has(key)) continue;
      stop();
      this.#topics.delete(key);
    }
    for (const [key, { id, template }] of wanted) {
      if (this.#topics.has(key)) continue;
      const notice = (message: BrokerMessage) => {
        const profile = this.host.profiles.get(id);
        return profile && this.#notice(profile, template, message);
      };
      this.#topics.set(key, broker.onMessage(filterForAll(template), notice));
    }
  }

  status(): AdapterStatus {
    return this.#status;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, strangers: this.#seen.size };
  }

  attach(view: DeviceView): void {
    this.detach(view.deviceId);
    const binding = mappedOf(view.profile);
    const broker = this.#broker;
    if (!view.profile || !binding || !broker) {
      this.host.fault('device_not_bound', `${view.address} cannot be used: its profile maps no MQTT topics`, {
        deviceId: view.deviceId,
      });
      return;
    }
    const device = new MappedDevice({
      view: { ...view, profile: view.profile },
      binding,
      name: nameOf(view.address),
      host: this.host,
      broker,
      counters: this.#counters,
      silentAfterMs: this.config.silentAfterMs,
    });
    this.#devices.set(view.deviceId, device);
    if (this.#status.state === 'running' || this.#status.state === 'waiting') device.start();
  }

  detach(deviceId: string): void {
    this.#devices.get(deviceId)?.stop();
    this.#devices.delete(deviceId);
  }

  /** Devices come by themselves: those that were heard so far. */
  async *discover({ signal }: ScanOptions): AsyncIterable<FoundDevice> {
    for (const found of this.#seen.values()) {
      if (signal.aborted) return;
      yield found;
    }
  }

  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    return this.#device(request.deviceId).execute(request);
  }

  async read(deviceId: string, properties: readonly string[]): Promise<Reading> {
    this.#device(deviceId);
    throw new HubError('unsupported', `the device tells ${properties.join(', ')} by itself and cannot be asked`);
  }

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    await this.#device(deviceId).write(values, signal);
  }

  /** A message on a profile's topic from a device that is not known yet. */
  async #notice(profile: LoadedProfile, template: string, message: BrokerMessage): Promise<void> {
    const name = deviceOfTopic(template, message.topic);
    const binding = mappedOf(profile);
    if (!name || !binding) return;
    const address = addressOf(profile, name);
    if (this.#seen.has(address) || this.#seen.size >= maxSeen) return;
    if (!saysSomething(binding, profile, message)) return;
    const found = foundDevice(profile, name, 'likely');
    this.#seen.set(address, found);
    if (!this.host.devices.findByAddress(this.id, address)) await this.host.found(found);
  }

  #device(deviceId: string): MappedDevice {
    const device = this.#devices.get(deviceId);
    if (!device) throw new HubError('not_found', `${this.id} serves no such device`, { context: { deviceId } });
    return device;
  }

  get #broker(): BrokerPort | undefined {
    return this.#external ?? this.host.broker;
  }

  #makeExternal(config: NonNullable<MappedMqttConfig['external']>): ExternalBroker {
    const { clock, logger } = this.host;
    return new ExternalBroker({
      adapterId: this.id,
      config,
      clock,
      logger,
      onLink: (up, reason) => {
        if (this.#status.state === 'stopped') return;
        this.#set(up ? 'running' : 'waiting', reason);
        for (const device of this.#devices.values()) device.link(up, reason);
      },
      onRefused: (filter, reason) =>
        this.host.fault('broker_refused', `${config.url} refuses ${filter}: ${reason}`, { filter }),
      onAside: ({ topic, payload }, error) =>
        this.host.aside({ source: topic, reason: String((error as Error)?.message ?? error), payload }),
    });
  }

  #set(state: AdapterStatus['state'], reason?: string): void {
    this.#status = { state, since: this.host.clock.now(), ...(reason === undefined ? {} : { reason }) };
    this.host.statusChanged();
  }
}

const mappedOf = (profile: LoadedProfile | undefined): MqttMapped | undefined => {
  const binding = profile?.document.bindings.mqtt;
  return binding && !binding.native ? binding : undefined;
};

const addressOf = (profile: LoadedProfile, name: string): string => `${profile.id}#${name}`;

const nameOf = (address: string): string => address.slice(address.indexOf('#') + 1);

const foundDevice = (profile: LoadedProfile, name: string, certainty: FoundDevice['certainty']): FoundDevice => ({
  address: addressOf(profile, name),
  identity: { vendor: profile.document.vendor, model: profile.document.model, serial: name.slice(0, 100) },
  profileId: profile.id,
  certainty,
  detail: `its messages fit the topics of ${profile.id}`,
});

/** A topic alone proves little: the payload has to give a value or an event as well. */
const saysSomething = (binding: MqttMapped, profile: LoadedProfile, message: BrokerMessage): boolean => {
  try {
    const decoded = decodeMqttMessage(binding, profile.document.thing, message);
    return decoded !== undefined && (Object.keys(decoded.values).length > 0 || decoded.events.length > 0);
  } catch (error) {
    if (isHubError(error, 'protocol_violation')) return false;
    throw error;
  }
};
