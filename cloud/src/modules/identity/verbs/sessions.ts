import { HubError } from '@hallhub/shared';
import { and, desc, eq, gt, ne } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { MySession } from '../contract.js';
import { overPerson } from '../over-person.js';
import { userSessions } from '../tables.js';

const columns = {
  id: userSessions.id,
  createdAt: userSessions.createdAt,
  lastSeenAt: userSessions.lastSeenAt,
  expiresAt: userSessions.expiresAt,
  ip: userSessions.ipAddress,
  userAgent: userSessions.userAgent,
  method: userSessions.method,
  secondFactor: userSessions.secondFactor,
};

/** A person's open sessions, the one last used first. */
export const describeSessions = async (
  tx: Tx,
  given: { readonly userId: string; readonly currentId: string | null; readonly nowMs: number },
): Promise<MySession[]> => {
  const rows = await tx
    .select(columns)
    .from(userSessions)
    .where(and(eq(userSessions.userId, given.userId), gt(userSessions.expiresAt, new Date(given.nowMs))))
    .orderBy(desc(userSessions.lastSeenAt));
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    ip: row.ip || null,
    userAgent: row.userAgent || null,
    current: row.id === given.currentId,
  }));
};

/** The caller's own open sessions. */
export const listMySessions = (ctx: VerbContext, input: { readonly currentId: string }): Promise<MySession[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    (tx) => describeSessions(tx, { ...input, userId: ctx.actor.userId ?? '', nowMs: ctx.clock.now() }),
    { readOnly: true },
  );

/** Ends one of the caller's own sessions. `not_found`: it is not theirs, or has ended. */
export const revokeMySession = (ctx: VerbContext, input: { readonly sessionId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { userId, userName } = ctx.actor;
    const gone = await tx
      .delete(userSessions)
      .where(and(eq(userSessions.id, input.sessionId), eq(userSessions.userId, userId ?? '')))
      .returning({ id: userSessions.id });
    if (gone.length === 0) throw new HubError('not_found', 'There is no such session of yours');
    await audit(tx, ctx, { action: 'session.revoked', target: { kind: 'user', id: userId, name: userName } });
  });

/** Ends all the caller's sessions but this one. */
export const revokeMyOtherSessions = (ctx: VerbContext, input: { readonly currentId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { userId, userName } = ctx.actor;
    const gone = await tx
      .delete(userSessions)
      .where(and(eq(userSessions.userId, userId ?? ''), ne(userSessions.id, input.currentId)))
      .returning({ id: userSessions.id });
    const target = { kind: 'user', id: userId, name: userName };
    await audit(tx, ctx, { action: 'session.revoked', target, after: { sessions: gone.length } });
  });

/** An administrator ends one session of a person, or (without `sessionId`) all. Errors: `not_found`, `forbidden`. */
export const revokeSessionsOf = (
  ctx: VerbContext,
  input: { readonly userId: string; readonly sessionId?: string },
): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await overPerson(tx, ctx, input.userId);
    const one = input.sessionId === undefined ? undefined : eq(userSessions.id, input.sessionId);
    const gone = await tx
      .delete(userSessions)
      .where(and(eq(userSessions.userId, row.id), one))
      .returning({ id: userSessions.id });
    if (one && gone.length === 0) throw new HubError('not_found', 'There is no such session');
    const target = { kind: 'user', id: row.id, name: row.displayName };
    await audit(tx, ctx, { action: 'session.revoked', target, after: { sessions: gone.length } });
  });
