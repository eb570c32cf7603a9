import { HubError } from '@hallhub/shared';
import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm';
import { withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { PersonSignIn } from '../contract.js';
import { overPerson } from '../over-person.js';
import { invitations, signOnProviders, userAccounts } from '../tables.js';
import { credentialOf } from './change-password.js';
import { describeSecondFactor } from './second-factor.js';
import { describeSessions } from './sessions.js';

/** Accounts name their provider in text: `credential` is one too. */
const providerText = sql`${signOnProviders.id}::text`;

/** How a person signs in, for who may command their account. Errors: `not_found`, `forbidden`. */
export const getPersonSignIn = (
  ctx: VerbContext,
  input: { readonly userId: string; readonly currentId: string },
): Promise<PersonSignIn> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await overPerson(tx, ctx, input.userId);
    const nowMs = ctx.clock.now();
    const [account] = await tx.select({ id: userAccounts.id }).from(userAccounts).where(credentialOf(row.id));
    const signOns = await tx
      .select({ label: signOnProviders.label })
      .from(signOnProviders)
      .innerJoin(userAccounts, eq(userAccounts.providerId, providerText))
      .where(eq(userAccounts.userId, row.id));
    const [invitation] = await tx
      .select({ expiresAt: invitations.expiresAt })
      .from(invitations)
      .where(and(eq(invitations.userId, row.id), isNull(invitations.endedAt)));
    return {
      hasPassword: account !== undefined,
      passwordChangedAt: row.passwordChangedAt?.toISOString() ?? null,
      secondFactor: await describeSecondFactor(tx, { tenantId: row.tenantId, userId: row.id }, nowMs),
      sessions: await describeSessions(tx, { userId: row.id, currentId: input.currentId, nowMs }),
      signOns: signOns.map(({ label }) => label),
      invitation: invitation
        ? { expiresAt: invitation.expiresAt.toISOString(), expired: invitation.expiresAt.getTime() <= nowMs }
        : null,
    };
  });

/** Providers of the organisation, and whether the caller is linked. */
export const listMySignOns = (ctx: VerbContext): Promise<{ providerId: string; label: string; linked: boolean }[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx
        .select({
          providerId: signOnProviders.id,
          label: signOnProviders.label,
          enabled: signOnProviders.enabled,
          account: userAccounts.id,
        })
        .from(signOnProviders)
        .leftJoin(
          userAccounts,
          and(eq(userAccounts.providerId, providerText), eq(userAccounts.userId, ctx.actor.userId ?? '')),
        )
        .orderBy(asc(signOnProviders.createdAt));
      return rows
        .filter((row) => row.enabled || row.account !== null)
        .map(({ providerId, label, account }) => ({ providerId, label, linked: account !== null }));
    },
    { readOnly: true },
  );

/** Takes one's own link away. Errors: `not_found`, `conflict` where no other way in would be left. */
export const unlinkSignOn = (ctx: VerbContext, input: { readonly providerId: string }): Promise<void> =>
  withSystem(ctx.db, async (tx) => {
    const { userId, userName } = ctx.actor;
    const mine = eq(userAccounts.userId, userId ?? '');
    const others = await tx
      .select({ id: userAccounts.id })
      .from(userAccounts)
      .where(and(mine, ne(userAccounts.providerId, input.providerId)));
    if (others.length === 0) {
      throw new HubError('conflict', 'This is your only way to sign in', {
        context: { reason: 'last_way_in' },
        hint: 'Ask an administrator for a one-time password first.',
      });
    }
    const gone = await tx
      .delete(userAccounts)
      .where(and(mine, eq(userAccounts.providerId, input.providerId), ne(userAccounts.providerId, 'credential')))
      .returning({ id: userAccounts.id });
    if (gone.length === 0) throw new HubError('not_found', 'You are not linked with that provider');
    await audit(tx, ctx, {
      action: 'sign_on.unlinked',
      target: { kind: 'user', id: userId, name: userName },
      after: { providerId: input.providerId },
    });
  });
