import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '@hallhub/shared';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from 'pino';
import {
  AdmissionGate,
  type AdmissionLimits,
  type OnRefused,
  openUnitListener,
  plainAddress,
  renewContext,
  SecureFront,
  secureAdmission,
  secureServerOptions,
  type UnitNetworks,
} from '../listeners/index.js';
import type { GatewayHandlers } from '../modules/enrolment/index.js';
import type { Pki } from '../modules/pki/pki-port.js';
import { createGatewayApp } from './gateway-app.js';
import type { AnyGatewayModule } from './gateway-module.js';
import { UnitIdentifier } from './unit-identifier.js';

export interface GatewayOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly pki: Pick<Pki, 'serverCredentials' | 'onChange' | 'judgeCertificate'>;
  readonly handlers: GatewayHandlers;
  readonly modules?: readonly AnyGatewayModule[] | undefined;
  readonly networks?: UnitNetworks | null | undefined;
  readonly admission?: AdmissionLimits | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRefused?: OnRefused | undefined;
  readonly onAdmitted?: ((listener: 'gateway', waitedMs: number) => void) | undefined;
  readonly onAnswered?: ((route: string, status: number, durationMs: number) => void) | undefined;
}

export interface Gateway {
  /** `https://127.0.0.1:18443` */
  readonly url: string;
  /** Lets running requests end for `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
}

const timeouts = {
  headersTimeout: 10_000,
  // Evidence over a thin line takes its time; bodies of our own routes have shorter limits.
  requestTimeout: 600_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
};
const silentSocketMs = 30_000;
const maxConnections = 2_000;

/** The HTTPS listener that units enrol at, and speak to beside MQTT. Errors: `configuration` where the port cannot be had. */
export const openGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { pki, clock, log, onRefused = () => {} } = options;
  const limits = options.admission ?? { ...secureAdmission(), proveWithinMs: 30_000 };
  const gate = new AdmissionGate({
    ...{ limits, clock },
    onRefused: (reason, { remoteAddress }) =>
      onRefused({ listener: 'gateway', reason, address: plainAddress(remoteAddress) }),
    onAdmitted: (waitedMs) => options.onAdmitted?.('gateway', waitedMs),
  });
  let running = 0;
  let closing: (() => void) | undefined;
  const app = createGatewayApp({
    ...{ handlers: options.handlers, modules: options.modules ?? [], clock, log, onAnswered: options.onAnswered },
    identifier: new UnitIdentifier({ pki, onRefused }),
    onProved: (socket) => {
      const below = front.take(socket);
      if (below) gate.proved(below);
    },
  });
  const server = createServer({
    ...secureServerOptions(pki, 10_000),
    ...timeouts,
    ...{ maxHeaderSize: 8_192, insecureHTTPParser: false },
  });
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 10_000;
  server.timeout = silentSocketMs;
  const serve = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server.on('request', (request, response) => {
    running++;
    response.once('close', () => {
      running--;
      if (running === 0) closing?.();
    });
    void serve(request, response);
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, stream) => {
    stream.destroy();
    // One that went away in the middle was not turned away.
    if (error.code === 'ECONNRESET') return;
    onRefused({
      listener: 'gateway',
      reason: 'tls',
      address: plainAddress(stream.remoteAddress),
      detail: error.message,
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const status = statusOfParserError[error.code ?? ''] ?? '400 Bad Request';
    if (stream.writable) stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    (stream as TLSSocket).destroySoon();
  });
  const front = new SecureFront(server);
  const stopRenewing = renewContext(server, pki, log);
  // It listens on no port itself; this starts Node's watch over slow requests, which `listen` would.
  server.emit('listening');
  try {
    const listener = await openUnitListener({
      ...{ host: options.host, port: options.port, flag: '--unit-port', gate, log, maxConnections },
      networks: options.networks ?? null,
      onForbidden: ({ remoteAddress }) =>
        onRefused({ listener: 'gateway', reason: 'network', address: plainAddress(remoteAddress) }),
      onSocket: (socket) => front.accept(socket),
    });
    return {
      url: `https://${options.host.includes(':') ? `[${options.host}]` : options.host}:${listener.port}`,
      close: async (graceMs) => {
        stopRenewing();
        listener.stop();
        if (running > 0) {
          await new Promise<void>((resolve) => {
            closing = resolve;
            setTimeout(resolve, graceMs).unref();
          });
        }
        await listener.close();
        // Ends the watch; it was never bound to a port, which is the error it gives.
        server.close(() => {});
      },
    };
  } catch (error) {
    stopRenewing();
    server.close(() => {});
    throw error;
  }
};

const statusOfParserError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
