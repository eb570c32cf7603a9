import { fileURLToPath } from 'node:url';
import { makeApiLimits } from '../http/api-limits.js';
import { createApp } from '../http/create-app.js';
import { listen } from '../http/listen.js';
import { postgresIdempotency } from '../http/postgres-idempotency.js';
import type { AnyRoute } from '../http/route.js';
import { apiKeyAuthenticator } from '../modules/api-keys/authenticator.js';
import { sessionAuthenticator } from '../modules/identity/authenticator.js';
import { tileOrigin } from '../modules/maps/map-tiles.js';
import { version } from './open-core.js';
import { type OpenedParts, requestGraceMs } from './opened-parts.js';
import type { Parts } from './parts.js';

const consoleFolder = fileURLToPath(new URL('../../console/dist', import.meta.url));

export interface ServeHttpOptions {
  readonly routes: readonly AnyRoute[];
  /** Somebody changed something. */
  readonly afterWrite: () => void;
  /** Ends what streams, so that the server can close. */
  readonly stop: () => void;
  readonly opened: OpenedParts;
}

/** Console, API and public pages on one port; resolves with its address. */
export const serveHttp = async (
  { core, link, ticketing, media }: Parts,
  { routes, afterWrite, stop, opened }: ServeHttpOptions,
): Promise<string> => {
  const { config, db, clock, log, metrics, spans, verbContext } = core;
  const app = await createApp({
    ...{ verbContext, routes, afterWrite, metrics, spans, clock, log, consoleFolder, version },
    authenticator: apiKeyAuthenticator({ db, clock }, sessionAuthenticator(core.identity, clock)),
    limits: makeApiLimits(clock, config.apiRates),
    idempotency: postgresIdempotency(db, clock),
    checks: {
      database: async () => void (await db.appPool.query('SELECT 1')),
      broker: () => link.link.checkBroker(),
    },
    mounts: [ticketing.exchange.mount, ticketing.notices.mount, ticketing.intake.mount],
    checkAnswers: false,
    metricsToken: config.metricsToken,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    pictures: tileOrigin(config.mapTiles),
  });
  const server = await listen(app, { host: config.host, port: config.httpPort });
  opened.onClose(() => {
    stop();
    return server.close(requestGraceMs);
  });
  media.video.sockets.attach(server.server);
  return server.url;
};
