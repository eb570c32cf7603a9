import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import type { IntakeLogLine } from './source-contract.js';

interface LogRow {
  rule_id: string;
  rule_name: string | null;
  source: string;
  outcome: IntakeLogLine['outcome'];
  text: string;
  reason: string | null;
  at: string;
  noted_at: string;
  hall_name: string;
  device_id: string;
  device_name: string;
  ticket_id: string | null;
  number: string | null;
}

export interface LogFilter {
  readonly ruleId?: string | undefined;
  readonly outcome?: IntakeLogLine['outcome'] | undefined;
  readonly limit: number;
}

/** What rules did lately, newest first, in halls whose tickets the reader may see. */
export const listIntakeLog = (ctx: VerbContext, filter: LogFilter): Promise<{ items: IntakeLogLine[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = (await tx.execute(sql`
        SELECT o.rule_id, r.name AS rule_name, o.source, o.outcome, o.text, o.reason, o.at, o.noted_at, h.name AS hall_name, d.id AS device_id,
          ${shownName} AS device_name, t.id AS ticket_id, t.number
        FROM intake_occurrences o JOIN halls h ON h.tenant_id = o.tenant_id AND h.id = o.hall_id
          JOIN devices d ON d.tenant_id = o.tenant_id AND d.id = o.device_id
          LEFT JOIN intake_rules r ON r.tenant_id = o.tenant_id AND r.id = o.rule_id
          LEFT JOIN tickets t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id
        WHERE o.tenant_id = ${ctx.actor.tenantId} AND ${inReach(sql`o.hall_id`, ctx.actor, 'ticket.read') ?? sql`true`}
          AND ${filter.ruleId ? sql`o.rule_id = ${filter.ruleId}` : sql`true`}
          AND ${filter.outcome ? sql`o.outcome = ${filter.outcome}` : sql`true`}
        ORDER BY o.noted_at DESC, o.rule_id, o.key LIMIT ${filter.limit}`)) as unknown as { rows: LogRow[] };
      return {
        items: rows.map((row) => ({
          ...{ ruleId: row.rule_id, ruleName: row.rule_name, source: row.source, outcome: row.outcome, text: row.text },
          ...{ reason: row.reason, at: new Date(row.at).toISOString(), notedAt: new Date(row.noted_at).toISOString() },
          ...{ hallName: row.hall_name, device: { id: row.device_id, name: row.device_name } },
          ticket: row.ticket_id === null ? null : { id: row.ticket_id, number: row.number ?? '' },
        })),
      };
    },
    { readOnly: true },
  );
