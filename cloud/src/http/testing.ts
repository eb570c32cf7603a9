import { ManualClock, uuidv7 } from '@hallhub/shared';
import { hashPassword } from 'better-auth/crypto';
import { and, eq } from 'drizzle-orm';
import type { Hono } from 'hono';
import pino, { type Logger } from 'pino';
import { type Database, withSystem } from '../db/index.js';
import { type HasTeardown, startTestDatabase } from '../db/testing.js';
import { systemActor } from '../modules/access/actor.js';
import type { GrantScope } from '../modules/access/contract.js';
import { accessRoutes } from '../modules/access/routes.js';
import { roles, users } from '../modules/access/tables.js';
import type { VerbContext } from '../modules/access/verb-context.js';
import { createTenant } from '../modules/access/verbs/create-tenant.js';
import { makeUser } from '../modules/access/verbs/create-user.js';
import { apiKeyAuthenticator } from '../modules/api-keys/authenticator.js';
import { apiKeyRoutes } from '../modules/api-keys/routes.js';
import { auditRoutes } from '../modules/audit/routes.js';
import { auditEntries } from '../modules/audit/tables.js';
import { sessionAuthenticator } from '../modules/identity/authenticator.js';
import { createIdentity } from '../modules/identity/better-auth.js';
import { identityRoutes } from '../modules/identity/routes.js';
import { type FinishDeps, finishFirstStep } from '../modules/identity/verbs/finish-sign-in.js';
import { isAccessChange } from '../modules/live/access-changed.js';
import { inProcessLiveBus } from '../modules/live/in-process-live-bus.js';
import type { LiveBus, LiveEvent } from '../modules/live/live-port.js';
import { liveRoutes } from '../modules/live/routes.js';
import { placeRoutes } from '../modules/places/routes.js';
import { createPlace } from '../modules/places/verbs/create-place.js';
import { createApp } from './create-app.js';
import type { HttpEnv } from './env.js';
import type { HealthCheck } from './health.js';
import { MetricsRegistry } from './metrics.js';
import { postgresIdempotency } from './postgres-idempotency.js';
import type { AnyRoute } from './route.js';

export const testOrigin = 'http://hallhub.test';
export const testPassword = 'Correct-Horse-7';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Headers;
}

/** A signed-in caller. Writes carry the Origin that a browser sends. */
export interface Caller {
  readonly userId: string;
  readonly cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body: unknown, version?: number): Promise<Answer>;
  put(path: string, body: unknown, version?: number): Promise<Answer>;
  delete(path: string, version?: number): Promise<Answer>;
}

export interface SignInAsOptions {
  /** `other`: the second organisation, of which nobody of the first may see anything. */
  readonly tenant?: 'main' | 'other';
  readonly hallIds?: readonly string[];
  readonly regionIds?: readonly string[];
}

export interface TestApp {
  readonly app: Hono<HttpEnv>;
  readonly db: Database;
  /** Ours only: sessions of the identity library live by the real clock. Starts at the real time. */
  readonly clock: ManualClock;
  readonly bus: LiveBus;
  readonly metrics: MetricsRegistry;
  readonly routes: readonly AnyRoute[];
  readonly tenantId: string;
  readonly otherTenantId: string;
  readonly regionId: string;
  /** Two halls of the first organisation, in the one region. */
  readonly hallId: string;
  readonly otherHallId: string;
  /** Everything published so far in the first organisation. */
  readonly published: readonly LiveEvent[];
  /** A caller's context for verbs called without HTTP. */
  systemContext(tenant?: 'main' | 'other'): VerbContext;
  /** Makes a person with that role (over the tenant, or the halls and regions named) and signs in. */
  signInAs(roleKey: string, options?: SignInAsOptions): Promise<Caller>;
  caller(cookie: string, userId?: string): Caller;
  auditRows(action?: string): Promise<(typeof auditEntries.$inferSelect)[]>;
}

