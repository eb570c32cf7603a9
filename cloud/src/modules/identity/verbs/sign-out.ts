import { and, eq } from 'drizzle-orm';
import { withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { userSessions } from '../tables.js';

/** Ends the session. Ending one that has just ended is fine. */
export const signOut = (ctx: VerbContext, input: { readonly sessionId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { userId, userName } = ctx.actor;
    if (userId === null) return;
    await tx.delete(userSessions).where(and(eq(userSessions.id, input.sessionId), eq(userSessions.userId, userId)));
    await audit(tx, ctx, { action: 'session.closed', target: { kind: 'user', id: userId, name: userName } });
  });

/** By which provider the session was opened, so that it can be ended there too; undefined for one that is gone. */
export const signOnOfSession = async (ctx: VerbContext, input: { readonly sessionId: string }) => {
  const { providerId, idTokenSealed } = userSessions;
  // Requests of people never read sessions; the system role does.
  const [row] = await withSystem(ctx.db, (tx) =>
    tx.select({ providerId, idTokenSealed }).from(userSessions).where(eq(userSessions.id, input.sessionId)),
  );
  return row;
};
