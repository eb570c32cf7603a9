import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { HubError, uuidPattern } from '@hallhub/shared';
import { defaultBatchLimits, maxHeaderBytes, parseUnitTopic } from '@hallhub/shared/wire';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from 'aedes';
import type { Logger } from 'pino';
import type { CloudMessaging, UnitAuthenticator, UnitMessageHandler } from './cloud-messaging.js';
import { guardPacketSize } from './packet-size-guard.js';
import { mayPublish, maySubscribe } from './topic-rights.js';

export interface CloudBrokerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly authenticator: UnitAuthenticator;
  readonly log: Logger;
  /** PEM texts; without them the broker speaks plain TCP (behind a TLS terminator, or on one machine). */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly maxConnections?: number;
  /** A unit that does not read for this long is cut off, so that it cannot hold up the others. */
  readonly drainTimeoutMs?: number;
}

const connackServerUnavailable = 3;
const connackBadCredential = 4;
const connectTimeoutMs = 10_000;
const fallbackKeepaliveS = 50;
const maxSecretBytes = 512;
const sizeLimits = { firstPacketBytes: 8_192, packetBytes: defaultBatchLimits.maxBatchBytes + maxHeaderBytes + 1_024 };

type UnitClient = Client & { unitId?: string };

/**
 * The broker inside the cloud process (MQTT 3.1.1, QoS 1, clean sessions, nothing retained). A connection keeps no state here
 * beyond aedes's own; a unit has one connection, and a newer one ends the older.
 */
export const openCloudBroker = async (options: CloudBrokerOptions): Promise<CloudMessaging> => {
  const { authenticator, log } = options;
  let handler: UnitMessageHandler | undefined;

  const broker = await Aedes.createBroker({
    drainTimeout: options.drainTimeoutMs ?? 3_000,
    connectTimeout: connectTimeoutMs,
    maxTopicLevels: 8,
    preConnect: (_client, packet, done) => {
      const connect = packet as ConnectPacket & { clean: boolean; keepalive: number };
      // Sessions are clean whatever was asked for, and a silent half-open connection must end some day.
      connect.clean = true;
      if (connect.keepalive === 0) connect.keepalive = fallbackKeepaliveS;
      done(null, true);
    },
    authenticate: (client: UnitClient, userName, password, done) => {
      const refuse = (code: number, message: string) =>
        done(Object.assign(new Error(message), { returnCode: code }) as AuthenticateError, false);
      if (!userName || !uuidPattern.test(userName) || !password || password.length > maxSecretBytes) {
        refuse(connackBadCredential, 'user name and password must be a unit id and its secret');
        return;
      }
      authenticator.authenticateUnit(userName, password.toString('utf8')).then(
        (known) => {
          if (!known) {
            refuse(connackBadCredential, 'unknown unit, wrong secret, or archived');
            return;
          }
          // One connection a unit, whatever client id it chose: aedes ends the older of two with one id (3.1.1 §3.1.4),
          // and no unit can take over another's connection by using its id.
          client.id = userName;
          client.unitId = userName;
          done(null, true);
        },
        (error: unknown) => {
          log.warn({ err: error, unitId: userName }, 'a unit could not be checked');
          refuse(connackServerUnavailable, 'the server cannot check now');
        },
      );
    },
    authorizePublish: (client: UnitClient | null, packet, done) => {
      if (client && !mayPublish(client.unitId ?? '', packet.topic)) {
        done(new HubError('forbidden', `A unit may not publish to ${packet.topic.slice(0, 200)}`));
        return;
      }
      packet.retain = false;
      done(null);
    },
    authorizeSubscribe: (client: UnitClient, subscription, done) => {
      if (!maySubscribe(client.unitId ?? '', subscription.topic)) {
        done(null, null);
        return;
      }
      done(null, subscription);
    },
    published: (packet, client, done) => {
      if (client) {
        const topic = parseUnitTopic(packet.topic);
        if (topic && handler) {
          handler({ unitId: topic.unitId, channel: topic.rest, payload: packet.payload as Uint8Array });
        }
      }
      done(null);
    },
  });

  broker.on('clientError', (client, error) => log.debug({ unitId: client.id, err: error }, 'a unit connection ended'));
  broker.on('connectionError', (_client, error) => log.debug({ err: error }, 'a connection was refused'));

  const onSocket = (socket: Socket) => {
    socket.setNoDelay(true);
    guardPacketSize(socket, sizeLimits);
    broker.handle(socket);
  };
  const server: Server = options.tls ? createTlsServer(options.tls, onSocket) : createServer(onSocket);
  server.maxConnections = options.maxConnections ?? 20_000;
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    broker.close();
    throw error;
  });

  return {
    url: `${options.tls ? 'mqtts' : 'mqtt'}://${options.host}:${port}`,
    onMessage: (given) => {
      handler = given;
    },
    publish: (topic, payload) =>
      new Promise((resolve, reject) => {
        if (broker.closed) {
          reject(new HubError('unavailable', 'The broker is closed'));
          return;
        }
        broker.publish(
          { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
          (error) => (error ? reject(error) : resolve()),
        );
      }),
    disconnect: (unitId) => clientsOf(broker)[unitId]?.close(),
    connections: () => broker.connectedClients,
    check: async () => {
      if (broker.closed || !server.listening) throw new HubError('unavailable', 'The broker is closed');
    },
    close: async () => {
      handler = undefined;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
};

/** aedes keeps this table by client id; its types leave it out. */
const clientsOf = (broker: Aedes): Record<string, Client> =>
  (broker as unknown as { clients: Record<string, Client> }).clients;

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new HubError('configuration', `The MQTT port ${host}:${port} cannot be opened: ${cause.message}`, {
          cause,
          hint:
            cause.code === 'EADDRINUSE'
              ? 'Something else listens there: stop it, or choose another port with --mqtt-port.'
              : 'Choose another address with --host or another port with --mqtt-port.',
        }),
      ),
    );
    server.listen({ host, port, backlog: 4_096 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
