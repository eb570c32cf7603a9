import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from './env.js';

/**
 * No inline script anywhere. `style-src` allows inline styles because the console's component library
 * writes them; images may be blobs (snapshots) and data (icons), media may be blobs (live pictures).
 */
const policyWith = (pictures: string | undefined): string =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    `img-src 'self' data: blob:${pictures ? ` ${pictures}` : ''}`,
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

const policyHeader = 'content-security-policy';

/** `pictures`: one more origin that pictures may come from. */
export const securityHeaders = (options: {
  readonly https: boolean;
  readonly pictures?: string | undefined;
}): MiddlewareHandler<HttpEnv> => {
  const headers: Record<string, string> = {
    [policyHeader]: policyWith(options.pictures),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(self), microphone=(), payment=(), usb=()',
    ...(options.https ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) {
      // What people sent has a stricter policy of its own than our pages.
      if (name !== policyHeader || !c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  };
};
