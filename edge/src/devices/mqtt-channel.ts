import { HubError, type Timer } from '@hallhub/shared';
import {
  deviceEventSchema,
  deviceReplySchema,
  deviceStateSchema,
  deviceTelemetrySchema,
  deviceTopics,
  parseDeviceTopic,
} from '@hallhub/shared/wire';
import type { z } from 'zod';
import type { BrokerClient, BrokerMessageIn } from '../broker/index.js';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  CommandRequest,
  DeviceView,
  FoundDevice,
  Reading,
} from '../ports/index.js';

/** A connection that was lost may be back at once: offline is said only after this. */
const lossGraceMs = 2_000;

interface WaitingReply {
  readonly deviceId: string;
  readonly resolve: (output: Record<string, unknown> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Devices that speak HallHub's own topics (docs/protocol.md 3.2), as an adapter among the others. */
export class MqttChannel implements Adapter {
  readonly id = 'mqtt';
  readonly protocol = 'mqtt';
  readonly #host: AdapterHost;
  readonly #onIdentity: (deviceId: string, firmware: string) => void;
  readonly #lines = new Map<string, BrokerClient>();
  /** Devices that were cut off a moment ago. */
  readonly #graces = new Map<string, Timer>();
  readonly #replies = new Map<string, WaitingReply>();
  #status: AdapterStatus;

  constructor(host: AdapterHost, onIdentity: (deviceId: string, firmware: string) => void) {
    this.#host = host;
    this.#onIdentity = onIdentity;
    this.#status = { state: 'starting', since: host.clock.now() };
  }

  start(): Promise<void> {
    this.#status = { state: 'running', since: this.#host.clock.now() };
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#status = { state: 'stopped', since: this.#host.clock.now() };
    for (const grace of this.#graces.values()) grace.cancel();
    this.#graces.clear();
    for (const { reject } of this.#replies.values()) reject(new HubError('cancelled', 'the agent stops'));
    this.#replies.clear();
    return Promise.resolve();
  }

  status(): AdapterStatus {
    return this.#status;
  }

  /** Devices come by themselves: there is nothing to begin. */
  attach(_device: DeviceView): void {}

  detach(deviceId: string): void {
    this.#endGrace(deviceId);
    this.#lines.get(deviceId)?.close('not active');
    this.#lines.delete(deviceId);
  }

  async *discover(): AsyncIterable<FoundDevice> {}

  connected(deviceId: string, client: BrokerClient): void {
    this.#endGrace(deviceId);
    this.#lines.set(deviceId, client);
    this.#host.presence({ deviceId, check: 'connection', ok: true, reason: 'joined', detail: client.address });
  }

  disconnected(deviceId: string, client: BrokerClient, reason: string): void {
    if (this.#lines.get(deviceId) !== client) return;
    this.#lines.delete(deviceId);
    for (const [id, waiting] of this.#replies) {
      if (waiting.deviceId !== deviceId) continue;
      this.#replies.delete(id);
      waiting.reject(new HubError('link_lost', 'the device went away before it answered'));
    }
    const goodbye = reason === 'goodbye';
    const tell = () => {
      this.#graces.delete(deviceId);
      if (this.#status.state === 'stopped') return;
      const why = goodbye ? 'goodbye' : reason === 'keepalive' ? 'silent' : 'will';
      this.#host.presence({ deviceId, check: 'connection', ok: false, reason: why, detail: reason, decisive: true });
    };
    if (goodbye) tell();
    else this.#graces.set(deviceId, this.#host.clock.setTimeout(tell, lossGraceMs));
  }

  #endGrace(deviceId: string): void {
    this.#graces.get(deviceId)?.cancel();
    this.#graces.delete(deviceId);
  }

  /** Resolves after the commit of what the message brought. A message that breaks its contract is put aside, and that counts as taken in. */
  async message(deviceId: string, message: BrokerMessageIn): Promise<void> {
    const channel = parseDeviceTopic(message.topic)?.channel;
    switch (channel) {
      case 'telemetry':
        await this.#take(deviceId, message, deviceTelemetrySchema, ({ at, values }) =>
          this.#host.reading({ deviceId, at, values }),
        );
        return;
      case 'event':
        await this.#take(deviceId, message, deviceEventSchema, ({ id, at, event, data }) =>
          this.#host.event({ deviceId, id, event, data, deviceAt: at }),
        );
        return;
      case 'state':
        // The will is published when the connection is lost, which `disconnected` knows better.
        if (!message.isWill)
          await this.#take(deviceId, message, deviceStateSchema, (state) => this.#state(deviceId, state));
        return;
      case 'reply':
        await this.#take(deviceId, message, deviceReplySchema, (reply) => this.#reply(deviceId, reply));
        return;
      default:
        this.#aside(deviceId, message, 'unknown topic');
    }
  }

  async execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const { deviceId, commandId, command, input, remainingMs, signal } = request;
    return this.#ask(
      deviceId,
      commandId,
      { id: commandId, command, input, remainingMs: Math.max(0, Math.round(remainingMs)) },
      signal,
    );
  }

  read(): Promise<Reading> {
    return Promise.reject(
      new HubError('unsupported', 'this device reports by itself and cannot be asked', {
        hint: 'hub devices show has its last values.',
      }),
    );
  }

  /** docs/protocol.md knows no writing of properties: the command `property.write` carries it, its id being the request's. */
  write(): Promise<void> {
    return Promise.reject(new HubError('unsupported', 'this device has commands but no writable properties'));
  }

  async #ask(
    deviceId: string,
    id: string,
    message: object,
    signal: AbortSignal,
  ): Promise<Record<string, unknown> | undefined> {
    const line = this.#lines.get(deviceId);
    if (!line) throw new HubError('link_lost', 'the device is not connected');
    signal.throwIfAborted();
    const answer = new Promise<Record<string, unknown> | undefined>((resolve, reject) => {
      const onAbort = () => {
        this.#replies.delete(id);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort);
          then(value);
        };
      this.#replies.set(id, { deviceId, resolve: settle(resolve), reject: settle(reject) });
    });
    // QoS 0 on a live connection: a broker that repeats it would break "at most once".
    line.send(deviceTopics.command(deviceId), JSON.stringify(message), 0).catch((error) => {
      const waiting = this.#replies.get(id);
      this.#replies.delete(id);
      waiting?.reject(new HubError('link_lost', 'the device went away', { cause: error }));
    });
    return answer;
  }

