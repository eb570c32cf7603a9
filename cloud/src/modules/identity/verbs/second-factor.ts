import { HubError } from '@hallhub/shared';
import { and, count, desc, eq, gt, isNull, ne } from 'drizzle-orm';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { users } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { Identity } from '../better-auth.js';
import type { SecondFactor } from '../contract.js';
import { type OpenedSession, replaceSession } from '../open-session.js';
import { overPerson, refuseSelf } from '../over-person.js';
import { type Proof, proveRecent } from '../prove-recent.js';
import { factorContext, spendCode } from '../second-factor/check-second-factor.js';
import { checkCode, enrolmentUri, makeSecret } from '../second-factor/one-time-codes.js';
import { makeRecoveryCode, normaliseRecoveryCode, recoveryCodeCount } from '../second-factor/recovery-codes.js';
import { readPolicy, readSecondFactor } from '../sign-in-policy.js';
import { trustedDevices, userRecoveryCodes, userSecondFactors, userSessions } from '../tables.js';

const myId = (ctx: VerbContext): string => {
  if (ctx.actor.userId === null) throw new HubError('forbidden', 'Only a person has a second factor');
  return ctx.actor.userId;
};

const wrongCode = () =>
  new HubError('invalid_input', 'The code is wrong, or was used already', {
    context: { errors: [{ path: 'body.code', message: 'Wrong, or used already' }] },
  });

/** State of a person's second factor, under either role. */
export const describeSecondFactor = async (
  tx: Tx,
  person: { readonly tenantId: string; readonly userId: string },
  nowMs: number,
): Promise<SecondFactor> => {
  const policy = await readPolicy(tx, person.tenantId);
  const { required } = await readSecondFactor(tx, person, policy);
  const [factor] = await tx
    .select({ confirmedAt: userSecondFactors.confirmedAt })
    .from(userSecondFactors)
    .where(eq(userSecondFactors.userId, person.userId));
  const [codes] = await tx
    .select({ left: count() })
    .from(userRecoveryCodes)
    .where(and(eq(userRecoveryCodes.userId, person.userId), isNull(userRecoveryCodes.usedAt)));
  const { id, ip, userAgent, createdAt, lastUsedAt, expiresAt } = trustedDevices;
  const devices = await tx
    .select({ id, ip, userAgent, createdAt, lastUsedAt, expiresAt })
    .from(trustedDevices)
    .where(and(eq(trustedDevices.userId, person.userId), gt(trustedDevices.expiresAt, new Date(nowMs))))
    .orderBy(desc(trustedDevices.lastUsedAt));
  return {
    policy: policy.secondFactor,
    required,
    enrolledAt: factor?.confirmedAt?.toISOString() ?? null,
    recoveryCodesLeft: factor?.confirmedAt ? (codes?.left ?? 0) : 0,
    trustedDeviceDays: policy.trustedDeviceDays,
    devices: devices.map((device) => ({
      ...device,
      createdAt: device.createdAt.toISOString(),
      lastUsedAt: device.lastUsedAt.toISOString(),
      expiresAt: device.expiresAt.toISOString(),
    })),
  };
};

/** The caller's own second factor, and the browsers that they trust. */
export const getMySecondFactor = (ctx: VerbContext): Promise<SecondFactor> =>
  withTenant(
    ctx.db,
    ctx.actor,
    (tx) => describeSecondFactor(tx, { tenantId: ctx.actor.tenantId, userId: myId(ctx) }, ctx.clock.now()),
    { readOnly: true },
  );

/**
 * A new secret for the authenticator app; it counts once confirmed with a code. A session older than ten minutes needs
 * the password again. Errors: `conflict` where there is one already, `invalid_input`.
 */
export const beginSecondFactor = async (
  identity: Identity,
  ctx: VerbContext,
  input: Proof,
): Promise<{ secret: string; uri: string }> => {
  const userId = myId(ctx);
  const { tenantId, userName } = ctx.actor;
  const secret = makeSecret();
  await withSystem(ctx.db, async (tx) => {
    if ((await readPolicy(tx, tenantId)).secondFactor === 'off') {
      throw new HubError('forbidden', 'The organisation’s rules turn second factors off', {
        context: { reason: 'second_factor_off' },
      });
    }
    await proveRecent(tx, ctx, { ...input, userId });
    const [known] = await tx.select().from(userSecondFactors).where(eq(userSecondFactors.userId, userId)).for('update');
    if (known?.confirmedAt) {
      throw new HubError('conflict', 'There is a second factor already', { hint: 'Remove it first.' });
    }
    const fresh = {
      secretSealed: identity.keys.seal(secret, factorContext(userId)),
      lastStep: 0,
      driftSteps: 0,
      createdAt: new Date(ctx.clock.now()),
    };
    await tx
      .insert(userSecondFactors)
      .values({ userId, tenantId, ...fresh })
      .onConflictDoUpdate({
        target: userSecondFactors.userId,
        set: fresh,
        setWhere: isNull(userSecondFactors.confirmedAt),
      });
    await audit(tx, ctx, { action: 'second_factor.begun', target: { kind: 'user', id: userId, name: userName } });
  });
  return { secret, uri: enrolmentUri(secret, userName) };
};

const replaceRecoveryCodes = async (
  tx: Tx,
  identity: Identity,
  person: { readonly tenantId: string; readonly userId: string },
): Promise<string[]> => {
  const codes = Array.from({ length: recoveryCodeCount }, makeRecoveryCode);
  await tx.delete(userRecoveryCodes).where(eq(userRecoveryCodes.userId, person.userId));
  await tx.insert(userRecoveryCodes).values(
    codes.map((code) => ({
      ...person,
      codeHash: identity.keys.hash(`recovery ${person.userId}`, normaliseRecoveryCode(code)),
    })),
  );
  return codes;
};

