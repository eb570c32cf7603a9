import { AsyncLocalStorage } from 'node:async_hooks';
import { uuidv7 } from '@hallhub/shared';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import { username } from 'better-auth/plugins/username';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { users } from '../access/tables.js';
import { createIdentityKeys, type IdentityKeys } from './identity-keys.js';
import { maxPasswordLength } from './password-rules.js';
import { maxSessionHours } from './sign-in-policy.js';
import { userAccounts, userSessions, userVerifications } from './tables.js';
import { isUserName, normaliseUserName } from './user-name.js';

export const sessionCookiePrefix = 'hallhub';
/** Our own derived address of the caller: better-auth must not read what clients can write. */
export const clientAddressHeader = 'x-hallhub-client';

interface Work {
  readonly tx: Tx;
  /** Tenant of the user who signs in: sessions carry it. */
  tenantId: string | null;
}

/**
 * The library opens sessions by its own sign-in routes only. Ours has steps between password and session, so this opens
 * one for a person whom our verbs have already judged. No route leads to it.
 */
const sessionOpener = {
  id: 'session-opener',
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ userId: z.string() }), requireHeaders: true },
      async (ctx) => {
        const session = await ctx.context.internalAdapter.createSession(ctx.body.userId, false);
        const user = await ctx.context.internalAdapter.findUserById(ctx.body.userId);
        if (!user) throw ctx.error('NOT_FOUND');
        await setSessionCookie(ctx, { session, user });
        return { sessionId: session.id };
      },
    ),
  },
} as const;

const makeAuth = (options: IdentityOptions, work: AsyncLocalStorage<Work>) => {
  // Every query of the library runs in the transaction that its caller opened, so that ours can share it.
  const currentTx = new Proxy({} as Tx, {
    get: (_target, name) => {
      const tx = work.getStore()?.tx;
      if (!tx) throw new Error('better-auth was called outside of a transaction');
      const value = Reflect.get(tx, name);
      return typeof value === 'function' ? value.bind(tx) : value;
    },
  });
  return betterAuth({
    appName: 'HallHub',
    baseURL: options.publicUrl ?? 'http://127.0.0.1',
    secret: options.secret,
    database: drizzleAdapter(currentTx, {
      provider: 'pg',
      schema: { user: users, session: userSessions, account: userAccounts, verification: userVerifications },
    }),
    emailAndPassword: { enabled: true, disableSignUp: true, maxPasswordLength },
    user: { fields: { name: 'displayName', username: 'userName' } as Record<string, string> },
    session: {
      // The longest that any rules allow; how long a session really lives is judged by the authenticator.
      expiresIn: maxSessionHours * 3_600,
      disableSessionRefresh: true,
      additionalFields: { tenantId: { type: 'string', required: false, input: false } },
    },
    databaseHooks: {
      session: {
        create: { before: async (session) => ({ data: { ...session, tenantId: work.getStore()?.tenantId } }) },
      },
    },
    plugins: [
      username({
        minUsernameLength: 2,
        maxUsernameLength: 64,
        usernameNormalization: normaliseUserName,
        usernameValidator: (name) => isUserName(normaliseUserName(name)),
        displayUsername: false,
        schema: { user: { fields: { username: 'userName' } } },
      }),
      sessionOpener,
    ],
    advanced: {
      cookiePrefix: sessionCookiePrefix,
      useSecureCookies: options.publicUrl?.startsWith('https:') ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: '/' },
      database: { generateId: () => uuidv7(), validateSchema: false },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
    },
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      log: (level, message, ...rest) => options.log.warn({ level, rest: rest.map(String) }, `better-auth: ${message}`),
    },
  });
};

export interface IdentityOptions {
  /** At least 32 characters; signs the session cookies. The same for all cloud processes. */
  readonly secret: string;
  readonly publicUrl: string | null;
  readonly log: Logger;
}

export type Auth = ReturnType<typeof makeAuth>;

/** Identity: better-auth for passwords and sessions, inside our transactions. */
export interface Identity {
  /** Runs `call` in one system transaction that better-auth's own queries join. */
  run<T>(
    tenantId: string | null,
    call: (auth: Auth['api'], tx: Tx, setTenant: (tenantId: string) => void) => Promise<T>,
  ): Promise<T>;
  readonly db: Database;
  readonly keys: IdentityKeys;
  /** Cookies are for https only. */
  readonly https: boolean;
}

export const createIdentity = (db: Database, options: IdentityOptions): Identity => {
  const work = new AsyncLocalStorage<Work>();
  const auth = makeAuth(options, work);
  return {
    db,
    keys: createIdentityKeys(options.secret),
    https: options.publicUrl?.startsWith('https:') ?? false,
    run: (tenantId, call) =>
      withSystem(db, (tx) => {
        const own: Work = { tx, tenantId };
        const setTenant = (found: string) => {
          own.tenantId = found;
        };
        return work.run(own, () => call(auth.api, tx, setTenant));
      }),
  };
};
