import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { type Clock, HubError, systemClock } from '@hallhub/shared';
import type { Logger } from 'pino';
import {
  AdmissionGate,
  type AdmissionLimits,
  CertificateWatch,
  commonNameOf,
  type OnRefused,
  openUnitListener,
  plainAddress,
  plainAdmission,
  presentedCertificate,
  renewContext,
  SecureFront,
  secureAdmission,
  secureServerOptions,
  type UnitListener,
  type UnitListenerName,
  type UnitNetworks,
} from '../listeners/index.js';
import type { Pki } from '../modules/pki/pki-port.js';
import type { CloudMessaging, UnitAuthenticator } from './cloud-messaging.js';
import { judgeCertificate, judgeSecret, refusalOfVerdict } from './judge-connection.js';
import { UnitBroker } from './unit-broker.js';
import type { UnitRateLimits } from './unit-rates.js';

export interface CloudBrokerOptions {
  /** The listener for units with a secret; 0: any free port, null: closed. */
  readonly host: string;
  readonly port: number | null;
  readonly authenticator: UnitAuthenticator;
  readonly log: Logger;
  /** PEM texts; without them that listener speaks plain TCP (behind a TLS terminator, or on one machine). */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** The listener for units with a certificate. */
  readonly secure?: SecureListenerOptions | undefined;
  readonly clock?: Clock | undefined;
  readonly networks?: UnitNetworks | null | undefined;
  /** Of both listeners together. */
  readonly maxConnections?: number | undefined;
  readonly plainAdmission?: AdmissionLimits | undefined;
  readonly rates?: UnitRateLimits | undefined;
  /** A unit that does not read for this long is cut off, so that it cannot hold up the others. */
  readonly drainTimeoutMs?: number | undefined;
  readonly onRefused?: OnRefused | undefined;
  readonly onAdmitted?: ((listener: UnitListenerName, waitedMs: number) => void) | undefined;
  readonly onFlood?: ((unitId: string, turn: 'began' | 'ended') => void) | undefined;
}

export interface SecureListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly pki: Pick<Pki, 'serverCredentials' | 'onChange' | 'judgeCertificate' | 'onRevoked'>;
  readonly admission?: AdmissionLimits | undefined;
  /** How often every connection's certificate is looked at again. */
  readonly recheckMs?: number | undefined;
}