/** Turns the second factor on; other sessions end and this one gets a new id. Recovery codes are shown this once. */
export const confirmSecondFactor = async (
  identity: Identity,
  ctx: VerbContext,
  input: { readonly sessionId: string; readonly code: string },
): Promise<{ recoveryCodes: string[]; opened: OpenedSession | null }> => {
  const userId = myId(ctx);
  const { tenantId, userName } = ctx.actor;
  const { request } = ctx;
  return identity.run(tenantId, async (auth, tx) => {
    const [row] = await tx.select().from(userSecondFactors).where(eq(userSecondFactors.userId, userId)).for('update');
    if (!row || row.confirmedAt) throw new HubError('conflict', 'There is no second factor waiting for a code');
    const secret = identity.keys.unseal(row.secretSealed, factorContext(userId));
    const nowMs = ctx.clock.now();
    const found = checkCode({ ...row, secret }, input.code.replace(/\s/g, ''), { nowMs, enrolling: true });
    if (!found) throw wrongCode();
    await tx
      .update(userSecondFactors)
      .set({ confirmedAt: new Date(nowMs), lastStep: found.step, driftSteps: found.driftSteps })
      .where(eq(userSecondFactors.userId, userId));
    const recoveryCodes = await replaceRecoveryCodes(tx, identity, { tenantId, userId });
    await tx.delete(userSessions).where(and(eq(userSessions.userId, userId), ne(userSessions.id, input.sessionId)));
    const opened = request
      ? await replaceSession(
          { auth, tx, clock: ctx.clock },
          { sessionId: input.sessionId, secondFactor: true },
          request,
        )
      : null;
    await audit(tx, ctx, { action: 'second_factor.enabled', target: { kind: 'user', id: userId, name: userName } });
    return { recoveryCodes, opened };
  });
};

/** New recovery codes; the old ones are void. Errors: `invalid_input` for a wrong code. */
export const renewRecoveryCodes = (
  identity: Identity,
  ctx: VerbContext,
  input: { readonly code: string },
): Promise<string[]> => {
  const userId = myId(ctx);
  const { tenantId, userName } = ctx.actor;
  return withSystem(ctx.db, async (tx) => {
    const given = { userId, code: input.code, nowMs: ctx.clock.now() };
    if ((await spendCode(tx, identity.keys, given)) === null) throw wrongCode();
    const codes = await replaceRecoveryCodes(tx, identity, { tenantId, userId });
    await audit(tx, ctx, {
      action: 'second_factor.codes_renewed',
      target: { kind: 'user', id: userId, name: userName },
    });
    return codes;
  });
};

const forget = async (tx: Tx, userId: string): Promise<void> => {
  await tx.delete(userSecondFactors).where(eq(userSecondFactors.userId, userId));
  await tx.delete(userRecoveryCodes).where(eq(userRecoveryCodes.userId, userId));
  await tx.delete(trustedDevices).where(eq(trustedDevices.userId, userId));
};

/** Removes one's own second factor, with a code of it. Errors: `conflict` where the rules require one. */
export const removeSecondFactor = (
  identity: Identity,
  ctx: VerbContext,
  input: { readonly code: string },
): Promise<void> => {
  const userId = myId(ctx);
  const { tenantId, userName } = ctx.actor;
  return withSystem(ctx.db, async (tx) => {
    const { required } = await readSecondFactor(tx, { tenantId, userId }, await readPolicy(tx, tenantId));
    if (required) {
      throw new HubError('conflict', 'The organisation’s rules require a second factor', {
        context: { reason: 'required' },
        hint: 'For a new phone ask an administrator to reset it.',
      });
    }
    const given = { userId, code: input.code, nowMs: ctx.clock.now() };
    if ((await spendCode(tx, identity.keys, given)) === null) throw wrongCode();
    await forget(tx, userId);
    await audit(tx, ctx, { action: 'second_factor.removed', target: { kind: 'user', id: userId, name: userName } });
  });
};

/** An administrator's reset for a lost phone: the factor, its codes and trusted browsers go, and every session ends. */
export const resetSecondFactor = (ctx: VerbContext, input: { readonly userId: string }): Promise<void> => {
  refuseSelf(ctx, input.userId);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await overPerson(tx, ctx, input.userId);
    await forget(tx, row.id);
    await tx.delete(userSessions).where(eq(userSessions.userId, row.id));
    await tx
      .update(users)
      .set({ failedSignIns: 0, lockedUntil: null, locksLiftedAt: new Date(ctx.clock.now()) })
      .where(eq(users.id, row.id));
    await audit(tx, ctx, {
      action: 'second_factor.reset',
      target: { kind: 'user', id: row.id, name: row.displayName },
    });
  });
};

/** Ends the trust of a browser: one's own, or (with `userId`) a person's. Errors: `not_found`. */
export const forgetDevice = (
  ctx: VerbContext,
  input: { readonly deviceId: string; readonly userId?: string },
): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = input.userId === undefined ? null : await overPerson(tx, ctx, input.userId);
    const userId = row?.id ?? myId(ctx);
    const gone = await tx
      .delete(trustedDevices)
      .where(and(eq(trustedDevices.id, input.deviceId), eq(trustedDevices.userId, userId)))
      .returning({ id: trustedDevices.id });
    if (gone.length === 0) throw new HubError('not_found', 'There is no such trusted browser');
    await audit(tx, ctx, {
      action: 'trusted_device.forgotten',
      target: { kind: 'user', id: userId, name: row?.displayName ?? ctx.actor.userName },
    });
  });
