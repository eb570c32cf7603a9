import { HubError } from '@hallhub/shared';
import { and, desc, eq, gt } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { MySession } from '../contract.js';
import { userSessions } from '../tables.js';

const columns = {
  id: userSessions.id,
  createdAt: userSessions.createdAt,
  updatedAt: userSessions.updatedAt,
  ip: userSessions.ipAddress,
  userAgent: userSessions.userAgent,
};

/** The caller's own open sessions, the one last used first. */
export const listMySessions = (ctx: VerbContext, input: { readonly currentId: string }): Promise<MySession[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx
        .select(columns)
        .from(userSessions)
        .where(
          and(eq(userSessions.userId, ctx.actor.userId ?? ''), gt(userSessions.expiresAt, new Date(ctx.clock.now()))),
        )
        .orderBy(desc(userSessions.updatedAt));
      return rows.map((row) => ({
        id: row.id,
        createdAt: row.createdAt.toISOString(),
        lastSeenAt: row.updatedAt.toISOString(),
        ip: row.ip || null,
        userAgent: row.userAgent || null,
        current: row.id === input.currentId,
      }));
    },
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
