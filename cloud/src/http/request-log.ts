import { uuidv7 } from '@hallhub/shared';
import { type SpanSink, spanOf, traceOfId } from '@hallhub/shared/tracing';
import type { MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import { clientAddress } from './client-address.js';
import type { Authenticator, HttpEnv } from './env.js';
import type { MetricsRegistry } from './metrics.js';

export interface RequestLogDeps {
  readonly spans?: SpanSink;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly authenticator: Authenticator;
  readonly trustedProxies: number;
}

/** First middleware: id, address, one line and two metrics a request. Queries, bodies and headers are never logged. */
export const requestLog = (deps: RequestLogDeps): MiddlewareHandler<HttpEnv> => {
  const requests = deps.metrics.counter({
    name: 'hallhub_http_requests_total',
    help: 'Requests by route and status',
    labels: ['method', 'route', 'status'],
  });
  const durations = deps.metrics.histogram({
    name: 'hallhub_http_request_duration_seconds',
    help: 'Time from request to answer; of streams, to their first byte',
    labels: ['method', 'route'],
  });
  return async (c, next) => {
    const startMs = performance.now();
    const requestId = uuidv7();
    c.set('requestId', requestId);
    c.set(
      'ip',
      clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'), deps.trustedProxies),
    );
    c.set('authenticator', deps.authenticator);
    const { traceId, parentSpanId } = traceOf(c.req.header('traceparent'), requestId);
    c.set('log', deps.log.child({ requestId, traceId }));
    await next();
    c.res.headers.set('x-request-id', requestId);
    const durationMs = performance.now() - startMs;
    const route = c.get('routePattern') ?? (c.req.path.startsWith('/api/') ? '(unknown)' : '(console)');
    const method = c.req.method;
    requests.inc({ method, route, status: String(c.res.status) });
    durations.observe({ method, route }, durationMs / 1000);
    if (route !== '(console)' && route !== '/healthz' && route !== '/metrics') {
      const endMs = Date.now();
      deps.spans?.add({
        ...{ name: `${method} ${route}`, traceId, parentSpanId, spanId: spanOf(traceId, requestId) },
        ...{ startMs: endMs - durationMs, endMs },
        attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': c.res.status },
        error: c.res.status >= 500 ? String(c.res.status) : undefined,
      });
    }
    if (route === '(console)' || route === '/healthz' || route === '/metrics') return;
    const actor = c.get('signedIn')?.actor;
    c.get('log').info(
      {
        method,
        path: c.req.path,
        route,
        status: c.res.status,
        durationMs: Math.round(durationMs),
        userId: actor?.userId,
        ip: c.get('ip'),
      },
      'request',
    );
  };
};

/** The caller's trace (W3C Trace Context) where it sends a good one, else one of our own, which follows from the request's id. */
const traceOf = (
  traceparent: string | undefined,
  requestId: string,
): { readonly traceId: string; readonly parentSpanId?: string } => {
  const [, traceId, parentSpanId] =
    /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent ?? '') ?? [];
  return traceId && parentSpanId ? { traceId, parentSpanId } : { traceId: traceOfId(requestId) };
};