  async #take<T>(
    deviceId: string,
    message: BrokerMessageIn,
    schema: z.ZodType<T>,
    use: (value: T) => void | Promise<void>,
  ): Promise<void> {
    let json: unknown;
    try {
      json = JSON.parse(message.payload.toString('utf8'));
    } catch (error) {
      this.#aside(deviceId, message, `not JSON: ${(error as Error).message}`);
      return;
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      this.#aside(deviceId, message, reasons.join('; '));
      return;
    }
    this.#host.presence({ deviceId, check: 'connection', ok: true, reason: 'traffic' });
    await use(parsed.data);
  }

  #state(deviceId: string, state: z.infer<typeof deviceStateSchema>): void {
    if (state.firmware !== undefined) this.#onIdentity(deviceId, state.firmware);
    if (!state.online)
      this.#host.presence({ deviceId, check: 'connection', ok: false, reason: 'goodbye', decisive: true });
  }

  #reply(deviceId: string, reply: z.infer<typeof deviceReplySchema>): void {
    const waiting = this.#replies.get(reply.id);
    if (waiting?.deviceId !== deviceId) {
      this.#host.logger.debug({ deviceId, commandId: reply.id }, 'a reply that nobody waits for');
      return;
    }
    this.#replies.delete(reply.id);
    if (reply.ok) waiting.resolve(reply.output);
    else waiting.reject(new HubError('device_refused', reply.error.message, { context: { code: reply.error.code } }));
  }

  #aside(deviceId: string, message: BrokerMessageIn, reason: string): void {
    this.#host.aside({ deviceId, source: message.topic, reason, payload: message.payload });
  }
}
