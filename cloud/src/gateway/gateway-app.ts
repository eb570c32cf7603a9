import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Clock, HubError } from '@hallhub/shared';
import {
  enrolRequestSchema,
  gatewayPaths,
  maxSnapshotBytes,
  renewRequestSchema,
  unitSnapshotSchema,
} from '@hallhub/shared/wire';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import { addressKey, plainAddress } from '../listeners/index.js';
import type { GatewayHandlers, UnitCaller } from '../modules/enrolment/index.js';
import { boundedChunks, boundedRequest, parseBody, readBytes } from './gateway-body.js';
import { GatewayLimits, type RunningLimit } from './gateway-limits.js';
import type { AnyGatewayModule, GatewayUnit } from './gateway-module.js';
import { gatewayProblem } from './gateway-problem.js';
import type { UnitIdentifier } from './unit-identifier.js';

export interface GatewayAppOptions {
  readonly handlers: GatewayHandlers;
  readonly modules: readonly AnyGatewayModule[];
  readonly identifier: Pick<UnitIdentifier, 'identify'>;
  /** The connection's certificate was good: it is a unit's. */
  readonly onProved: (socket: TLSSocket) => void;
  readonly onAnswered?: ((route: string, status: number, durationMs: number) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Env {
  Bindings: { readonly incoming: IncomingMessage };
}

const zip = promisify(gzip);
const smallBody = { maxBytes: 32_768, withinMs: 20_000 };
/** 8 MiB at 64 kbit/s take longer; a snapshot is tens of kilobytes. */
const snapshotBody = { maxBytes: maxSnapshotBytes, withinMs: 120_000 };
const maxUnpackedSnapshotBytes = 4 * maxSnapshotBytes;

const socketOf = (c: Context<Env>): TLSSocket => c.env.incoming.socket as TLSSocket;

/** docs/protocol.md 5.2. Made for units alone: it shares nothing with the console's app but the vocabulary of errors. */
export const createGatewayApp = (options: GatewayAppOptions): Hono<Env> => {
  const { handlers, identifier, clock, log } = options;
  const limits = new GatewayLimits(clock);
  const app = new Hono<Env>();

  const addressOf = (c: Context<Env>): string => plainAddress(socketOf(c).remoteAddress);
  const asUnit = async (
    c: Context<Env>,
    run: (unit: GatewayUnit) => Response | Promise<Response>,
    apart?: RunningLimit,
  ): Promise<Response> => {
    const unit = await identifier.identify(socketOf(c));
    options.onProved(socketOf(c));
    return limits.ofUnit(unit.unitId, () => run(unit), apart);
  };

  app.use(async (c, next) => {
    const startMs = clock.monotonicMs();
    await next();
    c.res.headers.set('cache-control', 'no-store');
    c.res.headers.set('x-content-type-options', 'nosniff');
    options.onAnswered?.(routeName(c.req.path, options.modules), c.res.status, clock.monotonicMs() - startMs);
  });
  app.onError((thrown, c) => {
    const { response, error } = gatewayProblem(thrown);
    if (response.status >= 500) log.warn({ err: thrown, path: c.req.path }, 'a request of a unit failed');
    else log.debug({ code: error.code, path: c.req.path, address: addressOf(c) }, 'a request of a unit was refused');
    return response;
  });
  app.notFound(
    (c) => gatewayProblem(new HubError('not_found', `${c.req.method} ${c.req.path} is not served here`)).response,
  );

  app.post(gatewayPaths.enrol, async (c) => {
    limits.enrol(addressKey(socketOf(c).remoteAddress));
    const request = await parseBody(await readBytes(c.req.raw, smallBody), enrolRequestSchema, smallBody.maxBytes);
    return c.json(await handlers.enrol(request, { ip: addressOf(c) }));
  });
  app.get(gatewayPaths.trust, (c) => {
    limits.open(addressKey(socketOf(c).remoteAddress));
    return c.json(handlers.trust());
  });
  app.get(gatewayPaths.time, (c) => {
    limits.open(addressKey(socketOf(c).remoteAddress));
    return c.json({ serverTime: clock.now() });
  });
  app.post(gatewayPaths.renew, (c) =>
    asUnit(c, async (unit) => {
      limits.renew(unit.unitId);
      const request = await parseBody(await readBytes(c.req.raw, smallBody), renewRequestSchema, smallBody.maxBytes);
      return c.json(await handlers.renew(request, callerOf(unit)));
    }),
  );
  app.put(gatewayPaths.snapshot, (c) =>
    asUnit(c, async (unit) => {
      const body = await readBytes(c.req.raw, snapshotBody);
      const snapshot = await parseBody(body, unitSnapshotSchema, maxUnpackedSnapshotBytes);
      await handlers.putSnapshot(snapshot, callerOf(unit));
      return c.body(null, 204);
    }),
  );
  app.get(gatewayPaths.snapshot, (c) =>
    asUnit(c, async (unit) => {
      const snapshot = await handlers.getSnapshot(callerOf(unit));
      if (!snapshot) return c.body(null, 204);
      const zipped = await zip(JSON.stringify(snapshot));
      return c.body(new Uint8Array(zipped), 200, { 'content-type': 'application/gzip' });
    }),
  );
  for (const module of options.modules) {
    const apart = module.maxRunning === undefined ? undefined : { name: module.path, most: module.maxRunning };
    const { maxBodyBytes } = module;
    const serve = (c: Context<Env>) =>
      asUnit(
        c,
        (unit) =>
          module.readsChunks
            ? module.handle(c.req.raw, unit, boundedChunks(c.env.incoming, maxBodyBytes))
            : module.handle(boundedRequest(c.req.raw, maxBodyBytes), unit),
        apart,
      );
    app.all(module.path, serve);
    app.all(`${module.path}/*`, serve);
  }
  return app;
};

const callerOf = ({ unitId, address, certificateSha256 }: GatewayUnit): UnitCaller => ({
  ...{ unitId, ip: address, certificateSha256 },
});

/** For metrics: from a closed set. */
const routeName = (path: string, modules: readonly AnyGatewayModule[]): string => {
  const own = Object.values(gatewayPaths).find((known) => known === path);
  return own ?? modules.find((module) => path.startsWith(`${module.path}/`))?.path ?? 'other';
};
