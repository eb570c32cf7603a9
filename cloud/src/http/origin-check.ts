import { HubError } from '@hallhub/shared';
import type { MiddlewareHandler } from 'hono';
import { bearerKey } from '../modules/api-keys/key-text.js';
import type { HttpEnv } from './env.js';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses writes that another site's page sends with our cookie. Browsers put `Origin` on every write; a caller
 * with a cookie and without it is refused too. The origin must be this host, or one that the operator named.
 * A request with an API key never uses the cookie, and no foreign page can send that header: it needs no origin.
 */
export const originCheck = (allowedOrigins: readonly string[]): MiddlewareHandler<HttpEnv> => {
  const allowed = new Set(allowedOrigins);
  return async (c, next) => {
    if (!safe.has(c.req.method) && bearerKey(c.req.header('authorization') ?? null) === null) {
      const origin = c.req.header('origin');
      if (origin === undefined) {
        if (c.req.header('cookie') !== undefined) throw refused('(none)');
      } else if (!allowed.has(origin) && hostOf(origin) !== hostHeader(c.req.url, c.req.header('host'))) {
        throw refused(origin);
      }
    }
    await next();
  };
};

const hostOf = (origin: string): string | null => {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
};

const hostHeader = (url: string, host: string | undefined): string => host ?? new URL(url).host;

const refused = (origin: string): HubError =>
  new HubError('forbidden', `Writes with a session must come from this console’s own origin, not ${origin}`, {
    context: { reason: 'origin' },
    hint: 'Scripts send an Origin header that equals the address they call. Behind a proxy set HALLHUB_PUBLIC_URL.',
  });
