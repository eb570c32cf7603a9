import { toHubError } from '@hallhub/shared';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';

export type AsideWork = 'recompute' | 'note' | 'resume';

export interface Aside {
  readonly ticketId: string;
  readonly error: unknown;
}

const firstRetryMs = 5 * 60_000;
const longestRetryMs = 6 * 3_600_000;
const mostReason = 500;

/** Clause over a ticket's id: it is not one that waits aside for this work. `$n` is the instant. */
export const notAside = (work: AsideWork, of: { readonly ticketId: string; readonly now: string }): string =>
  `NOT EXISTS (SELECT 1 FROM tickets_aside a WHERE a.tenant_id = $1 AND a.ticket_id = ${of.ticketId} AND a.work = '${work}' AND a.retry_at > ${of.now})`;

/** What went wrong, never with a value of the ticket: zod and PostgreSQL tell places and codes. */
export const reasonOf = (error: unknown): string => toHubError(error).message.slice(0, mostReason);

/** Puts tickets aside that a work could not do, each for longer than the last time; the first time stands in the trail. */
export const putAside = async (
  tx: Tx,
  ctx: VerbContext,
  { work, failed }: { readonly work: AsideWork; readonly failed: readonly Aside[] },
): Promise<void> => {
  const { tenantId } = ctx.actor;
  const now = ctx.clock.now();
  for (const { ticketId, error } of failed) {
    const { rows } = await tx.$client.query<{ tries: number; number: string; hall_id: string | null }>(
      `INSERT INTO tickets_aside AS a (tenant_id, ticket_id, work, reason, since, tries, last_at, retry_at)
       VALUES ($1, $2, $3, $4, $5, 1, $5, $6)
       ON CONFLICT (tenant_id, ticket_id, work) DO UPDATE SET reason = excluded.reason, tries = a.tries + 1, last_at = excluded.last_at,
         retry_at = excluded.last_at + least($7::bigint * 2 ^ least(a.tries, 20), $8) * interval '1 millisecond'
       RETURNING tries, (SELECT number FROM tickets t WHERE t.tenant_id = $1 AND t.id = $2),
         (SELECT hall_id FROM tickets t WHERE t.tenant_id = $1 AND t.id = $2)`,
      [
        ...[tenantId, ticketId, work, reasonOf(error), new Date(now), new Date(now + firstRetryMs)],
        ...[firstRetryMs, longestRetryMs],
      ],
    );
    const [row] = rows;
    if (row?.tries !== 1) continue;
    await audit(tx, ctx, {
      action: 'ticket.put_aside',
      target: { kind: 'ticket', id: ticketId, name: row.number },
      hallId: row.hall_id,
      after: { work, reason: reasonOf(error) },
    });
  }
};

/** What was done after all waits no longer. */
export const takeBack = async (
  tx: Tx,
  tenantId: string,
  { work, ticketIds }: { readonly work: AsideWork; readonly ticketIds: readonly string[] },
): Promise<void> => {
  if (ticketIds.length === 0) return;
  await tx.$client.query(
    'DELETE FROM tickets_aside WHERE tenant_id = $1 AND work = $2 AND ticket_id = ANY($3::uuid[])',
    [...[tenantId, work, ticketIds]],
  );
};
