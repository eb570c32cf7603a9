import { HubError, type Label, uuidv7 } from '@hallhub/shared';
import { desc, eq, sql } from 'drizzle-orm';
import { isForeignKeyViolation, isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { audit, differences } from '../../audit/audit.js';
import type { Role } from '../contract.js';
import { isRight, type Right } from '../rights.js';
import { roles } from '../tables.js';
import type { VerbContext } from '../verb-context.js';

type RoleRow = typeof roles.$inferSelect;

const toDto = (row: RoleRow): Role => ({
  id: row.id,
  key: row.key,
  label: { zh: row.labelZh, ...(row.labelEn === null ? {} : { en: row.labelEn }) },
  rights: row.rights.filter(isRight),
  builtIn: row.builtIn,
  version: row.version,
});

const only = (row: RoleRow | undefined): RoleRow => {
  if (!row) throw new HubError('bug', 'RETURNING returned no row');
  return row;
};

/** All roles, the built-in ones first. */
export const listRoles = (ctx: VerbContext): Promise<Role[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => (await tx.select().from(roles).orderBy(desc(roles.builtIn), roles.createdAt, roles.id)).map(toDto),
    { readOnly: true },
  );

/** Roles are the tenant's: who makes one needs the right over the tenant, and holds all that the role holds. */
const checkRights = (ctx: VerbContext, rights: readonly string[]): Right[] => {
  ctx.actor.require('role.write', 'tenant');
  const unknown = rights.filter((right) => !isRight(right));
  if (unknown.length > 0) {
    throw new HubError('invalid_input', 'There is no such right', {
      context: { errors: unknown.map((right) => ({ path: 'body.rights', message: `There is no right ${right}` })) },
    });
  }
  const known = [...new Set(rights.filter(isRight))];
  for (const right of known) ctx.actor.require(right, 'tenant');
  return known;
};

const lockRole = async (tx: Tx, input: { roleId: string; version: number }): Promise<RoleRow> => {
  const [row] = await tx.select().from(roles).where(eq(roles.id, input.roleId)).for('update');
  if (!row) throw new HubError('not_found', 'There is no such role');
  if (row.builtIn) {
    throw new HubError('conflict', 'A built-in role cannot be changed', {
      context: { reason: 'built_in' },
      hint: 'Make a role of your own with the rights that you need.',
    });
  }
  if (row.version !== input.version) throw versionConflict(row.version);
  return row;
};

const target = (row: RoleRow) => ({ kind: 'role', id: row.id, name: row.labelZh });

/** A role of the tenant's own. Errors: `conflict` where the key is taken. */
export const createRole = async (
  ctx: VerbContext,
  input: { readonly key: string; readonly label: Label; readonly rights: readonly string[] },
): Promise<Role> => {
  const rights = checkRights(ctx, input.rights);
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      const inserted = await tx
        .insert(roles)
        .values({
          id: uuidv7(),
          tenantId: ctx.actor.tenantId,
          key: input.key,
          labelZh: input.label.zh,
          labelEn: input.label.en ?? null,
          rights,
        })
        .returning();
      const row = only(inserted[0]);
      await audit(tx, ctx, {
        action: 'role.created',
        target: target(row),
        after: { key: row.key, label: input.label, rights },
      });
      return toDto(row);
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'roles_key')) throw error;
    throw new HubError('conflict', 'There is a role with this key', {
      cause: error,
      context: { errors: [{ path: 'body.key', message: 'There is a role with this key' }] },
    });
  }
};

export const updateRole = (
  ctx: VerbContext,
  input: {
    readonly roleId: string;
    readonly version: number;
    readonly label?: Label | undefined;
    readonly rights?: readonly string[] | undefined;
  },
): Promise<Role> => {
  const rights = checkRights(ctx, input.rights ?? []);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await lockRole(tx, input);
    // Taking a right away from everybody who has the role is as strong as giving it.
    for (const right of before.rights.filter(isRight)) ctx.actor.require(right, 'tenant');
    const next = {
      labelZh: input.label?.zh ?? before.labelZh,
      labelEn: input.label ? (input.label.en ?? null) : before.labelEn,
      rights: input.rights ? rights : before.rights,
    };
    const updated = await tx
      .update(roles)
      .set({ ...next, version: sql`${roles.version} + 1`, updatedAt: new Date(ctx.clock.now()) })
      .where(eq(roles.id, before.id))
      .returning();
    const row = only(updated[0]);
    await audit(tx, ctx, {
      action: 'role.updated',
      target: target(row),
      ...differences<Record<string, unknown>>(before, next, ['labelZh', 'labelEn', 'rights']),
    });
    return toDto(row);
  });
};

/** Errors: `conflict` where somebody holds it. */
export const deleteRole = async (
  ctx: VerbContext,
  input: { readonly roleId: string; readonly version: number },
): Promise<void> => {
  ctx.actor.require('role.write', 'tenant');
  try {
    await withTenant(ctx.db, ctx.actor, async (tx) => {
      const before = await lockRole(tx, input);
      await tx.delete(roles).where(eq(roles.id, before.id));
      await audit(tx, ctx, {
        action: 'role.deleted',
        target: target(before),
        before: { key: before.key, rights: before.rights },
      });
    });
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw new HubError('conflict', 'Somebody still holds this role', { cause: error, context: { reason: 'in_use' } });
  }
};
