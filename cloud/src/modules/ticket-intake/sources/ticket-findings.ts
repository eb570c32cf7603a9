import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import type { TicketFinding } from './source-contract.js';

const mostShown = 64;

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly item_id: string;
  readonly number: string;
  readonly algorithm: string;
  readonly rule_name: string;
  readonly device_id: string;
  readonly device_name: string;
  readonly started_at: Date;
}

/** What cameras found that a ticket is about, within reach of who may look at findings. Errors: `not_found` (the ticket). */
export const listTicketFindings = (
  ctx: VerbContext,
  { ticketId }: { readonly ticketId: string },
): Promise<{ items: TicketFinding[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      await openTicket(tx, ctx, { ticketId });
      const { rows } = await tx.execute<Row>(sql`
        SELECT f.id, f.item_id, f.number, f.algorithm, f.rule_name, f.device_id, ${shownName} AS device_name, f.started_at
        FROM review_cases c JOIN review_findings f ON f.tenant_id = c.tenant_id AND f.id = c.finding_id JOIN devices d ON d.id = f.device_id
        WHERE c.tenant_id = ${ctx.actor.tenantId} AND c.ticket_id = ${ticketId}
          AND ${inReach(sql`f.hall_id`, ctx.actor, 'vision.read') ?? sql`true`}
        ORDER BY f.started_at, f.id LIMIT ${mostShown}`);
      return {
        items: rows.map((row) => ({
          ...{ id: row.id, itemId: row.item_id, number: row.number, algorithm: row.algorithm, rule: row.rule_name },
          camera: { id: row.device_id, name: row.device_name },
          startedAt: new Date(row.started_at).toISOString(),
        })),
      };
    },
    { readOnly: true },
  );