export interface TestAppOptions {
  /** A module's own routes beside identity, access, places, audit and live. */
  readonly routes?: (deps: Pick<TestApp, 'db' | 'clock' | 'bus' | 'metrics'>) => readonly AnyRoute[];
  readonly consoleFolder?: string;
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** What the app says; silent where left out. */
  readonly log?: Logger;
  /** Where browsers reach the app, for tests that listen on a real port. */
  readonly publicUrl?: string;
}

/** The whole app in-process over a real PostgreSQL of this test's own. Ends with the test. */
export const startTestApp = async (t: HasTeardown, options: TestAppOptions = {}): Promise<TestApp> => {
  const db = await startTestDatabase(t);
  const clock = new ManualClock(Date.now());
  const log = options.log ?? pino({ level: process.env.LOG ?? 'silent' });
  const metrics = new MetricsRegistry();
  const bus = inProcessLiveBus({ clock });
  const stopping = new AbortController();
  t.teardown(() => stopping.abort());
  const identity = createIdentity(db, { secret: 'test-secret-of-32-characters-or-more', publicUrl: null, log });
  const signInLimits = { address: { burst: 1_000, perMinute: 60 }, account: { burst: 10, perMinute: 10 } };
  const verbContext = { db, clock, live: bus };
  const routes = [
    ...identityRoutes({
      identity,
      clock,
      signInLimits,
      verbContext,
      https: false,
      publicUrl: options.publicUrl ?? null,
      allowPrivateSignOn: true,
    }),
    ...accessRoutes(),
    ...placeRoutes(),
    ...apiKeyRoutes(),
    ...auditRoutes(),
    ...liveRoutes({ bus, clock, metrics, stopping: stopping.signal }),
    ...(options.routes?.({ db, clock, bus, metrics }) ?? []),
  ];
  const app = await createApp({
    verbContext,
    idempotency: postgresIdempotency(db, clock),
    checkAnswers: true,
    clock,
    checks: options.checks ?? { database: async () => void (await db.appPool.query('SELECT 1')) },
    metrics,
    metricsToken: null,
    log,
    authenticator: apiKeyAuthenticator({ db, clock }, sessionAuthenticator(identity, clock)),
    routes,
    publicUrl: null,
    trustedProxies: 0,
    consoleFolder: options.consoleFolder ?? '/nonexistent',
    version: '0.0.0-test',
  });
  const [tenantId, otherTenantId] = await withSystem(db, async (tx) => [
    await createTenant(tx, { code: 'main', name: '甲机构' }),
    await createTenant(tx, { code: 'other', name: '乙机构' }),
  ]);
  const systemContext = (tenant: 'main' | 'other' = 'main'): VerbContext => ({
    ...verbContext,
    actor: systemActor(tenant === 'main' ? tenantId : otherTenantId),
    request: null,
  });
  const region = await createPlace(systemContext(), { kind: 'region', parentId: null, name: '城区', code: 'R1' });
  const hallOf = (code: string) =>
    createPlace(systemContext(), {
      kind: 'hall',
      parentId: region.id,
      name: `营业厅 ${code}`,
      code,
      timeZone: 'Asia/Shanghai',
      address: null,
      location: null,
    });
  const [hall, otherHall] = [await hallOf('H1'), await hallOf('H2')];
  const published: LiveEvent[] = [];
  t.teardown(bus.subscribe(tenantId, (event) => void (isAccessChange(event) || published.push(event))));
  const caller = makeCaller(app);
  let people = 0;

  return {
    app,
    db,
    clock,
    bus,
    metrics,
    routes,
    tenantId,
    otherTenantId,
    regionId: region.id,
    hallId: hall.id,
    otherHallId: otherHall.id,
    published,
    systemContext,
    caller,
    async signInAs(roleKey, given = {}) {
      const ctx = systemContext(given.tenant);
      const userName = `${roleKey}-${++people}`;
      const userId = await makePerson(ctx, { userName, roleKey }, given);
      const setCookies = await openFirstSession({ identity, clock }, { userId, tenantId: ctx.actor.tenantId });
      return caller(cookieHeader(setCookies), userId);
    },
    auditRows: (action) =>
      withSystem(db, (tx) =>
        tx
          .select()
          .from(auditEntries)
          .where(action === undefined ? undefined : eq(auditEntries.action, action))
          .orderBy(auditEntries.at, auditEntries.id),
      ),
  };
};

