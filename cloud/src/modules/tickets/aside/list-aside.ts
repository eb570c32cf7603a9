import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { AsideList } from './contract.js';

const most = 200;

interface Row {
  id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  work: AsideList['items'][number]['work'];
  reason: string;
  since: Date;
  tries: number;
  retry_at: Date;
  all: number;
}

/** Tickets that the platform could not work on by itself, and why; of the whole organisation. Errors: `forbidden`. */
export const listAside = (ctx: VerbContext): Promise<AsideList> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      ctx.actor.require('ticket.supervise', 'tenant');
      const { rows } = await tx.$client.query<Row>(
        `SELECT t.id, t.number, t.title, t.kind, t.kind_version, a.work, a.reason, a.since, a.tries, a.retry_at, count(*) OVER ()::int AS all
         FROM tickets_aside a JOIN tickets t ON t.tenant_id = a.tenant_id AND t.id = a.ticket_id
         WHERE a.tenant_id = $1 ORDER BY a.since, t.id LIMIT ${most}`,
        [ctx.actor.tenantId],
      );
      return {
        total: rows[0]?.all ?? 0,
        items: rows.map(({ id, number, title, kind, kind_version, work, reason, since, tries, retry_at }) => ({
          ...{ ticket: { id, number, title }, kind: { code: kind, version: kind_version } },
          ...{ work, reason, since: since.toISOString(), tries, retryAt: retry_at.toISOString() },
        })),
      };
    },
    { readOnly: true },
  );

/** All of them are tried again with the next round: somebody has mended what kept them. Errors: `forbidden`. */
export const retryAside = (ctx: VerbContext): Promise<{ tickets: number }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    ctx.actor.require('ticket.supervise', 'tenant');
    const { rowCount } = await tx.$client.query('UPDATE tickets_aside SET retry_at = $2 WHERE tenant_id = $1', [
      ctx.actor.tenantId,
      new Date(ctx.clock.now()),
    ]);
    await audit(tx, ctx, {
      action: 'ticket.aside_retried',
      target: { kind: 'ticket', id: ctx.actor.tenantId, name: '' },
      after: { tickets: rowCount },
    });
    return { tickets: rowCount ?? 0 };
  });
