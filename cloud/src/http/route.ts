import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Actor } from '../modules/access/actor.js';
import type { RouteRight } from '../modules/access/rights.js';
import type { RequestFacts, VerbContext } from '../modules/access/verb-context.js';
import type { HttpEnv, Session } from './env.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler is given. `ctx` is ready to hand to a verb; a public route has no actor and so no `ctx`. */
export interface RouteInput<R extends RouteRight, P, Q, B, V> {
  readonly ctx: R extends 'public' ? undefined : VerbContext;
  readonly actor: R extends 'public' ? undefined : Actor;
  readonly session: R extends 'public' ? undefined : R extends 'self' ? Session : Session | null;
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  /** The version that the client saw, from `If-Match`. */
  readonly version: V extends true ? number : undefined;
  readonly request: RequestFacts;
  /** For the few routes that stream or set cookies. */
  readonly c: Context<HttpEnv>;
}

export interface RouteDefinition<
  R extends RouteRight = RouteRight,
  P extends z.ZodObject | undefined = z.ZodObject | undefined,
  Q extends z.ZodObject | undefined = z.ZodObject | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  S extends z.ZodType | undefined = z.ZodType | undefined,
  V extends boolean | undefined = boolean | undefined,
> {
  readonly method: Method;
  /** Below `/api/v1`, in OpenAPI's form: `/halls/{hallId}`. */
  readonly path: `/${string}`;
  /** Who may call it at all. The verb still checks the place: `ctx.actor.require(right, {hallId})`. */
  readonly right: R;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Body of the answer; left out means 204 without a body. */
  readonly response?: S;
  /** Default: 200, 201 for POST with a response, 204 without one. */
  readonly status?: 200 | 201 | 202 | 204;
  /** True: `If-Match` is required, and the handler gets `version`. */
  readonly ifMatch?: V;
  /** Works while the one-time password is unchanged (only what is needed to change it). */
  readonly beforePasswordChange?: boolean;
  /** Works while a second factor is due (what is needed to set one up). */
  readonly beforeSecondFactor?: boolean;
  /** Content type of an answer that the handler streams itself (it returns a `Response`). */
  readonly streams?: string;
  /** The answer holds a secret shown once: it is never stored for `Idempotency-Key`; a replay says 409 instead. */
  readonly secretAnswer?: boolean;
  /** Largest body; default 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly handler: (input: RouteInput<R, P, Q, B, V>) => Promise<RouteResult<S>> | RouteResult<S>;
}

// biome-ignore lint/suspicious/noConfusingVoidType: handlers without an answer simply end
export type RouteResult<S> = S extends z.ZodType ? z.input<S> | Reply<z.input<S>> | Response : void | Response;

/** An answer with headers of its own. A `version` in the body becomes the `ETag` by itself. */
export class Reply<T> {
  constructor(
    readonly body: T,
    readonly options: { readonly status?: 200 | 201 | 202; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {}
}

/** Any route, whatever its types: what a module hands to the app. */
// biome-ignore lint/suspicious/noExplicitAny: a handler's parameter is contravariant; the definition was checked where it was written
export type AnyRoute = RouteDefinition<any, any, any, any, any, any> & { readonly right: RouteRight };

/** Defines one route; `right` cannot be left out. Handlers stay thin: parse is done, call a verb, return its DTO. */
export const defineRoute = <
  R extends RouteRight,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  S extends z.ZodType | undefined = undefined,
  V extends boolean | undefined = undefined,
>(
  route: RouteDefinition<R, P, Q, B, S, V>,
): AnyRoute => route as AnyRoute;
