import { Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import { parseUnitTopic, unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import type { Logger } from 'pino';
import type { CloudMessaging, UnitMessageHandler } from './cloud-messaging.js';

export interface ExternalBrokerOptions {
  /** `mqtt://user:password@host:1883` or `mqtts://…`; the account needs to read `hh/1/u/#` and to write below it. */
  readonly url: string;
  /** PEM texts: whom to trust as that broker, and who we are to it. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly log: Logger;
  readonly connectTimeoutMs?: number;
}

const shareGroup = 'cloud';

/**
 * Any MQTT 3.1.1 or 5 broker with shared subscriptions, for several cloud processes. Who may connect as which unit is that
 * broker's configuration. Waits for the first connection, then reconnects by itself.
 */
export const connectExternalBroker = async (options: ExternalBrokerOptions): Promise<CloudMessaging> => {
  const { url, log } = options;
  const shown = withoutPassword(url);
  let handler: UnitMessageHandler | undefined;
  const client = mqtt.connect(url, {
    ...options.tls,
    clean: true,
    clientId: `hallhub-cloud-${crypto.randomUUID().slice(0, 13)}`,
    reconnectPeriod: 1_000,
    connectTimeout: 10_000,
    // Nothing is queued while the broker is away: units say again what was not answered.
    queueQoSZero: false,
  });
  // Else an answer waits for the broker's delayed acknowledgement of the PUBACK before it: 40 ms and more.
  client.on('connect', () => client.stream instanceof Socket && client.stream.setNoDelay(true));
  client.on('error', (error) => log.warn({ err: error, broker: shown }, 'the MQTT broker is in trouble'));
  client.on('offline', () => log.warn({ broker: shown }, 'the MQTT broker is away'));
  client.on('message', (topic, payload) => {
    const parsed = parseUnitTopic(topic);
    if (parsed && handler) handler({ unitId: parsed.unitId, channel: parsed.rest, payload });
  });
  const subscribe = () =>
    client
      .subscribeAsync(
        unitTopics.everyUnit.map((topic) => `$share/${shareGroup}/${topic}`),
        { qos: 1 },
      )
      .then((granted) => {
        const refused = granted.find(({ qos }) => qos > 2);
        if (refused) throw new Error(`the broker refused the subscription ${refused.topic}`);
      });
  try {
    await firstConnection(client, options.connectTimeoutMs ?? 15_000);
    await subscribe();
  } catch (cause) {
    await client.endAsync(true);
    throw new HubError('configuration', `The MQTT broker ${shown} cannot be used: ${(cause as Error).message}`, {
      cause,
      hint: 'Check HALLHUB_MQTT_URL, the account and its rights on hh/1/u/#, and that the broker offers shared subscriptions.',
    });
  }
  // mqtt.js renews the subscriptions of its earlier connections itself (resubscribe).
  return {
    url: null,
    secureUrl: null,
    onMessage: (given) => {
      handler = given;
    },
    publish: async (topic, payload) => {
      if (!client.connected) throw new HubError('unavailable', 'The MQTT broker is away');
      await client.publishAsync(topic, payload, { qos: 1, retain: false });
    },
    disconnect: () => {},
    connections: () => null,
    check: async () => {
      if (!client.connected) throw new HubError('unavailable', 'The MQTT broker is away');
    },
    close: async () => {
      handler = undefined;
      await client.endAsync();
    },
  };
};

const firstConnection = (client: mqtt.MqttClient, timeoutMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let last: Error | undefined;
    const remember = (error: Error) => {
      last = error;
    };
    const timer = setTimeout(() => {
      client.off('error', remember);
      reject(last ?? new Error(`no answer in ${timeoutMs} ms`));
    }, timeoutMs);
    client.on('error', remember);
    client.once('connect', () => {
      clearTimeout(timer);
      client.off('error', remember);
      resolve();
    });
  });

const withoutPassword = (url: string): string => {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.toString();
};
