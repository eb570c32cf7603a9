import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import {
  type DeviceIdentity,
  deviceCommandSchema,
  deviceTopics,
  joinReplySchema,
  joinTopics,
  joinUserName,
} from '@hallhub/shared/wire';
import mqtt, { type MqttClient } from 'mqtt';
import { z } from 'zod';

const credentialSchema = z.object({ deviceId: z.string(), userName: z.string(), password: z.string() });
const rotationSchema = z.object({ credential: z.object({ userName: z.string(), password: z.string() }) });
const readSchema = z.object({ properties: z.array(z.string()).optional() });
const memorySchema = z.object({ claim: z.string(), credential: credentialSchema.optional() });
type Memory = z.infer<typeof memorySchema>;

export type CommandResult =
  | { ok: true; output?: Record<string, unknown> }
  | { ok: false; error: { code: string; message: string } };

/** What a device model does; the connection to the unit is `NativeDevice`'s. */
export interface Behaviour {
  readonly identity: DeviceIdentity;
  /** Called each time the device is connected with its own credential. */
  start(device: DeviceLine): Disposable;
  execute(command: string, input: Record<string, unknown>): CommandResult | Promise<CommandResult> | undefined;
}

/** Both resolve when the unit acknowledged (QoS 1), and reject when the connection went before that. */
export interface DeviceLine {
  telemetry(values: Record<string, unknown>): Promise<void>;
  event(event: string, data?: Record<string, unknown>): Promise<string>;
}

export interface QuietLine {
  telemetry(values: Record<string, unknown>): void;
  event(event: string, data?: Record<string, unknown>): void;
}

/** For behaviours that do not wait: what a lost connection swallows stays in mqtt.js's own queue, or is lost with it. */
export const quietly = (line: DeviceLine): QuietLine => ({
  telemetry: (values) => void line.telemetry(values).catch(() => undefined),
  event: (event, data) => void line.event(event, data).catch(() => undefined),
});

export type NativeState = 'connecting' | 'joining' | 'pending' | 'online' | 'stopped';

export interface NativeDeviceOptions {
  readonly url: string;
  /** Where claim and credential survive a power cut; undefined: forgotten at the end. */
  readonly memoryFile?: string;
  readonly behaviour: Behaviour;
  readonly retryMs?: number;
  readonly onState?: (state: NativeState) => void;
}

/**
 * A device made for HallHub, as docs/protocol.md section 3 asks: joins by itself, keeps its credential, talks, obeys.
 * A refused credential (the unit was replaced) makes it forget and join anew.
 */
export class NativeDevice implements AsyncDisposable {
  readonly #options: NativeDeviceOptions;
  #memory: Memory;
  #client: MqttClient | undefined;
  #running: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** The unit repeats a command whose answer was lost; a device acts once and answers twice. */
  readonly #answered = new Map<string, CommandResult>();
  /** What was told last, for `property.read`. */
  readonly #told: Record<string, unknown> = {};
  state: NativeState = 'connecting';

  constructor(options: NativeDeviceOptions) {
    this.#options = options;
    this.#memory = this.#recall();
  }

  get deviceId(): string | undefined {
    return this.#memory.credential?.deviceId;
  }

  start(): void {
    this.#stopped = false;
    if (this.#memory.credential) this.#connect();
    else this.#join();
  }

  /** Power cut: the connection ends without a goodbye, so the will speaks. */
  kill(): void {
    this.#end(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    if (client?.connected && this.deviceId) {
      await new Promise<void>((resolve) => {
        client.publish(deviceTopics.state(this.deviceId ?? ''), JSON.stringify({ online: false }), { qos: 1 }, () =>
          resolve(),
        );
        setTimeout(resolve, 500).unref();
      });
    }
    this.#end(false);
  }

