import { HubError } from '@hallhub/shared';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { and, eq } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { recordFailure } from '../account-lock.js';
import { maxPasswordLength } from '../password-rules.js';
import type { SignInGuard } from '../sign-in-guard.js';
import type { SignInLimits } from '../sign-in-limits.js';
import { userAccounts } from '../tables.js';
import { normaliseUserName } from '../user-name.js';
import { type FinishDeps, finishFirstStep, type SignInResult } from './finish-sign-in.js';

export { lockMs, maxFailures } from '../account-lock.js';

export interface SignInDeps extends FinishDeps {
  readonly limits: SignInLimits;
  /** Around every check of a password or code. */
  readonly guard: SignInGuard;
}

export interface SignInInput {
  readonly userName: string;
  readonly password: string;
  /** The browser's cookie of people known to it. */
  readonly browser: string | undefined;
  /** The trust that this browser holds for a person, if any. */
  readonly deviceTokenOf: (userId: string) => string | undefined;
}

/** One answer for a wrong name, a wrong password, an account without one, and a disabled one. */
const refused = () =>
  new HubError('unauthenticated', 'The user name or the password is wrong', { context: { reason: 'credentials' } });

/** Somebody must be hashed for nobody, too: the time of an answer would tell who exists. */
let hashOfNobody: Promise<string> | undefined;

/** Checks user name and password. Errors: `unauthenticated`, `rate_limited` with `retryAfterMs`. */
export const signIn = async (deps: SignInDeps, input: SignInInput, request: RequestFacts): Promise<SignInResult> => {
  const { identity, clock, guard } = deps;
  const userName = normaliseUserName(input.userName);
  const found = await withSystem(identity.db, async (tx) => {
    const [row] = await tx
      .select({ user: users, hash: userAccounts.password })
      .from(users)
      .leftJoin(userAccounts, and(eq(userAccounts.userId, users.id), eq(userAccounts.providerId, 'credential')))
      .where(eq(users.userName, userName));
    return row;
  });
  const { browser } = input;
  const attempt = await guard.begin({
    request,
    userName,
    user: found?.user ?? null,
    credential: found?.hash ?? null,
    browser,
  });
  hashOfNobody ??= hashPassword('nobody');
  const isLong = input.password.length > maxPasswordLength;
  const hash = found?.hash ?? (await hashOfNobody);
  const isRight = await verifyPassword({ hash, password: isLong ? '' : input.password });
  if (!found) throw refused();
  const { user } = found;
  // Only now, after the password was checked: a disabled account must not answer faster or otherwise.
  if (!isRight || isLong || found.hash === null || user.state !== 'active') {
    await withSystem(identity.db, (tx) => recordFailure(tx, clock, { user, what: 'password', attempt, request }));
    throw refused();
  }
  const result = await identity.run(user.tenantId, (auth, tx) =>
    finishFirstStep(
      deps,
      { auth, tx },
      { user, method: 'password', deviceToken: input.deviceTokenOf(user.id), request },
    ),
  );
  if (result.kind === 'open') await attempt.forget();
  else await attempt.giveBack();
  return result;
};
