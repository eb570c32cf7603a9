import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { HttpEnv } from '../../http/env.js';
import { sessionCookiePrefix } from './better-auth.js';

/** `step`: between password and code. `flow`: while away at a sign-on provider. Both hold a token, never a name. */
export type PassingCookie = 'step' | 'flow';

const nameOf = (kind: string, https: boolean): string => `${https ? '__Secure-' : ''}${sessionCookiePrefix}.${kind}`;

// A provider sends people back from another site: strict cookies would stay at home then.
const sameSite = (kind: string) => (kind === 'step' ? 'Strict' : 'Lax');

export const setPassing = (
  c: Context<HttpEnv>,
  https: boolean,
  given: { kind: PassingCookie; token: string; seconds: number },
) =>
  setCookie(c, nameOf(given.kind, https), given.token, {
    path: '/api/v1',
    httpOnly: true,
    secure: https,
    sameSite: sameSite(given.kind),
    maxAge: given.seconds,
  });

export const readPassing = (c: Context<HttpEnv>, https: boolean, kind: PassingCookie): string | undefined =>
  getCookie(c, nameOf(kind, https));

export const dropPassing = (c: Context<HttpEnv>, https: boolean, kind: PassingCookie): void =>
  void deleteCookie(c, nameOf(kind, https), {
    path: '/api/v1',
    secure: https,
    httpOnly: true,
    sameSite: sameSite(kind),
  });

/** Each person of a shared browser has a trust of their own. */
const deviceName = (userId: string) => `device.${userId.slice(-12)}`;

export const setTrustedDevice = (
  c: Context<HttpEnv>,
  https: boolean,
  given: { userId: string; token: string; days: number },
) =>
  setCookie(c, nameOf(deviceName(given.userId), https), given.token, {
    path: '/api/v1/session',
    httpOnly: true,
    secure: https,
    sameSite: 'Lax',
    maxAge: given.days * 86_400,
  });

/** Finds the trust that this browser holds for a person. */
export const deviceTokenOf =
  (c: Context<HttpEnv>, https: boolean) =>
  (userId: string): string | undefined =>
    getCookie(c, nameOf(deviceName(userId), https));

const knownDays = 180;

/** People who signed in with this browser, newest first (`known-browsers.ts`). */
export const readKnown = (c: Context<HttpEnv>, https: boolean): string | undefined =>
  getCookie(c, nameOf('known', https));

export const setKnown = (c: Context<HttpEnv>, https: boolean, value: string): void =>
  setCookie(c, nameOf('known', https), value, {
    path: '/api/v1',
    httpOnly: true,
    secure: https,
    sameSite: 'Strict',
    maxAge: knownDays * 86_400,
  });

export const dropSession = (c: Context<HttpEnv>, https: boolean): void =>
  void deleteCookie(c, nameOf('session_token', https), {
    path: '/',
    secure: https,
    httpOnly: true,
    sameSite: 'Strict',
  });

export const appendCookies = (c: Context<HttpEnv>, cookies: readonly string[]): void => {
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
};
