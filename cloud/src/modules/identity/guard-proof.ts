import { isHubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { withSystem } from '../../db/index.js';
import { users } from '../access/tables.js';
import type { VerbContext } from '../access/verb-context.js';
import { recordFailure } from './account-lock.js';
import { userAccounts } from './tables.js';
import { credentialOf } from './verbs/change-password.js';
import type { SignInDeps } from './verbs/sign-in.js';

/**
 * Around what asks a signed-in person for a password or code: who found an open session may guess no faster than who
 * signs in, and is locked out the same way.
 */
export const guardProof = async <T>(
  deps: Pick<SignInDeps, 'guard' | 'clock'>,
  ctx: VerbContext,
  given: {
    readonly what: 'password' | 'code';
    /** Its cookie of people known to it. */
    readonly browser: string | undefined;
    readonly run: () => Promise<T>;
  },
): Promise<T> => {
  const { userId, userName } = ctx.actor;
  const { request } = ctx;
  if (userId === null || request === null) return given.run();
  const [row] = await withSystem(ctx.db, (tx) =>
    tx
      .select({ user: users, credential: userAccounts.password })
      .from(users)
      .leftJoin(userAccounts, credentialOf(userId))
      .where(eq(users.id, userId)),
  );
  if (!row) return given.run();
  const { user, credential } = row;
  const attempt = await deps.guard.begin({ request, userName, user, credential, browser: given.browser });
  try {
    const done = await given.run();
    await attempt.forget();
    return done;
  } catch (error) {
    const path = given.what === 'code' ? /^body\.code$/ : /^body\.(?:current|password)$/;
    const errors = isHubError(error) ? ((error.context.errors ?? []) as { path: string }[]) : [];
    if (errors.some((one) => path.test(one.path))) {
      await withSystem(ctx.db, (tx) => recordFailure(tx, deps.clock, { user, what: given.what, attempt, request }));
    } else await attempt.giveBack();
    throw error;
  }
};
