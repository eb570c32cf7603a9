import { HubError } from '@hallhub/shared';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { and, eq } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { countFailure, lockedError, refuseLocked } from '../account-lock.js';
import { maxPasswordLength } from '../password-rules.js';
import type { SignInLimits } from '../sign-in-limits.js';
import type { StrangerLocks } from '../stranger-locks.js';
import { userAccounts } from '../tables.js';
import { normaliseUserName } from '../user-name.js';
import { type FinishDeps, finishFirstStep, type SignInResult } from './finish-sign-in.js';

export { lockMs, maxFailures } from '../account-lock.js';

export interface SignInDeps extends FinishDeps {
  readonly limits: SignInLimits;
  readonly strangers: StrangerLocks;
}

export interface SignInInput {
  readonly userName: string;
  readonly password: string;
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
  const { identity, clock, limits, strangers } = deps;
  const userName = normaliseUserName(input.userName);
  await limits.take(request.ip, userName);
  const found = await withSystem(identity.db, async (tx) => {
    const [row] = await tx
      .select({ user: users, hash: userAccounts.password })
      .from(users)
      .leftJoin(userAccounts, and(eq(userAccounts.userId, users.id), eq(userAccounts.providerId, 'credential')))
      .where(eq(users.userName, userName));
    return row;
  });
  if (found) refuseLocked(found.user, clock);
  else {
    const lockedMs = await strangers.lockedMs(userName);
    if (lockedMs > 0) throw lockedError(lockedMs);
  }
  hashOfNobody ??= hashPassword('nobody');
  const isLong = input.password.length > maxPasswordLength;
  const hash = found?.hash ?? (await hashOfNobody);
  const isRight = await verifyPassword({ hash, password: isLong ? '' : input.password });
  if (!found) {
    await strangers.countFailure(userName);
    throw refused();
  }
  const { user } = found;
  if (!isRight || isLong || found.hash === null) {
    await withSystem(identity.db, (tx) => countFailure(tx, clock, { user, what: 'password', request }));
    throw refused();
  }
  // Only now, after the password was checked: a disabled account must not answer faster or otherwise.
  if (user.state !== 'active') {
    await withSystem(identity.db, (tx) => countFailure(tx, clock, { user, what: 'password', request }));
    throw refused();
  }
  const result = await identity.run(user.tenantId, (auth, tx) =>
    finishFirstStep(
      deps,
      { auth, tx },
      { user, method: 'password', deviceToken: input.deviceTokenOf(user.id), request },
    ),
  );
  if (result.kind === 'open') await limits.reset(userName);
  return result;
};
