import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';

export interface MediaBrokerOptions {
  /** The account needs to read and write `hh/1/media/#`. */
  readonly url: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly log: Logger;
}

export interface MediaConnection {
  readonly client: MqttClient;
  /** QoS 0; left out where the broker does not keep up, never queued. */
  say(topic: string, payload: string | Buffer): void;
  close(): Promise<void>;
}

/** One process's connection to the cloud's broker for bytes that are worth nothing later; `maxUnsentBytes` may wait in its socket. */
export const connectMediaBroker = (
  { url, tls, log }: MediaBrokerOptions,
  { clientId, topic, what, maxUnsentBytes }: { clientId: string; topic: string; what: string; maxUnsentBytes: number },
): MediaConnection => {
  const client = mqtt.connect(url, {
    ...{ ...tls, clientId, clean: true, keepalive: 15, reconnectPeriod: 1_000, connectTimeout: 10_000 },
    ...{ queueQoSZero: false, resubscribe: true },
  } satisfies IClientOptions);
  client.on('error', (error) => log.debug({ err: error }, `the connection for ${what} is in trouble`));
  client.on('connect', () => void client.subscribe(topic));
  return {
    client,
    say: (to, payload) => {
      const unsent = client.stream instanceof Socket ? client.stream.writableLength : 0;
      if (client.connected && unsent <= maxUnsentBytes) client.publish(to, payload, { qos: 0 });
    },
    close: async () => {
      await client.endAsync(!client.connected);
    },
  };
};
