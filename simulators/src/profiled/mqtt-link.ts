import { systemClock } from '@hallhub/shared';
import type { Profile } from '@hallhub/shared/profile';
import mqtt, { type MqttClient } from 'mqtt';
import { Faults, sendThrough } from '../faults/faults.js';
import { scheduleEvents } from './event-schedule.js';
import { MappedMqttDevice, type OutgoingMessage } from './mqtt-device.js';

export interface MqttLinkOptions {
  readonly url: string;
  readonly name: string;
  readonly userName?: string;
  readonly password?: string;
  readonly random?: () => number;
  readonly reportEveryMs?: number;
  readonly protocolVersion?: 4 | 5;
}

/** A mapped device on a broker, with an account of its own; tries again until the broker is there. */
export class MqttLink implements AsyncDisposable {
  readonly device: MappedMqttDevice;
  readonly faults: Faults;
  readonly #options: MqttLinkOptions;
  #client: MqttClient | undefined;
  #running: Disposable | undefined;

  constructor(profile: Profile, options: MqttLinkOptions) {
    const { random = Math.random } = options;
    this.#options = options;
    this.faults = new Faults(random);
    this.device = new MappedMqttDevice(profile, { name: options.name, random, send: (message) => this.#send(message) });
  }

  plug(): void {
    if (this.#client) return;
    const { url, userName, password, name } = this.#options;
    const will = this.device.presence(false);
    const client = mqtt.connect(url, {
      protocolVersion: this.#options.protocolVersion ?? 4,
      clientId: `sim-${name}`.slice(0, 64),
      ...(userName === undefined ? {} : { username: userName, password: password ?? '' }),
      clean: true,
      keepalive: 20,
      reconnectPeriod: 1500,
      connectTimeout: 5000,
      ...(will ? { will: { topic: will.topic, payload: will.payload, qos: 1 as const, retain: true } } : {}),
    });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('connect', () => this.#begin(client));
    client.on('close', () => this.#pause());
    client.on('message', (topic, payload) => {
      // A device that does not answer does not act either.
      if (this.faults.settings.dropShare !== 1) this.device.receive(topic, payload);
    });
  }

  /** The plug is pulled: no goodbye, so the broker sends the will. */
  unplug(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#pause();
    client?.stream.destroy();
    client?.end(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#pause();
    if (!client) return;
    const bye = this.device.presence(false);
    if (client.connected && bye) {
      const said = client.publishAsync(bye.topic, bye.payload, { qos: 1, retain: true }).catch(() => undefined);
      await Promise.race([said, systemClock.sleep(500)]);
    }
    client.end(true);
  }

  #begin(client: MqttClient): void {
    const { random = Math.random, reportEveryMs = 5000 } = this.#options;
    if (this.device.subscriptions.length > 0) client.subscribe([...this.device.subscriptions], { qos: 1 });
    const hello = this.device.presence(true);
    if (hello) this.#send(hello);
    this.device.report(true);
    this.#pause();
    const timer = setInterval(() => this.device.report(), reportEveryMs * (0.8 + 0.4 * random()));
    const events = scheduleEvents({
      profile: this.device.profile,
      events: this.device.events,
      random,
      raise: (event, fields) => void this.device.raise(event, fields),
    });
    this.#running = {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        events[Symbol.dispose]();
      },
    };
  }

  #pause(): void {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }

  #send({ topic, payload, retain }: OutgoingMessage): void {
    sendThrough(this.faults, payload, {
      clock: systemClock,
      write: (bytes) => {
        if (this.#client?.connected) this.#client.publish(topic, Buffer.from(bytes), { qos: 1, retain });
      },
    });
  }
}
