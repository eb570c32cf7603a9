import type { Label } from '@hallhub/shared';
import type { Severity } from '@hallhub/shared/wire';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { shownName } from '../fleet/read-devices.js';
import type { Asked } from './read-incidents.js';

export const mostFaults = 20_000;

/** An alarm as it was raised: what the reports of a period rest on. */
export interface RawFault {
  readonly id: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
  readonly hallName: string;
  readonly unitName: string;
  readonly deviceName: string | null;
  readonly severity: Severity;
  readonly message: Label;
  readonly occurrences: number;
  readonly acknowledgedBy: string | null;
  /** The repair that it opened or joined. */
  readonly ticketNumber: string | null;
}

interface Row {
  id: string;
  raised_at: string;
  cleared_at: string | null;
  hall_name: string;
  unit_name: string;
  device_name: string | null;
  severity: Severity;
  message: Label;
  occurrences: number;
  acknowledged_by_name: string | null;
  number: string | null;
}

const scopeOf = (ctx: VerbContext, { from, to, hallId, right }: Omit<Asked, 'kind' | 'level'>) => {
  const within = (of: 'alarm.read' | Asked['right']) => {
    const halls = ctx.actor.scopeFilter(of);
    return halls === 'all' ? sql`true` : sql`a.hall_id = ANY(${sql.param([...halls])}::uuid[])`;
  };
  return sql`a.tenant_id = ${ctx.actor.tenantId} AND a.raised_at >= ${from} AND a.raised_at < ${to}
    AND ${within('alarm.read')} AND ${within(right)} AND ${hallId ? sql`a.hall_id = ${hallId}` : sql`true`}`;
};

/** How many alarms were raised in a time, of how many devices and units, in halls within reach. */
export const countFaults = async (
  tx: Tx,
  ctx: VerbContext,
  asked: Omit<Asked, 'kind' | 'level'>,
): Promise<{ readonly alarms: number; readonly sources: number }> => {
  const { rows } = (await tx.execute(sql`SELECT count(*)::int AS alarms,
    count(DISTINCT coalesce(a.device_id, a.unit_id))::int AS sources FROM alarms a WHERE ${scopeOf(ctx, asked)}`)) as unknown as {
    rows: { alarms: number; sources: number }[];
  };
  return rows[0] ?? { alarms: 0, sources: 0 };
};

/** The alarms themselves, the first first; `mostFaults` at most. */
export const readFaults = async (
  tx: Tx,
  ctx: VerbContext,
  asked: Omit<Asked, 'kind' | 'level'>,
): Promise<RawFault[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT a.id, a.raised_at, a.cleared_at, h.name AS hall_name, u.name AS unit_name, ${shownName} AS device_name,
      a.severity, a.message, a.occurrences, coalesce(p.display_name, a.acknowledged_by_name) AS acknowledged_by_name, t.number
    FROM alarms a JOIN halls h ON h.tenant_id = a.tenant_id AND h.id = a.hall_id JOIN units u ON u.tenant_id = a.tenant_id AND u.id = a.unit_id
      LEFT JOIN devices d ON d.tenant_id = a.tenant_id AND d.id = a.device_id
      LEFT JOIN users p ON p.tenant_id = a.tenant_id AND p.id = a.acknowledged_by
      LEFT JOIN repair_alarms r ON r.tenant_id = a.tenant_id AND r.alarm_id = a.id
      LEFT JOIN tickets t ON t.tenant_id = r.tenant_id AND t.id = r.ticket_id
    WHERE ${scopeOf(ctx, asked)} ORDER BY a.raised_at, a.id LIMIT ${mostFaults}`)) as unknown as { rows: Row[] };
  return rows.map((row) => ({
    ...{ id: row.id, raisedAt: new Date(row.raised_at).toISOString() },
    clearedAt: row.cleared_at === null ? null : new Date(row.cleared_at).toISOString(),
    ...{ hallName: row.hall_name, unitName: row.unit_name, deviceName: row.device_name },
    ...{ severity: row.severity, message: row.message, occurrences: row.occurrences },
    ...{ acknowledgedBy: row.acknowledged_by_name, ticketNumber: row.number },
  }));
};
