import { eq, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { signInPolicies, userSecondFactors } from './tables.js';

export interface SignInPolicy {
  readonly secondFactor: 'off' | 'optional' | 'required';
  /** With `required`: who must have it; empty means everybody. */
  readonly requiredRoleIds: readonly string[];
  /** 0: browsers are never trusted. */
  readonly trustedDeviceDays: number;
  readonly idleMinutes: number;
  readonly absoluteHours: number;
  readonly passwordMinLength: number;
  readonly passwordHistory: number;
  readonly passwordMaxAgeDays: number | null;
}

export const defaultPolicy: SignInPolicy = {
  secondFactor: 'optional',
  requiredRoleIds: [],
  trustedDeviceDays: 30,
  idleMinutes: 120,
  absoluteHours: 24,
  passwordMinLength: 10,
  passwordHistory: 5,
  passwordMaxAgeDays: null,
};
export const maxSessionHours = 168;

/** The organisation's rules; works under either database role. Version 0: the defaults, nobody changed them yet. */
export const readPolicy = async (tx: Tx, tenantId: string): Promise<SignInPolicy & { version: number }> => {
  const [row] = await tx.select().from(signInPolicies).where(eq(signInPolicies.tenantId, tenantId));
  return row ?? { ...defaultPolicy, version: 0 };
};

export interface SecondFactorFacts {
  readonly enrolled: boolean;
  readonly required: boolean;
}

/** Whether the person has a second factor that counts, and whether the rules ask for one. */
export const readSecondFactor = async (
  tx: Tx,
  person: { readonly tenantId: string; readonly userId: string },
  policy: SignInPolicy,
): Promise<SecondFactorFacts> => {
  if (policy.secondFactor === 'off') return { enrolled: false, required: false };
  const [factor] = await tx
    .select({ confirmedAt: userSecondFactors.confirmedAt })
    .from(userSecondFactors)
    .where(eq(userSecondFactors.userId, person.userId));
  const enrolled = (factor?.confirmedAt ?? null) !== null;
  if (policy.secondFactor === 'optional') return { enrolled, required: false };
  if (policy.requiredRoleIds.length === 0) return { enrolled, required: true };
  const { rows } = await tx.execute<{ required: boolean }>(sql`SELECT EXISTS (SELECT 1 FROM role_grants
    WHERE tenant_id = ${person.tenantId} AND user_id = ${person.userId}
      AND role_id = ANY(${sql.param([...policy.requiredRoleIds])}::uuid[])) AS required`);
  return { enrolled, required: rows[0]?.required ?? false };
};

/** A password older than the rules allow must be changed before anything else. */
export const isPasswordExpired = (
  policy: Pick<SignInPolicy, 'passwordMaxAgeDays'>,
  changedAt: Date,
  nowMs: number,
): boolean =>
  policy.passwordMaxAgeDays !== null && nowMs - changedAt.getTime() > policy.passwordMaxAgeDays * 86_400_000;
