import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { PartyBook } from '../../offices/party-book.js';
import type { TicketCounts } from '../contract.js';
import { doerOf, partiesOf } from '../store/ticket-world.js';
import { doneWithinReach } from './ticket-where.js';

/** Of tasks to do how many tickets: one may stand there more than once only where several of its tasks are to do. */
const tickets = (which: SQL): SQL =>
  sql`count(*) FILTER (WHERE NOT is_shared AND ${which}) + count(DISTINCT ticket_id) FILTER (WHERE is_shared AND ${which})`;

/** How many tickets stand in each of the reader's own lists. */
export const countTickets = (ctx: VerbContext): Promise<TicketCounts> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId, userId } = ctx.actor;
      const now = ctx.clock.now();
      const at = new Date(now);
      const mine = partiesOf(await PartyBook.load(tx, tenantId, now, { asksForSkills: false }), userId, now);
      // As the lists behind them: who once did something with a ticket may be without reach of it since.
      const reach = doneWithinReach({ actor: ctx.actor, mine, now }) ?? sql`true`;
      const done = (isOver: boolean): SQL => sql`(SELECT count(*) FROM ticket_doers d
        WHERE d.tenant_id = ${tenantId} AND d.person_id = ${userId}::uuid AND d.is_over = ${isOver} AND ${reach})::int`;
      const { rows } = (await tx.execute(sql`
        WITH todo AS (SELECT k.ticket_id, k.is_shared, coalesce(k.red_at <= ${at}, false) AS is_red, coalesce(k.yellow_at <= ${at}, false) AS is_yellow
            FROM ticket_tasks k WHERE k.tenant_id = ${tenantId} AND k.doer_id = ANY(${sql.param([...mine])}::uuid[]) AND k.state IN ('open', 'signed')),
          lit AS (SELECT ${tickets(sql`true`)} AS todo, ${tickets(sql`is_red`)} AS red, ${tickets(sql`is_yellow AND NOT is_red`)} AS yellow FROM todo)
        SELECT lit.todo::int AS todo, lit.red::int AS "todoRed", lit.yellow::int AS "todoYellow",
          ${done(false)} AS handled,
          (SELECT count(*) FROM tickets t WHERE t.tenant_id = ${tenantId} AND t.made_by = ${doerOf(ctx.actor)})::int AS initiated,
          ${done(true)} AS done
        FROM lit`)) as unknown as { rows: TicketCounts[] };
      return rows[0] ?? { todo: 0, todoRed: 0, todoYellow: 0, handled: 0, initiated: 0, done: 0 };
    },
    { readOnly: true },
  );
