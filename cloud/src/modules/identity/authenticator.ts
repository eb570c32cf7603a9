import { type Clock, systemClock } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { withSystem } from '../../db/index.js';
import type { Authenticator } from '../../http/env.js';
import { KeptByStamp } from '../../verb-kit/kept-by-stamp.js';
import { userActor } from '../access/actor.js';
import { type HeldRights, loadReaches } from '../access/load-actor.js';
import type { Identity } from './better-auth.js';
import { readSessionFacts, type SessionFacts } from './session-facts.js';
import { SessionTokens, signedSessionOf } from './session-tokens.js';
import { isPasswordExpired } from './sign-in-policy.js';
import { userSessions } from './tables.js';

/** `last_seen_at` of a session is at most so old. */
export const lastSeenStepMs = 60_000;
/** People whose rights are kept until anything about them changes. */
const mostPeople = 1_000;

/**
 * Session cookie → actor, with the grants and the sign-in rules as they stand now: one question a request, which also says by a stamp
 * whether what this process has read of grants still holds. So all that changes counts from the next request, of any process.
 */
export const sessionAuthenticator = (identity: Identity, clock: Clock = systemClock): Authenticator => {
  const { db } = identity;
  const tokens = new SessionTokens();
  const held = new KeptByStamp<HeldRights>(mostPeople);

  const factsOf = async (cookie: string, signed: string): Promise<SessionFacts | undefined> => {
    const known = tokens.tokenOf(signed);
    if (known !== undefined) return readSessionFacts(db, known);
    const found = await identity.run(null, (auth) => auth.getSession({ headers: new Headers({ cookie }) }));
    if (!found) return undefined;
    tokens.keep(signed, found.session.token);
    return readSessionFacts(db, found.session.token);
  };

  const end = async ({ id }: SessionFacts): Promise<null> => {
    await withSystem(db, (tx) => tx.delete(userSessions).where(eq(userSessions.id, id)));
    return null;
  };

  const prolong = (id: string, nowMs: number): Promise<unknown> =>
    withSystem(db, (tx) =>
      tx
        .update(userSessions)
        .set({ lastSeenAt: new Date(nowMs) })
        .where(eq(userSessions.id, id)),
    );

  return {
    async authenticate(headers, options = {}) {
      const cookie = headers.get('cookie');
      const signed = signedSessionOf(cookie);
      if (cookie === null || signed === undefined) return null;
      const session = await factsOf(cookie, signed);
      if (!session) tokens.forget(signed);
      if (!session?.user.isActive) return null;
      const { user, rules } = session;
      const nowMs = clock.now();
      const idleMs = nowMs - session.lastSeenAt.getTime();
      const ageMs = nowMs - session.createdAt.getTime();
      const isTooOld = idleMs > rules.idleMinutes * 60_000 || ageMs > rules.absoluteHours * 3_600_000;
      // Opened while the rules asked nobody: who has a factor signs in again with it.
      const lacksFactor = rules.asksForFactor && user.isEnrolled && !session.hasFactor;
      if (session.isOver || isTooOld || lacksFactor) return end(session);
      if (idleMs > lastSeenStepMs && options.prolong !== false) await prolong(session.id, nowMs);
      const of = { tenantId: user.tenantId, userId: user.id };
      const rights = await held.of(`${user.tenantId} ${user.id}`, session.accessStamp, () =>
        withSystem(db, (tx) => loadReaches(tx, of), { readOnly: true }),
      );
      const isOwnPassword = session.method !== 'sign-on';
      const mustChangePassword =
        isOwnPassword && (user.mustChangePassword || isPasswordExpired(rules, user.passwordAt, nowMs));
      return {
        session: { id: session.id, userId: user.id },
        actor: {
          ...userActor({ ...of, ...rights, userName: user.userName, mustChangePassword }),
          // A session opened before the rules asked for it must catch up too; a provider's word was taken at sign-in.
          secondFactorDue: rules.asksForFactor && !user.isEnrolled && !session.hasFactor,
        },
        setCookies: [],
      };
    },
  };
};
