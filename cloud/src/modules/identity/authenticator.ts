import { type Clock, systemClock } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { together } from '../../db/index.js';
import type { Authenticator } from '../../http/env.js';
import { userActor } from '../access/actor.js';
import { loadReaches } from '../access/load-actor.js';
import { users } from '../access/tables.js';
import { type Identity, sessionCookiePrefix } from './better-auth.js';
import { isPasswordExpired, readPolicy, readSecondFactor } from './sign-in-policy.js';
import { userSessions } from './tables.js';

/** `last_seen_at` of a session is at most so old. */
export const lastSeenStepMs = 60_000;

/** Session cookie → actor: one transaction, with the grants and the sign-in rules as they stand now. */
export const sessionAuthenticator = (identity: Identity, clock: Clock = systemClock): Authenticator => ({
  async authenticate(headers, options = {}) {
    const cookie = headers.get('cookie');
    if (!cookie?.includes(`${sessionCookiePrefix}.session_token=`)) return null;
    return identity.run(null, async (auth, tx) => {
      const found = await auth.getSession({ headers: new Headers({ cookie }) });
      if (!found) return null;
      const [row] = await tx
        .select({ user: users, session: userSessions })
        .from(userSessions)
        .innerJoin(users, eq(users.id, userSessions.userId))
        .where(eq(userSessions.id, found.session.id));
      if (row?.user.state !== 'active') return null;
      const { user, session } = row;
      const of = { tenantId: user.tenantId, userId: user.id };
      const [policy, held] = await together([readPolicy(tx, user.tenantId), loadReaches(tx, of)]);
      const nowMs = clock.now();
      const idleMs = nowMs - session.lastSeenAt.getTime();
      const ageMs = nowMs - session.createdAt.getTime();
      if (idleMs > policy.idleMinutes * 60_000 || ageMs > policy.absoluteHours * 3_600_000) {
        await tx.delete(userSessions).where(eq(userSessions.id, session.id));
        return null;
      }
      if (idleMs > lastSeenStepMs && options.prolong !== false) {
        await tx
          .update(userSessions)
          .set({ lastSeenAt: new Date(nowMs) })
          .where(eq(userSessions.id, session.id));
      }
      const factor = await readSecondFactor(tx, of, policy);
      // Opened while the rules asked nobody: who has a factor signs in again with it.
      if (factor.required && factor.enrolled && !session.secondFactor) {
        await tx.delete(userSessions).where(eq(userSessions.id, session.id));
        return null;
      }
      const expired =
        session.method !== 'sign-on' && isPasswordExpired(policy, user.passwordChangedAt ?? user.createdAt, nowMs);
      const mustChangePassword = session.method !== 'sign-on' && (user.mustChangePassword || expired);
      return {
        session: { id: session.id, userId: user.id },
        actor: {
          ...userActor({ ...of, ...held, userName: user.userName, mustChangePassword }),
          // A session opened before the rules asked for it must catch up too; a provider's word was taken at sign-in.
          secondFactorDue: factor.required && !factor.enrolled && !session.secondFactor,
        },
        setCookies: [],
      };
    });
  },
});
