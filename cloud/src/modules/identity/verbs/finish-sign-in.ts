import type { Clock } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { Actor } from '../../access/actor.js';
import { loadActor } from '../../access/load-actor.js';
import { users } from '../../access/tables.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { asUser, type UserRow, userTarget } from '../account-lock.js';
import type { Auth, Identity } from '../better-auth.js';
import { makeToken } from '../identity-keys.js';
import { openSession } from '../open-session.js';
import { useTrustedDevice } from '../second-factor/trusted-devices.js';
import { readPolicy, readSecondFactor } from '../sign-in-policy.js';
import { type SessionMethod, signInSteps } from '../tables.js';

export const stepSeconds = 5 * 60;

export interface FinishDeps {
  readonly identity: Identity;
  readonly clock: Clock;
}

/** A session, or the step that is still missing; its token goes into a cookie. */
export type SignInResult =
  | { readonly kind: 'open'; readonly actor: Actor; readonly sessionId: string; readonly setCookies: readonly string[] }
  | { readonly kind: 'step'; readonly token: string; readonly trustDays: number };

export interface FirstStep {
  readonly user: UserRow;
  readonly method: SessionMethod;
  readonly providerId?: string | null;
  readonly idTokenSealed?: Buffer | null;
  /** The provider checked a second factor, and the organisation takes its word. */
  readonly factorDone?: boolean;
  readonly deviceToken?: string | undefined;
}

/** Who proved the first step gets a session, or the question for the second. In one system transaction. */
export const finishFirstStep = async (
  deps: FinishDeps,
  work: { readonly auth: Auth['api']; readonly tx: Tx },
  given: FirstStep & { readonly request: RequestFacts },
): Promise<SignInResult> => {
  const { user } = given;
  const { keys } = deps.identity;
  const nowMs = deps.clock.now();
  const policy = await readPolicy(work.tx, user.tenantId);
  const factor = await readSecondFactor(work.tx, { tenantId: user.tenantId, userId: user.id }, policy);
  const trusted =
    factor.enrolled &&
    policy.trustedDeviceDays > 0 &&
    (await useTrustedDevice(work.tx, keys, { userId: user.id, token: given.deviceToken, nowMs }));
  if (factor.enrolled && !given.factorDone && !trusted) {
    const token = makeToken();
    await work.tx.insert(signInSteps).values({
      tenantId: user.tenantId,
      userId: user.id,
      tokenHash: keys.hash('step', token),
      method: given.method,
      providerId: given.providerId ?? null,
      idTokenSealed: given.idTokenSealed ?? null,
      expiresAt: new Date(nowMs + stepSeconds * 1_000),
    });
    return { kind: 'step', token, trustDays: policy.trustedDeviceDays };
  }
  const how = trusted ? 'trusted-device' : given.factorDone ? 'provider' : null;
  return openFor(deps, work, { ...given, secondFactor: how !== null, how });
};

/** Opens the session at last: counters start anew, and the trail says how the person came in. */
export const openFor = async (
  deps: FinishDeps,
  work: { readonly auth: Auth['api']; readonly tx: Tx },
  given: FirstStep & { readonly request: RequestFacts; readonly secondFactor: boolean; readonly how: string | null },
): Promise<SignInResult> => {
  const { user, request, method, secondFactor, how } = given;
  await work.tx
    .update(users)
    // Locks of strangers stay: the person coming in must not give them more guesses.
    .set({ failedSignIns: 0, lastSignInAt: new Date(deps.clock.now()) })
    .where(eq(users.id, user.id));
  const session = {
    user,
    method,
    secondFactor,
    providerId: given.providerId ?? null,
    idTokenSealed: given.idTokenSealed ?? null,
  };
  const opened = await openSession({ ...work, clock: deps.clock }, session, request);
  const after = {
    ...(method === 'password' ? {} : { method }),
    ...(how === null ? {} : { secondFactor: how }),
    ...(user.failedSignIns > 0 ? { afterFailures: user.failedSignIns } : {}),
  };
  await audit(
    work.tx,
    { actor: asUser(user), request },
    {
      action: 'session.opened',
      target: userTarget(user),
      ...(Object.keys(after).length > 0 ? { after } : {}),
    },
  );
  const actor = await loadActor(work.tx, { ...user, userId: user.id });
  return { kind: 'open', actor, ...opened };
};
