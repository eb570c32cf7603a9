import { applyEvent, type KindVersion, migrationOf, type TicketEvent } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { loadCalendars } from '../../calendars/calendar-book.js';
import { documentOf, findKind } from '../../ticket-kinds/read-kinds.js';
import { requireKind } from '../../ticket-kinds/verbs/compare-kind.js';
import { mostComparingMs } from './calendar-what-if.js';
import { compareClocks } from './compare-clocks.js';
import type { ClocksWhatIf } from './contract.js';
import { causesOf } from './refusals.js';

const mostTickets = 100_000;

export interface KindWhatIf {
  readonly code: string;
  /** Left out: the draft. */
  readonly document?: unknown;
  /** Steps that are called otherwise there. */
  readonly steps: Readonly<Record<string, string>>;
  readonly mostMs?: number;
}

/**
 * What the clocks of a kind's running tickets would be if they went on by this document. Tickets stay on their version until somebody
 * moves them; moving them makes exactly this of them. Errors: `forbidden`, `not_found`, `conflict` reason `faults`.
 */
export const kindWhatIf = (ctx: VerbContext, input: KindWhatIf): Promise<ClocksWhatIf> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      ctx.actor.require('ticketkind.write', 'tenant');
      const { tenantId } = ctx.actor;
      const { code, steps, mostMs = mostComparingMs } = input;
      const row = await findKind(tx, tenantId, code);
      const document = input.document ?? (await documentOf(tx, row));
      const kind = await requireKind(tx, tenantId, { code, document });
      const calendars = await loadCalendars(tx, tenantId);
      const { rows } = await tx.$client.query<{ id: string; clocks: number }>(
        `SELECT t.id, (SELECT count(*)::int FROM ticket_clocks c WHERE c.tenant_id = t.tenant_id AND c.ticket_id = t.id AND c.ended_at IS NULL) AS clocks
         FROM tickets t WHERE t.tenant_id = $1 AND t.kind = $2 AND t.status <> 'ended' ORDER BY t.due_at, t.id LIMIT ${mostTickets}`,
        [tenantId, code],
      );
      const clocks = rows.reduce((sum, one) => sum + one.clocks, 0);
      const report = await compareClocks(tx, ctx, {
        ...{ ticketIds: rows.map(({ id }) => id), mostMs, before: calendars },
        concerns: () => true,
        after: ({ state, events, from }) => {
          // No version of its own yet: one that no ticket runs on.
          const to: KindVersion = { version: from.version + 1, kind };
          const migration = migrationOf(state, { from, to, steps });
          if (!migration.ok) return { causes: causesOf(migration.obstacles, [from.kind, kind]) };
          const line = { ...migration.line, seq: state.seq + 1, at: ctx.clock.now(), by: '' } as TicketEvent;
          return { kind, calendars, state: applyEvent(state, line), events: [...events, line] };
        },
      });
      return report.answer({ clocks, same: 0 });
    },
    { readOnly: true, isolation: 'repeatable read' },
  );
