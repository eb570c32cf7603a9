import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HubError } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import type { MetricsConfig } from './metrics-config.js';
import { unitMetrics } from './unit-metrics.js';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** `GET /metrics` and nothing else. Errors: `configuration` for an address that cannot be opened. */
export const openMetricsServer = async (agent: Agent, config: MetricsConfig): Promise<MetricsServer> => {
  const metrics = unitMetrics(agent);
  const expected = config.token === undefined ? undefined : digest(`Bearer ${config.token}`);
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      const end = (status: number, text: string) =>
        response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
      if (request.url !== '/metrics') return end(404, 'There is only /metrics\n');
      if (request.method !== 'GET') return end(405, 'GET only\n');
      if (expected && !timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
        return end(401, 'Token?\n');
      metrics.render().then(
        (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
        (error: unknown) => end(500, `${String(error)}\n`),
      );
      return undefined;
    },
  );
  server.maxConnections = 16;
  await listen(server, config);
  // Too many open files, say: figures go unread for a while, and the hall goes on.
  server.on('error', () => {});
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${config.host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const listen = (server: Server, { host, port }: MetricsConfig): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new HubError('configuration', `metrics cannot be served on ${host}:${port}: ${cause.message}`, {
          cause,
          hint: 'Choose another metrics.port in edge.yaml.',
        }),
      ),
    );
    server.listen({ host, port }, () => resolve());
  });
