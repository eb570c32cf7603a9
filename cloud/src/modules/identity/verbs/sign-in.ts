import { type Clock, HubError } from '@hallhub/shared';
import { isAPIError } from 'better-auth/api';
import { eq, sql } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import type { RateLimit } from '../../../http/rate-limit.js';
import { type Actor, systemActor } from '../../access/actor.js';
import { loadActor } from '../../access/load-actor.js';
import { users } from '../../access/tables.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { clientAddressHeader, type Identity } from '../better-auth.js';
import type { StrangerLocks } from '../stranger-locks.js';
import { normaliseUserName } from '../user-name.js';

export const maxFailures = 5;
export const lockMs = 10 * 60_000;

export interface SignInDeps {
  readonly identity: Identity;
  readonly clock: Clock;
  /** By address and by account name, known or not: guessing costs the same either way. */
  readonly limits: { readonly address: RateLimit; readonly account: RateLimit };
  readonly strangers: StrangerLocks;
}

export interface SignInResult {
  readonly actor: Actor;
  readonly setCookies: readonly string[];
}

type User = typeof users.$inferSelect;

/** One answer for a wrong name, a wrong password and a disabled account. */
const refused = () =>
  new HubError('unauthenticated', 'The user name or the password is wrong', { context: { reason: 'credentials' } });

const locked = (retryAfterMs: number) =>
  new HubError('rate_limited', 'Too many failed attempts: signing in is locked for a while', {
    context: { reason: 'locked', retryAfterMs },
    hint: 'Wait, or ask an administrator for a new one-time password.',
  });

/** Checks user name and password and opens a session. Errors: `unauthenticated`, `rate_limited` with `retryAfterMs`. */
export const signIn = async (
  deps: SignInDeps,
  input: { readonly userName: string; readonly password: string },
  request: RequestFacts,
): Promise<SignInResult> => {
  const { identity, clock, limits, strangers } = deps;
  const userName = normaliseUserName(input.userName);
  takeLimits(limits, request.ip, userName);
  const user = await withSystem(identity.db, async (tx) => {
    const [found] = await tx.select().from(users).where(eq(users.userName, userName));
    return found;
  });
  const lockedMs = user ? (user.lockedUntil?.getTime() ?? 0) - clock.now() : strangers.lockedMs(userName);
  if (lockedMs > 0) throw locked(lockedMs);
  try {
    const result = await openSession(deps, { user, userName, password: input.password }, request);
    limits.account.reset(userName);
    return result;
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error;
    if (user) await countFailure(deps, user, request);
    else strangers.countFailure(userName);
    throw refused();
  }
};

const takeLimits = (limits: SignInDeps['limits'], ip: string | null, userName: string): void => {
  limits.address.take(ip ?? 'unknown');
  limits.account.take(userName);
};

const openSession = (
  deps: SignInDeps,
  given: { readonly user: User | undefined; readonly userName: string; readonly password: string },
  request: RequestFacts,
): Promise<SignInResult> =>
  deps.identity.run(given.user?.tenantId ?? null, async (auth, tx) => {
    const headers = new Headers({ 'user-agent': request.userAgent ?? '', [clientAddressHeader]: request.ip ?? '' });
    const signedIn = await auth.signInUsername({
      body: { username: given.userName, password: given.password },
      headers,
      returnHeaders: true,
    });
    const { user } = given;
    // Only now, after the password was checked: a disabled account must not answer faster or otherwise.
    if (user?.state !== 'active') throw refused();
    await tx
      .update(users)
      .set({ failedSignIns: 0, lockedUntil: null, lastSignInAt: new Date(deps.clock.now()) })
      .where(eq(users.id, user.id));
    await audit(tx, { actor: asUser(user), request }, { action: 'session.opened', target: userTarget(user) });
    return {
      actor: await loadActor(tx, { ...user, userId: user.id }),
      setCookies: signedIn.headers.getSetCookie(),
    };
  });

const countFailure = ({ identity, clock }: SignInDeps, user: User, request: RequestFacts): Promise<void> =>
  withSystem(identity.db, async (tx) => {
    const [after] = await tx
      .update(users)
      .set({ failedSignIns: sql`${users.failedSignIns} + 1` })
      .where(eq(users.id, user.id))
      .returning({ failures: users.failedSignIns });
    const lock = (after?.failures ?? 0) >= maxFailures;
    if (lock) {
      await tx
        .update(users)
        .set({ failedSignIns: 0, lockedUntil: new Date(clock.now() + lockMs) })
        .where(eq(users.id, user.id));
    }
    const actor = systemActor(user.tenantId, user.userName);
    await audit(
      tx,
      { actor, request },
      {
        action: lock ? 'session.locked' : 'session.refused',
        target: userTarget(user),
        after: { failures: after?.failures ?? 0, ...(lock ? { lockedForMs: lockMs } : {}) },
      },
    );
  });

const asUser = (user: User) => ({
  ...systemActor(user.tenantId, user.userName),
  kind: 'user' as const,
  userId: user.id,
});
const userTarget = (user: User) => ({ kind: 'user', id: user.id, name: user.displayName });
