import { uuidv7 } from '@hallhub/shared';
import { liveMessage, readLiveMessage } from '@hallhub/shared/vision';
import type { LiveRelay } from './live-relay.js';
import { connectMediaBroker, type MediaBrokerOptions } from './media-broker.js';

const root = 'hh/1/media';
/** What waits in the socket beyond this is a broker that cannot keep up: pictures are left out, never queued. */
const maxUnsentBytes = 8 * 1024 * 1024;

/** Over the cloud's broker, QoS 0: what is lost is a picture, and the next group begins anew. */
export const brokerLiveRelay = (options: MediaBrokerOptions): LiveRelay => {
  const processId = uuidv7();
  const listeners = new Map<string, (record: NonNullable<ReturnType<typeof readLiveMessage>>) => void>();
  let wanted: (deviceId: string, processId: string) => void = () => {};
  const { client, say, close } = connectMediaBroker(options, {
    ...{ clientId: `hallhub-media-${processId}`, topic: `${root}/+/want`, what: 'live pictures', maxUnsentBytes },
  });
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
    close,
  };
};
