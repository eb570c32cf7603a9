import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@hallhub/shared';
import type { Hono } from 'hono';
import { isLoopback } from './client-address.js';
import type { HttpEnv } from './env.js';
import type { MetricsRegistry } from './metrics.js';

/** One thing that must work: resolves when it does, rejects when not. Its errors are logged, never shown. */
export type HealthCheck = (signal: AbortSignal) => Promise<void>;

export interface HealthDeps {
  readonly clock: Clock;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly metrics: MetricsRegistry;
  readonly version: string;
  /** Callers from elsewhere than this machine need `Authorization: Bearer <token>` for `/metrics`. */
  readonly metricsToken: string | null;
}

const checkTimeoutMs = 2_000;

const runCheck = async (clock: Clock, check: HealthCheck): Promise<{ ok: boolean; error?: unknown }> => {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(new Error('The check took too long')), checkTimeoutMs);
  const late = new Promise<never>((_resolve, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason), { once: true });
  });
  try {
    await Promise.race([check(abort.signal), late]);
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  } finally {
    timer.cancel();
  }
};

/** `/healthz`: 200 or 503 with `ok` or `degraded` for each part. `/metrics`: Prometheus text. Both outside `/api/v1`, both without a session. */
export const mountHealth = (app: Hono<HttpEnv>, deps: HealthDeps): void => {
  app.get('/healthz', async (c) => {
    c.set('routePattern', '/healthz');
    const results = await Promise.all(
      Object.entries(deps.checks).map(async ([name, check]) => {
        const result = await runCheck(deps.clock, check);
        if (!result.ok) c.get('log').warn({ check: name, err: result.error }, 'health check failed');
        return [name, result.ok ? 'ok' : 'degraded'] as const;
      }),
    );
    const healthy = results.every(([, state]) => state === 'ok');
    const body = { status: healthy ? 'ok' : 'degraded', version: deps.version, ...Object.fromEntries(results) };
    return c.json(body, healthy ? 200 : 503, { 'cache-control': 'no-store' });
  });

  app.get('/metrics', async (c) => {
    c.set('routePattern', '/metrics');
    const isProxied = c.req.header('x-forwarded-for') !== undefined || c.req.header('forwarded') !== undefined;
    if (!mayScrape({ ip: c.get('ip'), isProxied, authorization: c.req.header('authorization') }, deps.metricsToken))
      return c.text('Forbidden\n', 403);
    return c.text(await deps.metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
};

const digest = (text: string) => createHash('sha256').update(text).digest();

interface Scraper {
  readonly ip: string | null;
  /** A proxy on this machine brings the whole world in from the loopback address. */
  readonly isProxied: boolean;
  readonly authorization: string | undefined;
}

const mayScrape = ({ ip, isProxied, authorization }: Scraper, token: string | null): boolean => {
  if (token === null) return (ip === null || isLoopback(ip)) && !isProxied;
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
};