/** The broker inside the cloud process and its listeners. Errors: `configuration` for a port that cannot be had. */
export const openCloudBroker = async (options: CloudBrokerOptions): Promise<CloudMessaging> => {
  const { authenticator, secure, log, clock = systemClock, onRefused = () => {} } = options;
  const gates = new Map<UnitListenerName, AdmissionGate>();
  const broker = await UnitBroker.open({
    ...{ log, onRefused, onFlood: options.onFlood, rates: options.rates, drainTimeoutMs: options.drainTimeoutMs },
    judge: ({ certificate }, login) =>
      certificate && secure ? judgeCertificate(certificate, login, secure.pki) : judgeSecret(login, authenticator),
    onProved: ({ listener, socket }) => gates.get(listener)?.proved(socket),
  });

  const listen = (
    name: 'mqtt' | 'mqtts',
    at: { readonly host: string; readonly port: number; readonly limits: AdmissionLimits },
    server: TlsServer | null,
  ): Promise<UnitListener> => {
    const gate = new AdmissionGate({
      ...{ limits: at.limits, clock },
      onRefused: (reason, { remoteAddress }) =>
        onRefused({ listener: name, reason, address: plainAddress(remoteAddress) }),
      onAdmitted: (waitedMs) => options.onAdmitted?.(name, waitedMs),
    });
    gates.set(name, gate);
    const front = server && new SecureFront(server);
    server?.on('secureConnection', (stream) => {
      const socket = front?.take(stream);
      if (!socket) return stream.destroy();
      const certificate = name === 'mqtts' ? presentedCertificate(stream) : null;
      const fault = name === 'mqtts' ? (certificate?.fault ?? (certificate ? null : 'none')) : null;
      if (fault === 'none' || fault === 'foreign') {
        onRefused({
          ...{ listener: name, address: plainAddress(socket.remoteAddress) },
          reason: fault === 'none' ? 'no_certificate' : 'foreign_certificate',
          ...(certificate
            ? {
                certificate: {
                  sha256: certificate.sha256,
                  serial: certificate.serial,
                  commonName: commonNameOf(certificate.der),
                },
              }
            : undefined),
        });
        stream.destroy();
        return;
      }
      broker.accept(stream, { listener: name, socket, certificate });
    });
    server?.on('tlsClientError', (error: NodeJS.ErrnoException, stream) => {
      stream.destroy();
      // One that went away in the middle was not turned away.
      if (error.code === 'ECONNRESET') return;
      onRefused({ listener: name, reason: 'tls', address: plainAddress(stream.remoteAddress), detail: error.message });
    });
    return openUnitListener({
      ...{ host: at.host, port: at.port, flag: `--${name}-port`, gate, log },
      networks: options.networks ?? null,
      maxConnections: options.maxConnections ?? 19_000,
      onForbidden: ({ remoteAddress }) =>
        onRefused({ listener: name, reason: 'network', address: plainAddress(remoteAddress) }),
      onSocket: (socket) =>
        front ? front.accept(socket) : broker.accept(socket, { listener: name, socket, certificate: null }),
    });
  };

  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    broker.onMessage(undefined);
    for (const one of closers.splice(0).reverse()) await one();
    await broker.close();
  };
  const openPlain = async (): Promise<string | null> => {
    if (options.port === null) return null;
    const limits = options.plainAdmission ?? plainAdmission;
    const server = options.tls ? createTlsServer(options.tls) : null;
    const listener = await listen('mqtt', { host: options.host, port: options.port, limits }, server);
    closers.push(() => listener.close());
    return `${server ? 'mqtts' : 'mqtt'}://${bracket(options.host)}:${listener.port}`;
  };
  const openSecure = async (): Promise<string | null> => {
    if (!secure) return null;
    const limits = secure.admission ?? secureAdmission();
    const server = createTlsServer(secureServerOptions(secure.pki, limits.proveWithinMs + 5_000));
    closers.push(renewContext(server, secure.pki, log));
    const listener = await listen('mqtts', { host: secure.host, port: secure.port, limits }, server);
    closers.push(() => listener.close());
    const watch = new CertificateWatch({
      ...{ pki: secure.pki, clock, log, everyMs: secure.recheckMs ?? undefined },
      connections: (unitId) => certified(broker, onRefused, unitId),
    });
    closers.push(() => watch.close());
    return `mqtts://${bracket(secure.host)}:${listener.port}`;
  };
  try {
    const [url, secureUrl] = [await openPlain(), await openSecure()];
    return {
      ...{ url, secureUrl, close },
      onMessage: (handler) => broker.onMessage(handler),
      publish: (topic, payload) => broker.publish(topic, payload),
      disconnect: (unitId) => broker.connections(unitId)[0]?.end(),
      connections: () => broker.size,
      check: async () => {
        if (broker.closed) throw new HubError('unavailable', 'The broker is closed');
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

function* certified(broker: UnitBroker, onRefused: OnRefused, only: string | undefined) {
  for (const connection of broker.connections(only)) {
    const { certificate, unitId, listener, address } = connection;
    if (!certificate || !unitId) continue;
    yield {
      ...{ unitId, certificate: certificate.der },
      end: ({ reason }: { readonly reason: keyof typeof refusalOfVerdict }) => {
        onRefused({ listener, address, unitId, reason: refusalOfVerdict[reason] });
        connection.end();
      },
    };
  }
}

const bracket = (host: string): string => (host.includes(':') ? `[${host}]` : host);
