import { HubError } from '@hallhub/shared';
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { type Actor, forbidden, principalId } from '../modules/access/actor.js';
import { isRight, isRouteRight } from '../modules/access/rights.js';
import type { VerbContext } from '../modules/access/verb-context.js';
import { accessChanged } from '../modules/live/access-changed.js';
import type { ApiLimits } from './api-limits.js';
import type { HttpEnv } from './env.js';
import { etagOf, parseIfMatch } from './etag.js';
import { answerOnce, checkIdempotencyKey, fingerprintOf, type IdempotencyStore } from './idempotency.js';
import { invalidInput, problemResponse } from './problem.js';
import { parseJsonBody, readBody } from './read-body.js';
import { type AnyRoute, Reply } from './route.js';
import { signedInOf } from './signed-in.js';

export interface MountDeps {
  readonly verbContext: Omit<VerbContext, 'actor' | 'request'>;
  readonly idempotency: IdempotencyStore;
  /** Requests by one person or key; left out: no limit. */
  readonly limits?: ApiLimits;
  /** Called after each write that was answered with success, e.g. to seal the audit trail soon. */
  readonly afterWrite?: () => void;
  /** Tests parse every answer with its schema; production trusts the verbs. */
  readonly checkAnswers: boolean;
}

export const apiPrefix = '/api/v1';
const defaultMaxBodyBytes = 1024 * 1024;

/** The app does not start with a route that declares no right, or with two routes on one path. */
export const checkRoutes = (routes: readonly AnyRoute[]): void => {
  const seen = new Set<string>();
  for (const route of routes) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    if (!isRouteRight(route.right)) {
      throw new HubError('configuration', `The route ${name} declares no right (found: ${String(route.right)})`);
    }
    const shape = name.replace(/\{\w+\}/g, '{}');
    if (seen.has(shape)) throw new HubError('configuration', `The route ${name} is defined twice`);
    seen.add(shape);
  }
};

/** Mounts the routes below `/api/v1`: right, version, input, idempotency, then the handler. */
export const mountRoutes = (app: Hono<HttpEnv>, routes: readonly AnyRoute[], deps: MountDeps): void => {
  checkRoutes(routes);
  // Fixed segments win over parameters whatever the order of modules: `/users/me` before `/users/{userId}`.
  const ordered = [...routes].sort((a, b) => countParams(a.path) - countParams(b.path));
  for (const route of ordered) {
    const path = apiPrefix + route.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, async (c) => {
      c.set('routePattern', apiPrefix + route.path);
      const response = withCookies(c, await answer(c, route, deps));
      // Nobody reads the body of a HEAD, so nobody would ever end it.
      if (c.req.method === 'HEAD') await response.body?.cancel();
      return response;
    });
  }
};

const countParams = (path: string) => path.split('{').length;

/** A prolonged session's cookie goes out with whatever answers, streams included. */
const withCookies = (c: Context<HttpEnv>, response: Response): Response => {
  const cookies = c.get('signedIn')?.setCookies ?? [];
  if (response.headers.has('set-cookie')) return response;
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
};

const answer = async (c: Context<HttpEnv>, route: AnyRoute, deps: MountDeps): Promise<Response> => {
  const signedIn = route.right === 'public' ? null : await allowed(c, route, deps.limits);
  const version = versionOf(c, route);
  if (version instanceof Response) return version;
  const params = parse(route.params, c.req.param(), 'path');
  const query = parse(route.query, queryOf(c), 'query');
  const text =
    route.method === 'get' || route.streams ? '' : await readBody(c.req.raw, route.maxBodyBytes ?? defaultMaxBodyBytes);
  const body = parse(route.body, parseJsonBody(text, c.req.header('content-type') ?? null), 'body');
  const keyHeader = route.method === 'post' && signedIn ? c.req.header('idempotency-key') : undefined;
  const key = keyHeader === undefined ? null : checkIdempotencyKey(keyHeader);
  const request = {
    id: c.get('requestId'),
    ip: c.get('ip'),
    userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
    idempotencyKey: key,
  };
  const actor = signedIn?.actor;
  const ctx = actor && { ...deps.verbContext, actor, request };
  const run = async () => {
    const result = await route.handler({
      ctx,
      actor,
      session: signedIn?.session,
      params,
      query,
      body,
      version,
      request,
      c,
    });
    const response = toResponse(c, route, result, deps.checkAnswers);
    if (response.ok) afterWrite(route, actor, deps);
    return response;
  };
  const principal = actor ? principalId(actor) : null;
  if (key === null || !actor || principal === null) return run();
  const idempotent = {
    tenantId: actor.tenantId,
    userId: principal,
    key,
    fingerprint: fingerprintOf(c.req.method, c.req.path + new URL(c.req.url).search, text),
  };
  return answerOnce(deps.idempotency, idempotent, { keepBody: route.secretAnswer !== true }, run);
};

