import { HubError } from '@hallhub/shared';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { lockTenant } from '../../access/over-grants.js';
import { roles } from '../../access/tables.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import type { SignInPolicyDto } from '../contract.js';
import { readPolicy, type SignInPolicy } from '../sign-in-policy.js';
import { signInPolicies } from '../tables.js';

const fields = [
  'secondFactor',
  'requiredRoleIds',
  'trustedDeviceDays',
  'idleMinutes',
  'absoluteHours',
  'passwordMinLength',
  'passwordHistory',
  'passwordMaxAgeDays',
] as const satisfies readonly (keyof SignInPolicy)[];

const toDto = (policy: SignInPolicy & { version: number }): SignInPolicyDto => ({
  ...(Object.fromEntries(fields.map((field) => [field, policy[field]])) as unknown as Omit<SignInPolicyDto, 'version'>),
  version: policy.version,
});

/** The organisation's sign-in rules. */
export const getSignInPolicy = (ctx: VerbContext): Promise<SignInPolicyDto> => {
  ctx.actor.require('signon.write', 'tenant');
  return withTenant(ctx.db, ctx.actor, async (tx) => toDto(await readPolicy(tx, ctx.actor.tenantId)), {
    readOnly: true,
  });
};

/** Changes the rules; they hold for open sessions from their next request on. Errors: `precondition_failed`, `invalid_input`. */
export const updateSignInPolicy = (
  ctx: VerbContext,
  input: { readonly version: number; readonly policy: SignInPolicy },
): Promise<SignInPolicyDto> => {
  ctx.actor.require('signon.write', 'tenant');
  const { tenantId } = ctx.actor;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await lockTenant(tx, tenantId);
    const before = await readPolicy(tx, tenantId);
    if (before.version !== input.version) throw versionConflict(before.version);
    const requiredRoleIds = [...new Set(input.policy.requiredRoleIds)];
    const known = requiredRoleIds.length
      ? await tx
          .select({ id: roles.id })
          .from(roles)
          .where(and(eq(roles.tenantId, tenantId), inArray(roles.id, requiredRoleIds)))
      : [];
    if (known.length < requiredRoleIds.length) {
      throw new HubError('invalid_input', 'There is no such role', {
        context: { errors: [{ path: 'body.requiredRoleIds', message: 'A role does not exist' }] },
      });
    }
    const next = { ...input.policy, requiredRoleIds };
    const values = { ...next, updatedAt: new Date(ctx.clock.now()), version: before.version + 1 };
    await tx
      .insert(signInPolicies)
      .values({ tenantId, ...values })
      .onConflictDoUpdate({
        target: signInPolicies.tenantId,
        set: { ...values, version: sql`${signInPolicies.version} + 1` },
      });
    await audit(tx, ctx, {
      action: 'sign_in_rules.changed',
      target: { kind: 'tenant', id: tenantId },
      ...differences<Record<string, unknown>>({ ...before }, { ...next }, [...fields]),
    });
    return toDto(await readPolicy(tx, tenantId));
  });
};
