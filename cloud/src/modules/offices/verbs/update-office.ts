import { HubError } from '@hallhub/shared';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import type { Office, UpdateOffice } from '../contract.js';
import { invalidAt, lockOffice, type OfficeRow, openTasksSql, readOffice } from '../read-offices.js';
import { offices } from '../tables.js';
import { codeTaken, requireSurroundings } from './create-office.js';

const fields = ['code', 'name', 'parentId', 'hallId', 'regionId', 'calendar', 'isFallback', 'archivedAt'] as const;

/**
 * Edits, moves, archives or brings back an office, or makes it the fallback. Errors: `precondition_failed`, `conflict`
 * (reason `has_tasks`, `has_children`, `is_fallback`), `invalid_input` (a loop, too).
 */
export const updateOffice = async (
  ctx: VerbContext,
  input: UpdateOffice & { readonly officeId: string; readonly version: number },
): Promise<Office> => {
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      const { tenantId } = ctx.actor;
      const { officeId, version, archived, isFallback, ...change } = input;
      // All in one order before the one: two that become the fallback at once would wait for each other.
      if (isFallback)
        await tx.execute(sql`SELECT id FROM offices WHERE tenant_id = ${tenantId} ORDER BY id FOR UPDATE`);
      const before = await lockOffice(tx, ctx, input);
      await requireSurroundings(tx, tenantId, change);
      if (change.parentId) await refuseLoop(tx, { tenantId, officeId, parentId: change.parentId });
      const archiving = archived === true && before.archivedAt === null;
      if (archiving) await refuseInUse(tx, tenantId, before);
      if (archived === false && before.archivedAt !== null) {
        await requireSurroundings(tx, tenantId, { parentId: change.parentId ?? before.parentId });
      }
      const now = new Date(ctx.clock.now());
      if (isFallback) await takeOverFallback(tx, tenantId, before, archived);
      const [after] = await tx
        .update(offices)
        .set({
          ...change,
          ...(archived === undefined ? {} : { archivedAt: archived ? (before.archivedAt ?? now) : null }),
          ...(isFallback ? { isFallback } : {}),
          ...{ version: version + 1, updatedAt: now },
        })
        .where(and(eq(offices.tenantId, tenantId), eq(offices.id, officeId)))
        .returning();
      if (!after) throw new HubError('bug', 'UPDATE … RETURNING returned no row');
      await audit(tx, ctx, {
        action: archiving ? 'office.archived' : 'office.updated',
        target: { kind: 'office', id: officeId, name: after.name },
        ...differences(before, after, fields),
      });
      return readOffice(tx, tenantId, officeId);
    });
  } catch (error) {
    throw isUniqueViolation(error, 'offices_code') ? codeTaken(error) : error;
  }
};

const refuseLoop = async (
  tx: Tx,
  { tenantId, officeId, parentId }: { readonly tenantId: string; readonly officeId: string; readonly parentId: string },
): Promise<void> => {
  // One move at a time in an organisation, else two could make a loop together.
  await tx.execute(sql`SELECT id FROM offices WHERE tenant_id = ${tenantId} ORDER BY id FOR UPDATE`);
  const { rows } = await tx.execute(sql`
    WITH RECURSIVE above AS (
      SELECT id, parent_id FROM offices WHERE tenant_id = ${tenantId} AND id = ${parentId}
      UNION SELECT o.id, o.parent_id FROM offices o JOIN above a ON o.tenant_id = ${tenantId} AND o.id = a.parent_id
    ) SELECT 1 FROM above WHERE id = ${officeId}`);
  if (rows.length > 0) throw invalidAt('parentId', 'An office cannot go below itself');
};

const inUse = (reason: string, message: string, hint: string): HubError =>
  new HubError('conflict', message, { context: { reason }, hint });

const refuseInUse = async (tx: Tx, tenantId: string, office: OfficeRow): Promise<void> => {
  if (office.isFallback) {
    throw inUse('is_fallback', 'It gets what no rule has anybody for', 'Make another office the fallback first.');
  }
  const children = await tx
    .select({ id: offices.id })
    .from(offices)
    .where(and(eq(offices.tenantId, tenantId), eq(offices.parentId, office.id), isNull(offices.archivedAt)))
    .limit(1);
  if (children.length > 0) {
    throw inUse('has_children', 'There are offices in use below it', 'Archive or move them first.');
  }
  const { rows } = await tx.$client.query<{ open: number }>(`${openTasksSql} AND party_id = $2 GROUP BY party_id`, [
    tenantId,
    office.id,
  ]);
  if (rows[0]) {
    throw inUse(
      'has_tasks',
      `It has ${rows[0].open} tasks of tickets`,
      'Finish them or move them to other offices first.',
    );
  }
};

const takeOverFallback = async (
  tx: Tx,
  tenantId: string,
  office: OfficeRow,
  archived: boolean | undefined,
): Promise<void> => {
  const isArchived = archived ?? office.archivedAt !== null;
  if (isArchived) throw invalidAt('isFallback', 'An archived office cannot be the fallback');
  if (office.isFallback) return;
  await tx
    .update(offices)
    .set({ isFallback: false, version: sql`${offices.version} + 1` })
    .where(and(eq(offices.tenantId, tenantId), eq(offices.isFallback, true)));
};
