import { Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { ConnectOptions, UplinkConnection, UplinkTransport } from './transport.js';

export interface MqttTransportOptions {
  readonly url: string;
  readonly unitId: string;
  readonly secret: string;
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

  connect(options: ConnectOptions): Promise<UplinkConnection> {
    const { unitId, secret, connectTimeoutMs = 10_000, keepaliveSeconds = 20 } = this.#options;
    const settings: IClientOptions = {
      clientId: unitId,
      username: unitId,
      password: secret,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      keepalive: keepaliveSeconds,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: options.will.topic, payload: Buffer.from(options.will.payload), qos: 1, retain: false },
    };
    let client: MqttClient;
    try {
      client = mqtt.connect(this.url, settings);
    } catch (error) {
      return Promise.reject(
        new HubError('configuration', `the cloud's address ${this.url} cannot be used`, {
          cause: error,
          hint: 'Correct cloud.mqtt in unit.json.',
        }),
      );
    }
    return new Promise((resolve, reject) => {
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
      client.on('close', () => giveUp(new HubError('link_lost', `${this.url}: ${reason}`)));
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
