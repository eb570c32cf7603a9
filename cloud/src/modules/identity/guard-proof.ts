import { type Clock, isHubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { withSystem } from '../../db/index.js';
import { users } from '../access/tables.js';
import type { VerbContext } from '../access/verb-context.js';
import { countFailure, refuseLocked } from './account-lock.js';
import type { SignInLimits } from './sign-in-limits.js';

/**
 * Around what asks a signed-in person for a password or code: who found an open session may guess no faster than who
 * signs in, and locks the account the same way.
 */
export const guardProof = async <T>(
  deps: { readonly limits: SignInLimits; readonly clock: Clock },
  ctx: VerbContext,
  given: { readonly what: 'password' | 'code'; readonly run: () => Promise<T> },
): Promise<T> => {
  const { userId, userName } = ctx.actor;
  const { request } = ctx;
  await deps.limits.take(request?.ip ?? null, userName);
  const [user] = await withSystem(ctx.db, (tx) =>
    tx
      .select()
      .from(users)
      .where(eq(users.id, userId ?? '')),
  );
  if (user) refuseLocked(user, deps.clock);
  try {
    return await given.run();
  } catch (error) {
    const path = given.what === 'code' ? 'body.code' : /^body\.(?:current|password)$/;
    const errors = isHubError(error) ? ((error.context.errors ?? []) as { path: string }[]) : [];
    const isWrong = errors.some((one) => (typeof path === 'string' ? one.path === path : path.test(one.path)));
    if (isWrong && user && request) {
      await withSystem(ctx.db, (tx) => countFailure(tx, deps.clock, { user, what: given.what, request }));
    }
    throw error;
  }
};
