import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import type { RepairLog } from '../repair/repair-contract.js';
import type { Severity } from '../tables.js';

interface LogRow {
  alarm_id: string;
  what: RepairLog['items'][number]['what'];
  at: string;
  raised_at: string;
  cleared_at: string | null;
  message: { zh: string; en?: string };
  severity: Severity;
  hall_name: string;
  device_id: string | null;
  device_name: string | null;
  ticket_id: string | null;
  number: string | null;
}

const iso = (at: string): string => new Date(at).toISOString();

/** What alarms became lately, newest first, in halls whose tickets the reader may see. */
export const listRepairLog = (ctx: VerbContext, { limit }: { readonly limit: number }): Promise<RepairLog> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const reach = inReach(sql`a.hall_id`, ctx.actor, 'ticket.read') ?? sql`true`;
      const { rows } = (await tx.execute(sql`
        SELECT k.alarm_id, k.what, k.at, a.raised_at, a.cleared_at, a.message, a.severity, h.name AS hall_name, d.id AS device_id,
          ${shownName} AS device_name, t.id AS ticket_id, t.number
        FROM repair_alarms k JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id JOIN halls h ON h.id = a.hall_id
          LEFT JOIN devices d ON d.tenant_id = a.tenant_id AND d.id = a.device_id
          LEFT JOIN tickets t ON t.tenant_id = k.tenant_id AND t.id = k.ticket_id
        WHERE k.tenant_id = ${ctx.actor.tenantId} AND ${reach} ORDER BY k.at DESC, k.alarm_id DESC LIMIT ${limit}`)) as unknown as {
        rows: LogRow[];
      };
      const held = (await tx.execute(sql`
        SELECT count(*)::int AS count FROM repair_alarms k JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id
        WHERE k.tenant_id = ${ctx.actor.tenantId} AND k.what = 'held' AND a.cleared_at IS NULL AND ${reach}`)) as unknown as {
        rows: { count: number }[];
      };
      return {
        items: rows.map((row) => ({
          ...{ alarmId: row.alarm_id, what: row.what, at: iso(row.at), raisedAt: iso(row.raised_at) },
          clearedAt: row.cleared_at === null ? null : iso(row.cleared_at),
          ...{ message: row.message, severity: row.severity, hallName: row.hall_name },
          device: row.device_id === null ? null : { id: row.device_id, name: row.device_name ?? '' },
          ticket: row.ticket_id === null ? null : { id: row.ticket_id, number: row.number ?? '' },
        })),
        heldNow: held.rows[0]?.count ?? 0,
      };
    },
    { readOnly: true },
  );
