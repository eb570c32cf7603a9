import { HubError, uuidv7 } from '@hallhub/shared';
import { asc } from 'drizzle-orm';
import { isForeignKeyViolation, isUniqueViolation, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type RepairRule, repairRulesSchema } from '../repair/repair-contract.js';
import { repairRules } from '../tables.js';

type Rules = { items: RepairRule[] };

export const listRepairRules = (ctx: VerbContext): Promise<Rules> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx.select().from(repairRules).orderBy(asc(repairRules.createdAt), asc(repairRules.id));
      return repairRulesSchema.parse({ items: rows });
    },
    { readOnly: true },
  );

/**
 * The list as a whole. A rule counts for alarms from when it was first there and enabled for its place: changing another number of it
 * loses none. Errors: `invalid_input` for a hall that is none, or named twice.
 */
export const writeRepairRules = (ctx: VerbContext, input: Rules): Promise<Rules> => {
  ctx.actor.require('ticketkind.write', 'tenant');
  const now = ctx.clock.now();
  const at = new Date(now);
  const { tenantId } = ctx.actor;
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const rows = await tx
      .select()
      .from(repairRules)
      .orderBy(asc(repairRules.createdAt), asc(repairRules.id))
      .for('update');
    const before = repairRulesSchema.parse({ items: rows });
    const known = new Map(rows.map((row) => [row.hallId, row]));
    await tx.delete(repairRules);
    for (const [i, rule] of input.items.entries()) {
      const old = known.get(rule.hallId);
      // Their order is the list's.
      const since = old?.enabled ? old.createdAt : new Date(now + i);
      await tx.insert(repairRules).values({
        ...{ ...rule, id: old?.id ?? uuidv7(now + i), tenantId, createdAt: since, updatedAt: at },
        version: (old?.version ?? 0) + 1,
      });
    }
    await audit(tx, ctx, {
      action: 'repairrules.changed',
      target: { kind: 'repairrules', id: null },
      before: { ...before },
      after: { ...input },
    });
    return input;
  }).catch((error: unknown) => {
    if (!isForeignKeyViolation(error) && !isUniqueViolation(error)) throw error;
    const message = 'There is no such hall, or two rules are for the same';
    throw new HubError('invalid_input', message, {
      cause: error,
      context: { errors: [{ path: 'body.items', message }] },
    });
  });
};
