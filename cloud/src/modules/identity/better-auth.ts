import { AsyncLocalStorage } from 'node:async_hooks';
import { uuidv7 } from '@hallhub/shared';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { betterAuth } from 'better-auth/minimal';
import { username } from 'better-auth/plugins/username';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { users } from '../access/tables.js';
import { maxPasswordLength } from './password-rules.js';
import { userAccounts, userSessions, userVerifications } from './tables.js';
import { isUserName, normaliseUserName } from './user-name.js';

export const sessionHours = 12;
/** `updated_at` of a session, shown as last seen, is at most so old. */
export const sessionRefreshMs = 5 * 60_000;
export const sessionCookiePrefix = 'hallhub';
/** Our own derived address of the caller: better-auth must not read what clients can write. */
export const clientAddressHeader = 'x-hallhub-client';

interface Work {
  readonly tx: Tx;
  /** Tenant of the user who signs in: sessions carry it. */
  readonly tenantId: string | null;
}

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
      expiresIn: sessionHours * 3_600,
      updateAge: sessionRefreshMs / 1_000,
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
  run<T>(tenantId: string | null, call: (auth: Auth['api'], tx: Tx) => Promise<T>): Promise<T>;
  readonly db: Database;
}

export const createIdentity = (db: Database, options: IdentityOptions): Identity => {
  const work = new AsyncLocalStorage<Work>();
  const auth = makeAuth(options, work);
  return {
    db,
    run: (tenantId, call) => withSystem(db, (tx) => work.run({ tx, tenantId }, () => call(auth.api, tx))),
  };
};
