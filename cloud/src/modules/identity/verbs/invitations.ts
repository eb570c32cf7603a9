import { HubError } from '@hallhub/shared';
import { hashPassword } from 'better-auth/crypto';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { User } from '../../access/contract.js';
import { users } from '../../access/tables.js';
import type { RequestFacts, VerbContext } from '../../access/verb-context.js';
import { type CreateUserInput, makeUser } from '../../access/verbs/create-user.js';
import { audit } from '../../audit/audit.js';
import { tenants } from '../../places/tables.js';
import { asUser, userTarget } from '../account-lock.js';
import type { Identity } from '../better-auth.js';
import type { InvitationView } from '../contract.js';
import { makeToken } from '../identity-keys.js';
import { overPerson } from '../over-person.js';
import type { SignInLimits } from '../sign-in-limits.js';
import { readPolicy } from '../sign-in-policy.js';
import { invitations, signOnProviders, userAccounts } from '../tables.js';
import { checkNewPassword, credentialOf, storePassword } from './change-password.js';
import { type FinishDeps, finishFirstStep, type SignInResult } from './finish-sign-in.js';

export interface Invited {
  /** Part of the link after `#`, shown this once: it never reaches a server's log. */
  readonly token: string;
  readonly expiresAt: string;
}

const open =
  (tx: Tx, ctx: VerbContext, identity: Identity) =>
  async (given: { userId: string; hours: number }): Promise<Invited> => {
    const token = makeToken();
    const now = new Date(ctx.clock.now());
    const expiresAt = new Date(now.getTime() + given.hours * 3_600_000);
    await tx
      .update(invitations)
      .set({ endedAt: now, outcome: 'replaced' })
      .where(and(eq(invitations.userId, given.userId), isNull(invitations.endedAt)));
    await tx.insert(invitations).values({
      tenantId: ctx.actor.tenantId,
      userId: given.userId,
      tokenHash: identity.keys.hash('invitation', token),
      invitedBy: ctx.actor.userId,
      createdAt: now,
      expiresAt,
    });
    return { token, expiresAt: expiresAt.toISOString() };
  };

/** A new person who sets their own password by a link that works once. Errors as `createUser`. */
export const invitePerson = async (
  identity: Identity,
  ctx: VerbContext,
  input: CreateUserInput & { readonly hours: number },
): Promise<{ user: User; invitation: Invited }> => {
  const made = await makeUser(ctx, { ...input, password: null }, async (tx, userId) => {
    const invited = await open(tx, ctx, identity)({ userId, hours: input.hours });
    const target = { kind: 'user', id: userId, name: input.displayName };
    await audit(tx, ctx, { action: 'invitation.created', target, after: { expiresAt: invited.expiresAt } });
    return invited;
  });
  return { user: made.user, invitation: made.also };
};

/** A fresh link for who has not come in yet; the old one is void. Errors: `conflict` for who has a password. */
export const renewInvitation = (
  identity: Identity,
  ctx: VerbContext,
  input: { readonly userId: string; readonly hours: number },
): Promise<Invited> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await overPerson(tx, ctx, input.userId);
    const [account] = await tx.select({ id: userAccounts.id }).from(userAccounts).where(credentialOf(row.id));
    if (account || row.state !== 'active') {
      throw new HubError('conflict', 'This person has a password, or is disabled', {
        hint: 'Make a one-time password instead, or enable the account first.',
      });
    }
    const invited = await open(tx, ctx, identity)(input);
    await audit(tx, ctx, {
      action: 'invitation.created',
      target: userTarget(row),
      after: { expiresAt: invited.expiresAt },
    });
    return invited;
  });

/** The link stops working; the account stays, without a way in. Errors: `not_found`. */
export const withdrawInvitation = (ctx: VerbContext, input: { readonly userId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await overPerson(tx, ctx, input.userId);
    const gone = await tx
      .update(invitations)
      .set({ endedAt: new Date(ctx.clock.now()), outcome: 'withdrawn' })
      .where(and(eq(invitations.userId, row.id), isNull(invitations.endedAt)))
      .returning({ id: invitations.id });
    if (gone.length === 0) throw new HubError('not_found', 'There is no open invitation');
    await audit(tx, ctx, { action: 'invitation.withdrawn', target: userTarget(row) });
  });

const over = () =>
  new HubError('gone', 'This invitation was used, withdrawn or is over', {
    context: { reason: 'invitation_over' },
    hint: 'Ask who invited you for a new link.',
  });

/** The invitation behind a link, locked. In a system transaction. */
const findInvitation = async (tx: Tx, identity: Identity, given: { token: string; nowMs: number }) => {
  const [row] = await tx
    .select()
    .from(invitations)
    .where(
      and(
        eq(invitations.tokenHash, identity.keys.hash('invitation', given.token)),
        isNull(invitations.endedAt),
        gt(invitations.expiresAt, new Date(given.nowMs)),
      ),
    )
    .for('update');
  const [user] = row ? await tx.select().from(users).where(eq(users.id, row.userId)) : [];
  if (!row || user?.state !== 'active') throw over();
  return { row, user };
};

/** The invitation of a link that is still good. Errors: `gone`. */
export const openInvitation = (identity: Identity, given: { readonly token: string; readonly nowMs: number }) =>
  withSystem(identity.db, (tx) => findInvitation(tx, identity, given));

/** What the invited person sees before they accept. Errors: `gone`, `rate_limited`. */
export const lookAtInvitation = async (
  deps: FinishDeps & { readonly limits: SignInLimits },
  input: { readonly token: string },
  request: RequestFacts,
): Promise<InvitationView> => {
  await deps.limits.takeAddress(request.ip);
  return withSystem(deps.identity.db, async (tx) => {
    const { row, user } = await findInvitation(tx, deps.identity, { ...input, nowMs: deps.clock.now() });
    const [tenant] = await tx.select({ name: tenants.name }).from(tenants).where(eq(tenants.id, row.tenantId));
    const policy = await readPolicy(tx, row.tenantId);
    return {
      userName: user.userName,
      displayName: user.displayName,
      tenantName: tenant?.name ?? '',
      expiresAt: row.expiresAt.toISOString(),
      passwordMinLength: policy.passwordMinLength,
      providers: await tx
        .select({ id: signOnProviders.id, label: signOnProviders.label })
        .from(signOnProviders)
        .where(and(eq(signOnProviders.tenantId, row.tenantId), eq(signOnProviders.enabled, true))),
    };
  });
};

/** The invited person's own password; signs them in. Errors: `gone`, `invalid_input` with the rules broken. */
export const acceptInvitation = async (
  deps: FinishDeps & { readonly limits: SignInLimits },
  input: { readonly token: string; readonly password: string },
  request: RequestFacts,
): Promise<SignInResult> => {
  const { identity, clock } = deps;
  await deps.limits.takeAddress(request.ip);
  return identity.run(null, async (auth, tx, setTenant) => {
    const { row, user } = await findInvitation(tx, identity, { ...input, nowMs: clock.now() });
    setTenant(row.tenantId);
    const policy = await readPolicy(tx, row.tenantId);
    await checkNewPassword(tx, { userId: user.id, next: input.password, path: 'body.password', policy });
    await storePassword(tx, { user, hash: await hashPassword(input.password), nowMs: clock.now() });
    await tx
      .update(invitations)
      .set({ endedAt: new Date(clock.now()), outcome: 'accepted' })
      .where(eq(invitations.id, row.id));
    await audit(tx, { actor: asUser(user), request }, { action: 'invitation.accepted', target: userTarget(user) });
    return finishFirstStep(deps, { auth, tx }, { user, method: 'invitation', request });
  });
};
