import { isIP, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HubError } from '@hallhub/shared';
import mqtt, { type IClientOptions, MqttClient } from 'mqtt';
import { dialError } from '../identity/dial-tls.js';
import type { ConnectOptions, UplinkConnection, UplinkTransport } from './transport.js';

export interface MqttTransportOptions {
  readonly url: string;
  readonly unitId: string;
  /** Of units that have no certificate. */
  readonly secret?: string;
  /** Makes the wire, with the other end checked; without it MQTT.js dials `url` itself. */
  readonly dial?: (signal: AbortSignal) => Promise<TLSSocket>;
  /** Asked at each attempt: what is dialled instead of `url`, whose certificate is still asked for. */
  readonly detour?: () => { readonly host: string; readonly port: number } | undefined;
  readonly connectTimeoutMs?: number;
  readonly keepaliveSeconds?: number;
}

const refusals: Record<number, string> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it does not take this client id',
  3: 'it is not ready',
  4: 'it does not accept the unit’s credential',
  5: 'this unit is not allowed in',
};

/** docs/protocol.md 1: MQTT 3.1.1, clean session, will, no retry of its own: the uplink decides when to dial again. */
export class MqttTransport implements UplinkTransport {
  readonly url: string;
  readonly #options: MqttTransportOptions;

  constructor(options: MqttTransportOptions) {
    this.url = options.url;
    this.#options = options;
  }

  async connect(options: ConnectOptions): Promise<UplinkConnection> {
    const { unitId, secret, dial, detour, connectTimeoutMs = 10_000, keepaliveSeconds = 20 } = this.#options;
    const settings: IClientOptions = {
      clientId: unitId,
      username: unitId,
      ...(secret === undefined ? {} : { password: secret }),
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      keepalive: keepaliveSeconds,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: false },
    };
    const wire = await dial?.(options.signal);
    let client: MqttClient;
    try {
      client = wire ? new MqttClient(() => wire, settings) : mqtt.connect(...this.#dialled(settings, detour?.()));
    } catch (error) {
      wire?.destroy();
      throw new HubError('configuration', `the cloud's address ${this.url} cannot be used`, {
        cause: error,
        hint: 'Correct cloud.mqtt in unit.json.',
      });
    }
    const { hostname, port } = new URL(this.url);
    // With TLS 1.3 a certificate is refused only after the handshake.
    let alert: HubError | undefined;
    wire?.on('error', (error) => {
      const failure = dialError(error, { host: hostname, port: Number(port) }, true);
      if (failure.code === 'link_refused') alert = failure;
    });
    return await new Promise<UplinkConnection>((resolve, reject) => {
      let stage: 'dialling' | 'open' | 'over' = 'dialling';
      const giveUp = (error: HubError): void => {
        if (stage === 'over') return;
        const before = stage;
        stage = 'over';
        options.signal.removeEventListener('abort', onAbort);
        client.end(true);
        if (before === 'dialling') reject(error);
        else options.onClose(error.message);
      };
      const onAbort = () => giveUp(new HubError('cancelled', 'stopped'));
      if (options.signal.aborted) {
        onAbort();
        return;
      }
      options.signal.addEventListener('abort', onAbort, { once: true });
      let reason = 'connection closed';
      client.on('error', (error) => {
        const code = (error as { code?: unknown }).code;
        if (typeof code === 'number' && refusals[code]) {
          giveUp(
            new HubError('link_refused', `the cloud refused the connection: ${refusals[code]}`, { context: { code } }),
          );
          return;
        }
        reason = error.message || String(code ?? error);
      });
      client.on('close', () => giveUp(alert ?? new HubError('link_lost', `${this.url}: ${reason}`)));
      client.on('message', (topic, payload) => {
        if (stage !== 'over') options.onMessage(topic, payload);
      });
      client.on('connect', () => {
        sendAtOnce(client);
        client.subscribe(options.subscribe, { qos: 1 }, (error, granted) => {
          if (stage !== 'dialling') return;
          if (error || granted?.some(({ qos }) => qos === 128)) {
            giveUp(
              new HubError('link_refused', `the cloud refused the subscription to ${options.subscribe}`, {
                cause: error,
              }),
            );
            return;
          }
          stage = 'open';
          resolve({
            publish: (topic, payload) => {
              // Losing it is fine: whatever is not answered is sent again.
              if (stage === 'open') client.publish(topic, payload as Buffer, { qos: 1 }, () => {});
            },
            end: (goodbye) => {
              if (stage === 'over') return Promise.resolve();
              stage = 'over';
              options.signal.removeEventListener('abort', onAbort);
              return endClient(client, goodbye);
            },
          });
        });
      });
    });
  }

  #dialled(
    settings: IClientOptions,
    detour: { readonly host: string; readonly port: number } | undefined,
  ): [string, IClientOptions] {
    if (!detour) return [this.url, settings];
    const url = new URL(this.url);
    const { protocol, hostname } = url;
    const named = protocol === 'mqtts:' && !isIP(hostname) ? { servername: hostname } : {};
    return [`${protocol}//${detour.host}:${detour.port}${url.pathname}`, { ...settings, ...named }];
  }
}

/** Else a batch waits for the other end's delayed acknowledgement of the PUBACK before it: 40 to 200 ms each time. */
const sendAtOnce = ({ stream }: MqttClient): void => {
  if (stream instanceof Socket) stream.setNoDelay(true);
};

const endClient = (client: MqttClient, goodbye: { topic: string; payload: string } | undefined): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => client.end(true, {}, () => resolve()), 1_500);
    const close = () =>
      client.end(false, {}, () => {
        clearTimeout(force);
        resolve();
      });
    if (goodbye && client.connected) client.publish(goodbye.topic, goodbye.payload, { qos: 1 }, close);
    else close();
  });