const cookieHeader = (setCookies: readonly string[]): string =>
  setCookies.map((cookie) => cookie.split(';')[0]).join('; ');

export const cookieOf = (answer: Answer): string => cookieHeader(answer.headers.getSetCookie());

/** What follows a right password: checking one takes 90 ms of CPU, and hundreds of tests need nothing but somebody. */
const openFirstSession = (deps: FinishDeps, { userId, tenantId }: { userId: string; tenantId: string }) =>
  deps.identity.run(tenantId, async (auth, tx) => {
    const [user] = await tx.select().from(users).where(eq(users.id, userId));
    if (!user) throw new Error(`There is no person ${userId}`);
    const request = { id: uuidv7(), ip: null, userAgent: null, idempotencyKey: null };
    const result = await finishFirstStep(deps, { auth, tx }, { user, method: 'password', request });
    if (result.kind !== 'open') throw new Error(`${user.userName} needs a second factor`);
    return result.setCookies;
  });

/** Hashing is slow on purpose: once a process is enough for the tests' one password. */
let hashOfTestPassword: Promise<string> | undefined;

const makePerson = async (
  ctx: VerbContext,
  { userName, roleKey }: { userName: string; roleKey: string },
  { hallIds, regionIds }: SignInAsOptions,
): Promise<string> => {
  hashOfTestPassword ??= hashPassword(testPassword);
  const password = await hashOfTestPassword;
  const scopes: GrantScope[] = [
    ...(hallIds ?? []).map((id) => ({ kind: 'hall' as const, id })),
    ...(regionIds ?? []).map((id) => ({ kind: 'region' as const, id })),
    ...(hallIds || regionIds ? [] : [{ kind: 'tenant' as const }]),
  ];
  const roleId = await withSystem(ctx.db, async (tx) => {
    const [role] = await tx
      .select({ id: roles.id })
      .from(roles)
      .where(and(eq(roles.tenantId, ctx.actor.tenantId), eq(roles.key, roleKey)));
    if (!role) throw new Error(`There is no role ${roleKey}`);
    return role.id;
  });
  const grants = scopes.map((scope) => ({ roleId, scope }));
  const { user } = await makeUser(ctx, { userName, displayName: userName, grants, password }, async (tx, userId) => {
    await tx.update(users).set({ mustChangePassword: false }).where(eq(users.id, userId));
  });
  return user.id;
};

const makeCaller =
  (app: Hono<HttpEnv>) =>
  (cookie: string, userId = ''): Caller => {
    const call = async (
      method: string,
      path: string,
      body: unknown,
      headers: Record<string, string>,
    ): Promise<Answer> => {
      const url = path.startsWith('/api/') || path.startsWith('//') ? path.replace(/^\/\//, '/') : `/api/v1${path}`;
      const response = await app.request(testOrigin + url, {
        method,
        headers: {
          ...(cookie === '' ? {} : { cookie }),
          ...(method === 'GET' ? {} : { origin: testOrigin }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    };
    const ifMatch = (version: number | undefined): Record<string, string> =>
      version === undefined ? {} : { 'if-match': `"${version}"` };
    return {
      userId,
      cookie,
      get: (path, headers = {}) => call('GET', path, undefined, headers),
      post: (path, body, headers = {}) => call('POST', path, body, headers),
      patch: (path, body, version) => call('PATCH', path, body, ifMatch(version)),
      put: (path, body, version) => call('PUT', path, body, ifMatch(version)),
      delete: (path, version) => call('DELETE', path, undefined, ifMatch(version)),
    };
  };