  #end(abrupt: boolean): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    if (abrupt) this.#client?.stream.destroy();
    this.#client?.end(true);
    this.#set('stopped');
  }

  #join(): void {
    this.#set('connecting');
    const { identity } = this.#options.behaviour;
    const clientId = `${identity.model}-${identity.serial}`.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 64);
    const client = this.#open({ clientId, username: joinUserName });
    const ask = () => {
      const request = { v: 1, ...identity, claim: this.#memory.claim };
      client.publish(joinTopics.join(clientId), JSON.stringify(request), { qos: 1 });
    };
    client.on('connect', () => {
      this.#set('joining');
      client.subscribe(joinTopics.reply(clientId), { qos: 1 }, (error) => void (error ? undefined : ask()));
    });
    client.on('message', (_topic, payload) => {
      const reply = joinReplySchema.safeParse(parseJson(payload));
      if (!reply.success) return;
      if (reply.data.status === 'accepted') {
        this.#memory = { ...this.#memory, credential: { deviceId: reply.data.deviceId, ...reply.data.credential } };
        this.#remember();
        client.end(true);
        this.#connect();
        return;
      }
      if (reply.data.status === 'pending') this.#set('pending');
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => client.connected && ask(), Math.max(1000, reply.data.retryAfterMs));
    });
  }

  #connect(): void {
    const credential = this.#memory.credential;
    if (!credential || this.#stopped) return;
    this.#set('connecting');
    const id = credential.deviceId;
    const client = this.#open({
      clientId: id,
      username: credential.userName,
      password: credential.password,
      will: { topic: deviceTopics.state(id), payload: Buffer.from('{"online":false}'), qos: 1, retain: false },
    });
    client.on('connect', () => {
      client.subscribe(deviceTopics.command(id), { qos: 1 });
      const { firmware } = this.#options.behaviour.identity;
      client.publish(deviceTopics.state(id), JSON.stringify({ online: true, firmware }), { qos: 1 });
      this.#set('online');
      this.#running?.[Symbol.dispose]();
      this.#running = this.#options.behaviour.start(lineOf(client, id, this.#told));
    });
    client.on('close', () => {
      this.#running?.[Symbol.dispose]();
      this.#running = undefined;
      if (!this.#stopped) this.#set('connecting');
    });
    client.on('message', (_topic, payload) => void this.#obey(client, id, payload));
    client.on('error', (error) => {
      // Return codes 4 and 5: the unit does not know this credential any more.
      if ('code' in error && (error.code === 4 || error.code === 5)) {
        client.end(true);
        // The claim is made once and kept: it proves that who comes back is who came first.
        this.#memory = { claim: this.#memory.claim };
        this.#remember();
        this.#timer = setTimeout(() => this.#join(), this.#options.retryMs ?? 1000);
      }
    });
  }

  async #obey(client: MqttClient, id: string, payload: Buffer): Promise<void> {
    const message = deviceCommandSchema.safeParse(parseJson(payload));
    if (!message.success) return;
    const known = this.#answered.get(message.data.id);
    const result = known ??
      this.#reserved(message.data.command, message.data.input) ??
      (await this.#options.behaviour.execute(message.data.command, message.data.input)) ?? {
        ok: false as const,
        error: { code: 'unsupported', message: `no command ${message.data.command}` },
      };
    this.#answered.set(message.data.id, result);
    if (this.#answered.size > 200) this.#answered.delete(this.#answered.keys().next().value ?? '');
    client.publish(deviceTopics.reply(id), JSON.stringify({ id: message.data.id, ...result }), { qos: 1 }, () => {
      // With the new credential from now on (docs/protocol.md 3.3).
      if (message.data.command === 'credential.rotate' && result.ok && !this.#stopped) this.#connect();
    });
  }

  #reserved(command: string, input: Record<string, unknown>): CommandResult | undefined {
    if (command === 'property.read') {
      const { properties = Object.keys(this.#told) } = readSchema.safeParse(input).data ?? {};
      const known = properties.filter((id) => Object.hasOwn(this.#told, id));
      return { ok: true, output: { values: Object.fromEntries(known.map((id) => [id, this.#told[id]])) } };
    }
    const { deviceId } = this;
    const rotation = command === 'credential.rotate' ? rotationSchema.safeParse(input) : undefined;
    if (!rotation?.success || deviceId === undefined) return undefined;
    this.#memory = { ...this.#memory, credential: { deviceId, ...rotation.data.credential } };
    this.#remember();
    return { ok: true };
  }

  #open(options: mqtt.IClientOptions): MqttClient {
    this.#client?.end(true);
    const client = mqtt.connect(this.#options.url, {
      protocolVersion: 4,
      clean: true,
      keepalive: 15,
      reconnectPeriod: this.#options.retryMs ?? 1000,
      connectTimeout: 5000,
      ...options,
    });
    client.on('error', () => undefined);
    this.#client = client;
    return client;
  }

  #set(state: NativeState): void {
    if (this.state === state) return;
    this.state = state;
    this.#options.onState?.(state);
  }

  #recall(): Memory {
    const { memoryFile } = this.#options;
    if (memoryFile) {
      try {
        return memorySchema.parse(JSON.parse(readFileSync(memoryFile, 'utf8')));
      } catch {
        // First start, or a half-written file after a power cut: a new claim is what a real device would make.
        rmSync(memoryFile, { force: true });
      }
    }
    return { claim: newClaim() };
  }

  #remember(): void {
    const { memoryFile } = this.#options;
    if (!memoryFile) return;
    mkdirSync(dirname(memoryFile), { recursive: true });
    writeFileSync(`${memoryFile}.new`, JSON.stringify(this.#memory), { mode: 0o600 });
    renameSync(`${memoryFile}.new`, memoryFile);
  }
}

const lineOf = (client: MqttClient, id: string, told: Record<string, unknown>): DeviceLine => {
  const send = async (topic: string, message: unknown) => {
    await client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
  };
  return {
    telemetry: (values) => {
      Object.assign(told, values);
      return send(deviceTopics.telemetry(id), { at: Date.now(), values });
    },
    event: async (event, data = {}) => {
      const eventId = uuidv7();
      await send(deviceTopics.event(id), { id: eventId, at: Date.now(), event, data });
      return eventId;
    },
  };
};

const newClaim = (): string => randomBytes(24).toString('base64url');

const parseJson = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
};
