import { HubError } from '@hallhub/shared';
import type { SpanSink } from '@hallhub/shared/tracing';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import type { Authenticator, HttpEnv } from './env.js';
import { type HealthDeps, mountHealth } from './health.js';
import { describeError } from './known-errors.js';
import { checkRoutes, type MountDeps, mountRoutes } from './mount-routes.js';
import { openApiDocument } from './openapi.js';
import { originCheck } from './origin-check.js';
import { httpStatusByCode, problemResponse } from './problem.js';
import { requestLog } from './request-log.js';
import type { AnyRoute } from './route.js';
import { securityHeaders } from './security-headers.js';
import { serveConsole } from './serve-console.js';

export interface AppDeps extends MountDeps, HealthDeps {
  readonly log: Logger;
  readonly spans?: SpanSink;
  readonly authenticator: Authenticator;
  readonly routes: readonly AnyRoute[];
  /** What stands beside the API and signs in in its own way: other platforms’ calls, pages for everybody. */
  readonly mounts?: readonly ((app: Hono<HttpEnv>) => void)[];
  /** Where users reach the console, if behind a proxy; its origin is allowed and https turns HSTS on. */
  readonly publicUrl: string | null;
  readonly trustedProxies: number;
  /** One more origin that the console gets pictures from. */
  readonly pictures?: string | undefined;
  /** Folder of the built console. */
  readonly consoleFolder: string;
}

/** The whole HTTP side. Throws `configuration` where a route declares no right. */
export const createApp = async (deps: AppDeps): Promise<Hono<HttpEnv>> => {
  checkRoutes(deps.routes);
  const app = new Hono<HttpEnv>();
  app.use(requestLog(deps));
  app.use(securityHeaders({ https: deps.publicUrl?.startsWith('https:') ?? false, pictures: deps.pictures }));
  app.use('/api/*', originCheck(deps.publicUrl === null ? [] : [new URL(deps.publicUrl).origin]));
  app.use('/api/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
  app.use('/api/*', async (c, next) => {
    deps.limits?.address.take(c.get('ip') ?? 'unknown');
    await next();
  });
  mountHealth(app, deps);
  // Half a second of work that most processes are never asked for: made when first asked.
  let document: string | undefined;
  app.get('/api/openapi.json', (c) => {
    c.set('routePattern', '/api/openapi.json');
    document ??= JSON.stringify(openApiDocument(deps.routes, deps.version));
    return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
  mountRoutes(app, deps.routes, deps);
  app.all('/api/*', (c) => {
    throw new HubError('not_found', `There is no ${c.req.method} ${c.req.path}`, { hint: 'See /api/openapi.json.' });
  });
  for (const mount of deps.mounts ?? []) mount(app);
  app.use(await serveConsole(deps.consoleFolder));
  app.notFound((c) =>
    problemResponse(new HubError('not_found', 'There is nothing at that address'), c.get('requestId')),
  );
  app.onError((error, c) => {
    const known = describeError(error);
    const status = httpStatusByCode[known.code];
    if (status >= 500) c.get('log').error({ err: error, code: known.code }, 'request failed');
    else c.get('log').debug({ code: known.code, detail: known.message }, 'request refused');
    return problemResponse(known, c.get('requestId'));
  });
  return app;
};
