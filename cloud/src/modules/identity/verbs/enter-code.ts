import { HubError } from '@hallhub/shared';
import { and, eq, gt, sql } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { maxFailures, recordFailure } from '../account-lock.js';
import { spendCode } from '../second-factor/check-second-factor.js';
import { trustDevice } from '../second-factor/trusted-devices.js';
import type { Attempt } from '../sign-in-guard.js';
import { readPolicy } from '../sign-in-policy.js';
import { signInSteps, userAccounts } from '../tables.js';
import { openFor, type SignInResult } from './finish-sign-in.js';
import type { SignInDeps } from './sign-in.js';

export interface EnterCodeInput {
  /** From the step's cookie. */
  readonly token: string | undefined;
  readonly code: string;
  readonly trust: boolean;
  /** Its cookie of people known to it. */
  readonly browser: string | undefined;
}

export type CodeResult = Extract<SignInResult, { kind: 'open' }> & {
  readonly userId: string;
  readonly trusted: { readonly token: string; readonly days: number } | null;
};

const stepOver = () =>
  new HubError('gone', 'This sign-in took too long or was used up', {
    context: { reason: 'step_over' },
    hint: 'Start again with user name and password.',
  });

const wrongCode = () =>
  new HubError('unauthenticated', 'The code is wrong, or was used already', {
    context: { reason: 'code', errors: [{ path: 'body.code', message: 'Wrong, or used already' }] },
  });

/** Second step of a sign-in: a code of the app, or a recovery code. Errors: `unauthenticated`, `gone`, `rate_limited`. */
export const enterCode = async (
  deps: SignInDeps,
  input: EnterCodeInput,
  request: RequestFacts,
): Promise<CodeResult> => {
  const { identity, clock } = deps;
  if (input.token === undefined) throw stepOver();
  const tokenHash = identity.keys.hash('step', input.token);
  const attempt = await beginAttempt(deps, { tokenHash, browser: input.browser }, request);
  // A wrong code must be counted, so it ends the transaction as an answer, not as an error.
  const result = await identity.run(null, async (auth, tx, setTenant): Promise<CodeResult | 'over' | 'wrong'> => {
    const now = new Date(clock.now());
    const [step] = await tx
      .select()
      .from(signInSteps)
      .where(and(eq(signInSteps.tokenHash, tokenHash), gt(signInSteps.expiresAt, now)))
      .for('update');
    if (!step) return 'over';
    const [user] = await tx.select().from(users).where(eq(users.id, step.userId)).for('update');
    if (user?.state !== 'active') return 'over';
    setTenant(user.tenantId);
    const how = await spendCode(tx, identity.keys, { userId: user.id, code: input.code, nowMs: clock.now() });
    if (how === null) {
      await recordFailure(tx, clock, { user, what: 'code', attempt, request });
      if (step.failures + 1 >= maxFailures) await tx.delete(signInSteps).where(eq(signInSteps.id, step.id));
      else
        await tx
          .update(signInSteps)
          .set({ failures: sql`${signInSteps.failures} + 1` })
          .where(eq(signInSteps.id, step.id));
      return 'wrong';
    }
    await tx.delete(signInSteps).where(eq(signInSteps.id, step.id));
    const { trustedDeviceDays: days } = await readPolicy(tx, user.tenantId);
    const trusted =
      input.trust && days > 0
        ? { days, token: await trustDevice(tx, identity.keys, { user, days, nowMs: clock.now(), request }) }
        : null;
    const { method, providerId, idTokenSealed } = step;
    const opened = await openFor(
      deps,
      { auth, tx },
      { user, method, providerId, idTokenSealed, request, secondFactor: true, how },
    );
    if (opened.kind !== 'open') throw new HubError('bug', 'openFor opens');
    return { ...opened, userId: user.id, trusted };
  });
  if (result === 'over') throw stepOver();
  if (result === 'wrong') throw wrongCode();
  await attempt.forget();
  return result;
};

/** Counted before the step's row is locked: one request, one connection at a time. Errors: `gone`, `rate_limited`. */
const beginAttempt = async (
  { identity, clock, guard, limits }: SignInDeps,
  given: { readonly tokenHash: Buffer; readonly browser: string | undefined },
  request: RequestFacts,
): Promise<Attempt> => {
  const [row] = await withSystem(identity.db, (tx) =>
    tx
      .select({ user: users, credential: userAccounts.password })
      .from(signInSteps)
      .innerJoin(users, eq(users.id, signInSteps.userId))
      .leftJoin(userAccounts, and(eq(userAccounts.userId, users.id), eq(userAccounts.providerId, 'credential')))
      .where(and(eq(signInSteps.tokenHash, given.tokenHash), gt(signInSteps.expiresAt, new Date(clock.now())))),
  );
  if (!row) {
    await limits.takeAddress(request.ip);
    throw stepOver();
  }
  const { user, credential } = row;
  return guard.begin({ request, userName: user.userName, user, credential, browser: given.browser });
};
