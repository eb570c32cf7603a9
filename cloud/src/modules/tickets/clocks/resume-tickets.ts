import { isHubError } from '@hallhub/shared';
import { withSystem, withTenant } from '../../../db/index.js';
import { actOnTicket } from '../act-on-ticket.js';
import { putAside } from '../aside/put-aside.js';
import { type ClockDeps, contextOf } from './note-clocks.js';

const most = 1_000;

/** Tickets that were suspended until an instant go on when it has come. Answers how many. One that cannot is put aside; what then fails is thrown. */
export const resumeTickets = async (deps: ClockDeps, signal?: AbortSignal): Promise<number> => {
  const { rows } = await withSystem(
    deps.database,
    (tx) =>
      tx.$client.query<{ tenant_id: string; id: string; seq: number }>(
        `SELECT t.tenant_id, t.id, t.seq FROM tickets t CROSS JOIN LATERAL (SELECT h.data FROM ticket_history h
           WHERE h.tenant_id = t.tenant_id AND h.ticket_id = t.id AND h.type = 'suspended' ORDER BY h.seq DESC LIMIT 1) said
         WHERE t.status = 'suspended' AND (said.data ->> 'untilAt')::bigint <= $1
           AND NOT EXISTS (SELECT 1 FROM tickets_aside a WHERE a.tenant_id = t.tenant_id AND a.ticket_id = t.id AND a.work = 'resume' AND a.retry_at > $2)
         LIMIT ${most}`,
        [deps.clock.now(), new Date(deps.clock.now())],
      ),
    { readOnly: true },
  );
  let resumed = 0;
  for (const { tenant_id: tenantId, id: ticketId, seq } of rows) {
    signal?.throwIfAborted();
    const ctx = contextOf(deps, tenantId);
    const command = { do: 'resume', opinion: '挂起期满' } as const;
    try {
      await withTenant(deps.database, ctx.actor, (tx) => actOnTicket(tx, ctx, { ticketId, seq, command }));
      resumed += 1;
    } catch (error) {
      // Somebody was faster: what they did stands.
      if (isHubError(error, 'precondition_failed') || isHubError(error, 'conflict')) continue;
      await withTenant(deps.database, ctx.actor, (tx) =>
        putAside(tx, ctx, { work: 'resume', failed: [{ ticketId, error }] }),
      );
    }
  }
  return resumed;
};
