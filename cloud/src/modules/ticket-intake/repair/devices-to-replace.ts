import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import { adviseFrom, adviseSince, failuresOf, repairKindsOf } from './count-failures.js';
import type { DevicesToReplace } from './repair-contract.js';

const mostShown = 100;

interface Row {
  deviceId: string;
  name: string;
  hallId: string;
  hallName: string;
  failures: number;
  lastAt: string;
}

/** Devices in use that failed so often lately that another one would be better; in halls within reach, the worst first. */
export const listDevicesToReplace = (ctx: VerbContext): Promise<DevicesToReplace> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId } = ctx.actor;
      const halls = ctx.actor.scopeFilter('ticket.read');
      const { rows } = (await tx.execute(sql`
        SELECT d.id AS "deviceId", ${shownName} AS name, h.id AS "hallId", h.name AS "hallName",
          f.failures, f.last_at AS "lastAt"
        FROM (SELECT t.device_id, sum(${sql.raw(failuresOf)})::int AS failures, max(t.made_at) AS last_at FROM tickets t
            WHERE t.tenant_id = ${tenantId} AND t.device_id IS NOT NULL AND t.made_at >= ${adviseSince(ctx)}
              AND t.kind IN (${repairKindsOf(tenantId)}) AND coalesce(t.outcome, 'closed') = 'closed'
            GROUP BY t.device_id HAVING sum(${sql.raw(failuresOf)}) >= ${adviseFrom}) f
          JOIN devices d ON d.tenant_id = ${tenantId} AND d.id = f.device_id JOIN halls h ON h.tenant_id = d.tenant_id AND h.id = d.hall_id
        WHERE d.state = 'active' AND ${halls === 'all' ? sql`true` : sql`d.hall_id = ANY(${sql.param([...halls])}::uuid[])`}
        ORDER BY f.failures DESC, f.last_at DESC LIMIT ${mostShown}`)) as unknown as { rows: Row[] };
      return { items: rows.map((row) => ({ ...row, lastAt: new Date(row.lastAt).toISOString() })) };
    },
    { readOnly: true },
  );