/** Writes with these rights may change what somebody may see: a role, a grant, a session, where a hall lies. */
const changesAccess = new Set<string>(['user.write', 'grant.write', 'role.write', 'signon.write', 'place.write']);

const afterWrite = (route: AnyRoute, actor: Actor | undefined, deps: MountDeps): void => {
  if (route.method === 'get') return;
  if (actor && changesAccess.has(route.right)) deps.verbContext.live.publish(accessChanged(actor.tenantId));
  if (actor && route.right === 'self') deps.verbContext.live.publish(accessChanged(actor.tenantId, actor.userId));
  deps.afterWrite?.();
};

const allowed = async (c: Context<HttpEnv>, route: AnyRoute, limits: ApiLimits | undefined) => {
  const signedIn = await signedInOf(c);
  if (!signedIn) {
    throw new HubError('unauthenticated', 'Sign in first', {
      hint: 'A person: POST /api/v1/session with userName and password. A program: Authorization: Bearer with its API key.',
    });
  }
  limits?.account.take(principalId(signedIn.actor) ?? '');
  if (signedIn.actor.mustChangePassword && route.beforePasswordChange !== true) {
    throw new HubError('forbidden', 'The one-time password must be changed first', {
      context: { reason: 'password_change_required' },
      hint: 'POST /api/v1/me/password with current and next.',
    });
  }
  if (route.right === 'self' && !signedIn.session) {
    throw new HubError('forbidden', 'This is for people who signed in, not for API keys', {
      context: { reason: 'person_required' },
    });
  }
  if (signedIn.actor.secondFactorDue && !route.beforeSecondFactor && !route.beforePasswordChange) {
    throw new HubError('forbidden', 'A second factor must be set up first', {
      context: { reason: 'second_factor_required' },
      hint: 'POST /api/v1/me/second-factor, then confirm it with a code.',
    });
  }
  if (isRight(route.right) && !signedIn.actor.canAnywhere(route.right)) throw forbidden(route.right);
  return signedIn;
};

const versionOf = (c: Context<HttpEnv>, route: AnyRoute): number | undefined | Response => {
  if (route.ifMatch !== true) return undefined;
  const header = c.req.header('if-match');
  if (header !== undefined) return parseIfMatch(header);
  const missing = new HubError('precondition_failed', 'If-Match is required here', {
    hint: 'Send the ETag of the version that you changed, so that nobody else’s change is lost.',
  });
  return problemResponse(missing, c.get('requestId'), { status: 428 });
};

const queryOf = (c: Context<HttpEnv>): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );

const parse = (schema: z.ZodType | undefined, value: unknown, part: string): unknown => {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value ?? (part === 'body' ? undefined : {}));
  if (!parsed.success) throw invalidInput(parsed.error, part);
  return parsed.data;
};

const toResponse = (c: Context<HttpEnv>, route: AnyRoute, result: unknown, check: boolean): Response => {
  if (result instanceof Response) return result;
  if (route.response === undefined) return c.body(null, 204);
  const reply = result instanceof Reply ? result : new Reply(result);
  if (check) {
    const parsed = (route.response as z.ZodType).safeParse(reply.body);
    if (!parsed.success) {
      throw new HubError(
        'bug',
        `${route.method} ${route.path} answers what its schema does not allow: ${parsed.error.message}`,
      );
    }
  }
  const status = reply.options.status ?? route.status ?? (route.method === 'post' ? 201 : 200);
  const version = (reply.body as { version?: unknown } | null)?.version;
  if (typeof version === 'number') c.header('etag', etagOf(version));
  for (const [name, value] of Object.entries(reply.options.headers ?? {})) c.header(name, value);
  return c.json(reply.body as object, status as 200);
};
