import { and, eq, isNull, lt } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { IdentityKeys } from '../identity-keys.js';
import { userRecoveryCodes, userSecondFactors } from '../tables.js';
import { checkCode } from './one-time-codes.js';
import { isOneTimeCode, normaliseRecoveryCode } from './recovery-codes.js';

export const factorContext = (userId: string): string => `user_second_factors ${userId}`;

/**
 * Spends a code of the app or a recovery code, in a system transaction. Null: wrong, spent or from another time. Two
 * requests with one code: the row's lock lets one through.
 */
export const spendCode = async (
  tx: Tx,
  keys: IdentityKeys,
  given: { readonly userId: string; readonly code: string; readonly nowMs: number },
): Promise<'app' | 'recovery' | null> => {
  const { userId, nowMs } = given;
  if (!isOneTimeCode(given.code)) return spendRecoveryCode(tx, keys, given);
  const [row] = await tx.select().from(userSecondFactors).where(eq(userSecondFactors.userId, userId)).for('update');
  if (!row?.confirmedAt) return null;
  const secret = keys.unseal(row.secretSealed, factorContext(userId));
  const found = checkCode({ ...row, secret }, given.code.replace(/\s/g, ''), { nowMs });
  if (!found) return null;
  const spent = await tx
    .update(userSecondFactors)
    .set({ lastStep: found.step, driftSteps: found.driftSteps })
    .where(and(eq(userSecondFactors.userId, userId), lt(userSecondFactors.lastStep, found.step)))
    .returning({ userId: userSecondFactors.userId });
  return spent.length > 0 ? 'app' : null;
};

const spendRecoveryCode = async (
  tx: Tx,
  keys: IdentityKeys,
  given: { readonly userId: string; readonly code: string; readonly nowMs: number },
): Promise<'recovery' | null> => {
  const code = normaliseRecoveryCode(given.code);
  const spent = await tx
    .update(userRecoveryCodes)
    .set({ usedAt: new Date(given.nowMs) })
    .where(
      and(
        eq(userRecoveryCodes.userId, given.userId),
        eq(userRecoveryCodes.codeHash, keys.hash(`recovery ${given.userId}`, code)),
        isNull(userRecoveryCodes.usedAt),
      ),
    )
    .returning({ id: userRecoveryCodes.id });
  return spent.length > 0 ? 'recovery' : null;
};
