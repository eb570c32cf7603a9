import type { Clock } from '@hallhub/shared';
import { HubError } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { systemActor } from '../access/actor.js';
import { users } from '../access/tables.js';
import type { RequestFacts } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';

export const maxFailures = 5;
export const lockMs = 10 * 60_000;

export type UserRow = typeof users.$inferSelect;

export const lockedError = (retryAfterMs: number): HubError =>
  new HubError('rate_limited', 'Too many failed attempts: signing in is locked for a while', {
    context: { reason: 'locked', retryAfterMs },
    hint: 'Wait, or ask an administrator for a new one-time password.',
  });

/** Throws `rate_limited` while the account is locked. */
export const refuseLocked = (user: UserRow, clock: Clock): void => {
  const lockedMs = (user.lockedUntil?.getTime() ?? 0) - clock.now();
  if (lockedMs > 0) throw lockedError(lockedMs);
};

/** Passwords and codes count together: who knows the one may not guess the other without end. Locks at the fifth. */
export const countFailure = async (
  tx: Tx,
  clock: Clock,
  given: { readonly user: UserRow; readonly what: 'password' | 'code'; readonly request: RequestFacts },
): Promise<void> => {
  const { user, what, request } = given;
  const [after] = await tx
    .update(users)
    .set({ failedSignIns: sql`${users.failedSignIns} + 1` })
    .where(eq(users.id, user.id))
    .returning({ failures: users.failedSignIns });
  const failures = after?.failures ?? 0;
  const lock = failures >= maxFailures;
  if (lock) {
    await tx
      .update(users)
      .set({ failedSignIns: 0, lockedUntil: new Date(clock.now() + lockMs) })
      .where(eq(users.id, user.id));
  }
  await audit(
    tx,
    { actor: systemActor(user.tenantId, user.userName), request },
    {
      action: lock ? 'session.locked' : 'session.refused',
      target: userTarget(user),
      after: { failures, ...(what === 'code' ? { what } : {}), ...(lock ? { lockedForMs: lockMs } : {}) },
    },
  );
};

export const asUser = (user: UserRow) => ({
  ...systemActor(user.tenantId, user.userName),
  kind: 'user' as const,
  userId: user.id,
});

export const userTarget = (user: Pick<UserRow, 'id' | 'displayName'>) => ({
  kind: 'user',
  id: user.id,
  name: user.displayName,
});
