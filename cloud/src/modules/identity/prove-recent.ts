import { HubError } from '@hallhub/shared';
import { verifyPassword } from 'better-auth/crypto';
import { eq } from 'drizzle-orm';
import { type Tx, withSystem } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { userAccounts, userSessions } from './tables.js';
import { credentialOf } from './verbs/change-password.js';

/** Who signed in so recently needs not prove it again to add a way in. */
const freshMs = 10 * 60_000;

export interface Proof {
  readonly sessionId: string;
  readonly password?: string | undefined;
}

/**
 * Before somebody adds a way into their account: whoever found a session open must not keep the account. In a system
 * transaction. Errors: `forbidden` (`sign_in_again`), `invalid_input` (`password_needed`).
 */
export const proveRecent = async (
  tx: Tx,
  ctx: VerbContext,
  given: Proof & { readonly userId: string },
): Promise<void> => {
  const [session] = await tx
    .select({ createdAt: userSessions.createdAt })
    .from(userSessions)
    .where(eq(userSessions.id, given.sessionId));
  if (session && ctx.clock.now() - session.createdAt.getTime() < freshMs) return;
  const [account] = await tx
    .select({ password: userAccounts.password })
    .from(userAccounts)
    .where(credentialOf(given.userId));
  const { password } = given;
  if (!account?.password) {
    throw new HubError('forbidden', 'Sign in again first: this session is not new any more', {
      context: { reason: 'sign_in_again' },
    });
  }
  if (password && (await verifyPassword({ hash: account.password, password }))) return;
  throw new HubError('invalid_input', 'The current password is needed', {
    context: {
      reason: 'password_needed',
      errors: [{ path: 'body.password', message: 'It is not the current password' }],
    },
  });
};

/** The same as a step of its own, for a way in that is added later. Errors as `proveRecent`. */
export const proveMyself = (ctx: VerbContext, proof: Proof): Promise<void> =>
  withSystem(ctx.db, (tx) => proveRecent(tx, ctx, { ...proof, userId: ctx.actor.userId ?? '' }));
