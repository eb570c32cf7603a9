import { Socket } from 'node:net';
import { uuidv7 } from '@hallhub/shared';
import { liveMessage, readLiveMessage } from '@hallhub/shared/vision';
import mqtt, { type IClientOptions } from 'mqtt';
import type { Logger } from 'pino';
import type { LiveRelay } from './live-relay.js';

export interface BrokerRelayOptions {
  /** The account needs to read and write `hh/1/media/#`. */
  readonly url: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly log: Logger;
}

const root = 'hh/1/media';
/** What waits in the socket beyond this is a broker that cannot keep up: pictures are left out, never queued. */
const maxUnsentBytes = 8 * 1024 * 1024;

/** Over the cloud's broker, QoS 0: what is lost is a picture, and the next group begins anew. */
export const brokerRelay = ({ url, tls, log }: BrokerRelayOptions): LiveRelay => {
  const processId = uuidv7();
  const listeners = new Map<string, (record: NonNullable<ReturnType<typeof readLiveMessage>>) => void>();
  let wanted: (deviceId: string, processId: string) => void = () => {};
  const client = mqtt.connect(url, {
    ...tls,
    clean: true,
    clientId: `hallhub-media-${processId}`,
    keepalive: 15,
    reconnectPeriod: 1_000,
    connectTimeout: 10_000,
    queueQoSZero: false,
    resubscribe: true,
  } satisfies IClientOptions);
  client.on('error', (error) => log.debug({ err: error }, 'the connection for live pictures is in trouble'));
  client.on('connect', () => void client.subscribe(`${root}/+/want`));
  client.on('message', (topic, payload) => {
    const [, , , deviceId, channel] = topic.split('/');
    if (!deviceId) return;
    if (channel === 'want') {
      const from = payload.toString('utf8');
      if (from !== processId && from.length <= 64) wanted(deviceId, from);
      return;
    }
    const record = readLiveMessage(payload);
    if (record) listeners.get(deviceId)?.(record);
  });
  const say = (topic: string, payload: string | Buffer): void => {
    const unsent = client.stream instanceof Socket ? client.stream.writableLength : 0;
    if (client.connected && unsent <= maxUnsentBytes) client.publish(topic, payload, { qos: 0 });
  };
  const topicsOf = (deviceId: string) => [`${root}/${deviceId}/data`, `${root}/${deviceId}/data/${processId}`];
  return {
    want: (deviceId) => say(`${root}/${deviceId}/want`, processId),
    onWant: (listener) => {
      wanted = listener;
    },
    send: (deviceId, record, to) =>
      say(`${root}/${deviceId}/data${to === undefined ? '' : `/${to}`}`, Buffer.from(liveMessage(record))),
    receive: (deviceId, listener) => {
      listeners.set(deviceId, listener);
      client.subscribe(topicsOf(deviceId), { qos: 0 });
      return () => {
        listeners.delete(deviceId);
        client.unsubscribe(topicsOf(deviceId));
      };
    },
    close: async () => {
      await client.endAsync(!client.connected);
    },
  };
};
