import { HubError } from '@hallhub/shared';
import { and, eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { versionConflict } from '../../verb-kit/version-conflict.js';
import type { VerbContext } from '../access/verb-context.js';
import type { Office } from './contract.js';
import { offices } from './tables.js';

export type OfficeRow = typeof offices.$inferSelect;

export const noSuchOffice = (): HubError => new HubError('not_found', 'There is no such office');

export const invalidAt = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** The office, locked for a change by whoever may. Errors: `not_found`, `forbidden`, `precondition_failed`. */
export const lockOffice = async (
  tx: Tx,
  ctx: VerbContext,
  { officeId, version }: { readonly officeId: string; readonly version: number },
): Promise<OfficeRow> => {
  const [row] = await tx
    .select()
    .from(offices)
    .where(and(eq(offices.tenantId, ctx.actor.tenantId), eq(offices.id, officeId)))
    .for('update');
  if (!row) throw noSuchOffice();
  ctx.actor.require('office.write', 'tenant');
  if (row.version !== version) throw versionConflict(row.version);
  return row;
};

/** Tasks that somebody still has to do for the office, by office. */
export const openTasksSql = `SELECT party_id, count(*)::int AS open FROM ticket_tasks
  WHERE tenant_id = $1 AND party_kind = 'office' AND state IN ('waiting', 'open', 'signed', 'lent')`;

interface OfficeParts {
  readonly members: Office['members'];
  readonly areas: Office['areas'];
  readonly categories: Office['categories'];
}
interface FullRow extends OfficeParts {
  id: string;
  code: string;
  name: string;
  parent_id: string | null;
  hall_id: string | null;
  region_id: string | null;
  calendar: string | null;
  is_fallback: boolean;
  version: number;
  archived_at: Date | null;
  open_tasks: number;
}

const officesSql = `
WITH open AS (${openTasksSql} GROUP BY party_id)
SELECT o.id, o.code, o.name, o.parent_id, o.hall_id, o.region_id, o.calendar, o.is_fallback, o.version, o.archived_at,
  coalesce(open.open, 0) AS open_tasks,
  coalesce((SELECT jsonb_agg(jsonb_build_object('userId', m.user_id, 'name', u.display_name, 'active', u.state = 'active', 'isLeader', m.is_leader, 'skills', m.skills) ORDER BY m.is_leader DESC, u.display_name, m.user_id)
    FROM office_members m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id WHERE m.tenant_id = $1 AND m.office_id = o.id), '[]') AS members,
  coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'purpose', a.purpose, 'name', a.name, 'hallId', a.hall_id, 'regionId', a.region_id, 'polygon', a.polygon) ORDER BY a.id)
    FROM office_areas a WHERE a.tenant_id = $1 AND a.office_id = o.id), '[]') AS areas,
  coalesce((SELECT jsonb_agg(jsonb_build_object('tree', c.tree, 'code', c.code) ORDER BY c.tree, c.code)
    FROM office_categories c WHERE c.tenant_id = $1 AND c.office_id = o.id), '[]') AS categories
FROM offices o LEFT JOIN open ON open.party_id = o.id
WHERE o.tenant_id = $1 AND ($2::uuid IS NULL OR o.id = $2) AND ($3 OR o.archived_at IS NULL)
ORDER BY o.code, o.id`;

const toOffice = (row: FullRow): Office => ({
  ...{ id: row.id, code: row.code, name: row.name, parentId: row.parent_id },
  ...{ hallId: row.hall_id, regionId: row.region_id, calendar: row.calendar, isFallback: row.is_fallback },
  ...{ members: row.members, areas: row.areas as Office['areas'], categories: row.categories },
  ...{ openTasks: row.open_tasks, version: row.version, archivedAt: row.archived_at?.toISOString() ?? null },
});

export const readOffices = async (
  tx: Tx,
  tenantId: string,
  { officeId, archived }: { readonly officeId?: string; readonly archived: boolean },
): Promise<Office[]> => {
  const { rows } = await tx.$client.query<FullRow>(officesSql, [tenantId, officeId ?? null, archived]);
  return rows.map(toOffice);
};

export const readOffice = async (tx: Tx, tenantId: string, officeId: string): Promise<Office> => {
  const [found] = await readOffices(tx, tenantId, { officeId, archived: true });
  if (!found) throw noSuchOffice();
  return found;
};
