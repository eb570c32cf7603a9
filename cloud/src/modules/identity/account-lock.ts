import type { Clock } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { systemActor } from '../access/actor.js';
import { users } from '../access/tables.js';
import type { RequestFacts } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import type { Attempt } from './sign-in-guard.js';

export const maxFailures = 5;
export const lockMs = 10 * 60_000;

export type UserRow = typeof users.$inferSelect;

/**
 * An attempt that was wrong, for the trail and for who looks after people: `lockedUntil` says that somebody is kept
 * from this account, the guard says who. Passwords and codes count together.
 */
export const recordFailure = async (
  tx: Tx,
  clock: Clock,
  given: {
    readonly user: UserRow;
    readonly what: 'password' | 'code';
    readonly attempt: Attempt;
    readonly request: RequestFacts;
  },
): Promise<void> => {
  const { user, what, request } = given;
  const { failures, locks, lockMs: lockedForMs } = given.attempt;
  const [after] = await tx
    .update(users)
    .set({
      failedSignIns: sql`${users.failedSignIns} + 1`,
      ...(locks ? { lockedUntil: new Date(clock.now() + lockedForMs) } : {}),
    })
    .where(eq(users.id, user.id))
    .returning({ sinceLastSignIn: users.failedSignIns });
  await audit(
    tx,
    { actor: systemActor(user.tenantId, user.userName), request },
    {
      action: locks ? 'session.locked' : 'session.refused',
      target: userTarget(user),
      after: {
        failures,
        sinceLastSignIn: after?.sinceLastSignIn ?? failures,
        ...(what === 'code' ? { what } : {}),
        ...(locks ? { lockedForMs } : {}),
      },
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
