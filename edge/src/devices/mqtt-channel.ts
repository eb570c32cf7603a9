import { HubError, type Timer, uuidv7 } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import {
  deviceEventSchema,
  deviceReplySchema,
  deviceStateSchema,
  deviceTelemetrySchema,
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
import type { CredentialCarrier } from './credential-rotation.js';
import { nativeAdapterId } from './join-desk.js';
import { MqttDialogue } from './mqtt-dialogue.js';

/** A connection that was lost may be back at once: offline is said only after this. */
const lossGraceMs = 2_000;
/** A device without keep-alive that says nothing for this long is taken for gone, until it speaks again. */
const defaultSilentAfterMs = 300_000;
/** A keep-alive beyond this tells as little as none. */
const longestKeepaliveMs = 1_800_000;
/** Of questions that the unit itself puts. */
const reservedMs = 10_000;

/** Devices that speak HallHub's own topics (docs/protocol.md 3.2), as an adapter among the others. */
export class MqttChannel implements Adapter, CredentialCarrier {
  readonly id = nativeAdapterId;
  readonly protocol = 'mqtt';
  readonly #host: AdapterHost;
  readonly #onIdentity: (deviceId: string, firmware: string) => void;
  readonly #lines = new Map<string, BrokerClient>();
  /** Devices that were cut off a moment ago. */
  readonly #graces = new Map<string, Timer>();
  readonly #silences = new Map<string, Timer>();
  readonly #dialogue = new MqttDialogue();
  readonly #silentAfterMs: number;
  #status: AdapterStatus;

  constructor(
    host: AdapterHost,
    onIdentity: (deviceId: string, firmware: string) => void,
    { silentAfterMs = defaultSilentAfterMs }: { silentAfterMs?: number } = {},
  ) {
    this.#silentAfterMs = silentAfterMs;
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
    for (const timers of [this.#graces, this.#silences]) {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    }
    this.#dialogue.stop();
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
    this.#watchSilence(deviceId, client);
  }

  disconnected(deviceId: string, client: BrokerClient, reason: string): void {
    if (this.#lines.get(deviceId) !== client) return;
    this.#lines.delete(deviceId);
    this.#silences.get(deviceId)?.cancel();
    this.#silences.delete(deviceId);
    this.#dialogue.lost(deviceId);
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
    const { deviceId, commandId: id, command, input, signal } = request;
    const remainingMs = Math.max(0, Math.round(request.remainingMs));
    return this.#dialogue.ask(this.#line(deviceId), { id, command, input, remainingMs }, signal);
  }

  /** docs/protocol.md 3.3: `property.read`. A device that does not know it says `unsupported`. */
  async read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    const output = await this.#askNow(deviceId, 'property.read', { properties: [...properties] }, signal);
    const parsed = deviceTelemetrySchema.safeParse(output);
    if (!parsed.success)
      throw new HubError('protocol_violation', 'the device answered without values', { cause: parsed.error });
    const { at, values } = parsed.data;
    return { deviceId, ...(at === undefined ? {} : { at }), values };
  }

  /** docs/protocol.md 3.3: `property.write`. What the device says it took is reported as its values. */
  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const output = await this.#askNow(deviceId, 'property.write', { values }, signal);
    const taken = deviceTelemetrySchema.safeParse(output);
    if (taken.success) await this.#host.reading({ deviceId, ...taken.data });
  }

  isConnected(deviceId: string): boolean {
    return this.#lines.has(deviceId);
  }

  async offerCredential(
    deviceId: string,
    offer: Parameters<CredentialCarrier['offerCredential']>[1],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#askNow(deviceId, 'credential.rotate', offer, signal);
  }

  #line(deviceId: string): BrokerClient {
    const line = this.#lines.get(deviceId);
    if (!line) throw new HubError('link_lost', 'the device is not connected');
    return line;
  }

  #askNow(deviceId: string, command: string, input: object, signal: AbortSignal) {
    const id = uuidv7(this.#host.clock.now());
    return this.#dialogue.ask(this.#line(deviceId), { id, command, input, remainingMs: reservedMs }, signal);
  }

  /** A device that promised no pings shows only by what it says that it is still there. */
  #watchSilence(deviceId: string, line: BrokerClient): void {
    this.#silences.get(deviceId)?.cancel();
    this.#silences.delete(deviceId);
    if (line.keepaliveMs > 0 && line.keepaliveMs <= longestKeepaliveMs) return;
    const timer = this.#host.clock.setTimeout(() => {
      this.#silences.delete(deviceId);
      if (this.#lines.get(deviceId) !== line) return;
      const detail = `no message for ${this.#silentAfterMs / 1_000} s, and it sends no pings`;
      this.#host.presence({ deviceId, check: 'connection', ok: false, reason: 'silent', detail, decisive: true });
    }, this.#silentAfterMs);
    this.#silences.set(deviceId, timer);
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
      // The parser's own message quotes the text around the error, and the reason goes to the cloud.
      const place = /at position \d+/.exec((error as Error).message)?.[0];
      this.#aside(deviceId, message, place ? `not JSON: ${place}` : 'not JSON');
      return;
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const reasons = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      this.#aside(deviceId, message, reasons.join('; '));
      return;
    }
    this.#host.presence({ deviceId, check: 'connection', ok: true, reason: 'traffic' });
    const line = this.#lines.get(deviceId);
    if (line) this.#watchSilence(deviceId, line);
    await use(parsed.data);
  }

  #state(deviceId: string, state: z.infer<typeof deviceStateSchema>): void {
    if (state.firmware !== undefined) this.#onIdentity(deviceId, state.firmware);
    if (!state.online)
      this.#host.presence({ deviceId, check: 'connection', ok: false, reason: 'goodbye', decisive: true });
  }

  #reply(deviceId: string, reply: z.infer<typeof deviceReplySchema>): void {
    if (!this.#dialogue.reply(deviceId, reply))
      this.#host.logger.debug({ deviceId, commandId: reply.id }, 'a reply that nobody waits for');
  }

  #aside(deviceId: string, message: BrokerMessageIn, reason: string): void {
    this.#host.aside({ deviceId, source: message.topic, reason, payload: message.payload });
  }
}
