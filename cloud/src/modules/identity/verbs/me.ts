import { HubError } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { Actor } from '../../access/actor.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import { defaultZone } from '../../calendars/calendar-book.js';
import { tenants } from '../../places/tables.js';
import type { Me } from '../contract.js';
import { readPolicy, readSecondFactor } from '../sign-in-policy.js';
import { userAccounts, userSessions } from '../tables.js';
import { credentialOf } from './change-password.js';

/** Who the caller is and what they may do where. */
export const getMe = (ctx: VerbContext, input: { readonly sessionId?: string } = {}): Promise<Me> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const [row] = await tx
        .select({ user: users, tenantName: tenants.name })
        .from(users)
        .innerJoin(tenants, eq(tenants.id, users.tenantId))
        .where(eq(users.id, ctx.actor.userId ?? ''));
      if (!row) throw new HubError('unauthenticated', 'This account is gone');
      const { id, userName, displayName, email, locale } = row.user;
      const { tenantId } = ctx.actor;
      const policy = await readPolicy(tx, tenantId);
      const factor = await readSecondFactor(tx, { tenantId, userId: id }, policy);
      const [account] = await tx.select({ id: userAccounts.id }).from(userAccounts).where(credentialOf(id));
      const [session] = input.sessionId
        ? await tx
            .select({ method: userSessions.method, secondFactor: userSessions.secondFactor })
            .from(userSessions)
            .where(eq(userSessions.id, input.sessionId))
        : [];
      return {
        user: { id, userName, displayName, email, locale, mustChangePassword: ctx.actor.mustChangePassword },
        signIn: {
          method: session?.method ?? null,
          hasPassword: account !== undefined,
          passwordMinLength: policy.passwordMinLength,
          secondFactor: factor.enrolled,
          secondFactorPolicy: policy.secondFactor,
          secondFactorDue: factor.required && !factor.enrolled && !session?.secondFactor,
        },
        tenant: { id: ctx.actor.tenantId, name: row.tenantName, timeZone: defaultZone },
        rights: [...ctx.actor.rights],
        scopes: scopesOf(ctx.actor),
        serverTime: new Date(ctx.clock.now()).toISOString(),
      };
    },
    { readOnly: true },
  );

const scopesOf = (actor: Actor): Me['scopes'] =>
  [...actor.rights].map((right) => {
    const [regionIds, hallIds] = [actor.regionFilter(right), actor.scopeFilter(right)];
    return regionIds === 'all' || hallIds === 'all'
      ? { right, tenant: true, regionIds: [], hallIds: [] }
      : { right, regionIds: [...regionIds], hallIds: [...hallIds] };
  });

/** The caller's own name on screen and language. */
export const updateMe = async (
  ctx: VerbContext,
  input: {
    readonly displayName?: string | undefined;
    readonly locale?: 'zh' | 'en' | undefined;
    readonly sessionId?: string;
  },
): Promise<Me> => {
  await withTenant(ctx.db, ctx.actor, async (tx) => {
    const mine = eq(users.id, ctx.actor.userId ?? '');
    const [before] = await tx.select().from(users).where(mine).for('update');
    if (!before) throw new HubError('unauthenticated', 'This account is gone');
    const after = {
      ...before,
      displayName: input.displayName ?? before.displayName,
      locale: input.locale ?? before.locale,
    };
    await tx
      .update(users)
      .set({
        displayName: after.displayName,
        locale: after.locale,
        version: sql`${users.version} + 1`,
        updatedAt: new Date(ctx.clock.now()),
      })
      .where(mine);
    await audit(tx, ctx, {
      action: 'user.updated',
      target: { kind: 'user', id: before.id, name: after.displayName },
      ...differences(before, after, ['displayName', 'locale']),
    });
  });
  return getMe(ctx, input);
};
