import type { Clock } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { RequestFacts } from '../access/verb-context.js';
import { type Auth, clientAddressHeader } from './better-auth.js';
import { readPolicy } from './sign-in-policy.js';
import { type SessionMethod, userSessions } from './tables.js';

export interface NewSession {
  readonly user: { readonly id: string; readonly tenantId: string };
  readonly method: SessionMethod;
  readonly secondFactor: boolean;
  readonly providerId?: string | null;
  readonly idTokenSealed?: Buffer | null;
  /** A session that takes another's place keeps its age: changing the password does not make it live longer. */
  readonly since?: Date;
}

export interface OpenedSession {
  readonly sessionId: string;
  readonly setCookies: readonly string[];
}

/** Opens a session with a new id and token, in the caller's transaction. The caller has judged the person. */
export const openSession = async (
  { auth, tx, clock }: { readonly auth: Auth['api']; readonly tx: Tx; readonly clock: Clock },
  session: NewSession,
  request: RequestFacts,
): Promise<OpenedSession> => {
  const headers = new Headers({ 'user-agent': request.userAgent ?? '', [clientAddressHeader]: request.ip ?? '' });
  const made = await auth.openSession({ body: { userId: session.user.id }, headers, returnHeaders: true });
  const { sessionId } = made.response;
  const policy = await readPolicy(tx, session.user.tenantId);
  const createdAt = session.since ?? new Date(clock.now());
  await tx
    .update(userSessions)
    .set({
      method: session.method,
      secondFactor: session.secondFactor,
      providerId: session.providerId ?? null,
      idTokenSealed: session.idTokenSealed ?? null,
      createdAt,
      lastSeenAt: new Date(clock.now()),
      expiresAt: new Date(createdAt.getTime() + policy.absoluteHours * 3_600_000),
    })
    .where(eq(userSessions.id, sessionId));
  return { sessionId, setCookies: made.headers.getSetCookie() };
};

/** Ends a session and opens its successor: a new id wherever what the session may do changes. */
export const replaceSession = async (
  work: { readonly auth: Auth['api']; readonly tx: Tx; readonly clock: Clock },
  given: { readonly sessionId: string; readonly secondFactor?: boolean },
  request: RequestFacts,
): Promise<OpenedSession | null> => {
  const [old] = await work.tx.delete(userSessions).where(eq(userSessions.id, given.sessionId)).returning();
  if (!old) return null;
  const { method, providerId, idTokenSealed, createdAt, tenantId, userId } = old;
  return openSession(
    work,
    {
      user: { id: userId, tenantId },
      method,
      secondFactor: given.secondFactor ?? old.secondFactor,
      providerId,
      idTokenSealed,
      since: createdAt,
    },
    request,
  );
};
