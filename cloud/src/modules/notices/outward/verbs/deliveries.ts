import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../../db/index.js';
import { decodeCursor, type Page, toPage } from '../../../../verb-kit/pagination.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import { openTicket } from '../../../tickets/store/change-ticket.js';
import { type DeliveryRow, noticeDeliveries } from '../../tables.js';
import type { DeliveriesQuery, DeliveryDto, TicketNoticeLine } from '../outward-contract.js';
import { requireChannels } from './channels.js';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

interface Shown {
  readonly row: DeliveryRow;
  readonly name: string | null;
  readonly number: string | null;
  readonly heldBy: string | null;
}

const select = (tx: Tx) =>
  tx
    .select({
      row: noticeDeliveries,
      name: sql<string | null>`(SELECT display_name FROM users WHERE users.id::text = ${noticeDeliveries.personId})`,
      number: sql<string | null>`(SELECT number FROM tickets WHERE tickets.id = ${noticeDeliveries.ticketId})`,
      heldBy: sql<string | null>`(SELECT b.delivery_id FROM notice_bounces b
        WHERE b.tenant_id = ${noticeDeliveries.tenantId} AND b.hash = ${noticeDeliveries.toHash})`,
    })
    .from(noticeDeliveries);

const toDto = ({ row, name, number, heldBy }: Shown): DeliveryDto => ({
  ...{ id: row.id, channelId: row.channelId, channel: row.channel, rule: row.rule, topic: row.topic },
  ...{ urgent: row.urgent, state: row.state, addressee: row.addressee, to: { name, shown: row.shownTo } },
  ticket: row.ticketId === null || number === null ? null : { id: row.ticketId, number },
  ...{ text: row.text, code: row.code, detail: row.detail, attempts: row.attempts, nextAt: iso(row.nextAt) },
  ...{ madeAt: row.madeAt.toISOString(), sentAt: isSent(row) ? iso(row.sentAt) : null, doneAt: iso(row.doneAt) },
  ...{ digestId: row.digestId, receipts: row.receipts, heldBy },
});

/** Before that the column says only since when it counts for its person’s hour. */
const isSent = ({ state }: DeliveryRow): boolean => state === 'sent' || state === 'delivered' || state === 'unknown';

/** The log of all channels or one, newest first. */
export const listDeliveries = (ctx: VerbContext, input: DeliveriesQuery): Promise<Page<DeliveryDto>> => {
  requireChannels(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const after = decodeCursor(input.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const wanted: (SQL | undefined)[] = [
        eq(noticeDeliveries.tenantId, ctx.actor.tenantId),
        input.channelId === undefined ? undefined : eq(noticeDeliveries.channelId, input.channelId),
        input.state && eq(noticeDeliveries.state, input.state),
        input.ticketId === undefined ? undefined : eq(noticeDeliveries.ticketId, input.ticketId),
        input.code === undefined ? undefined : eq(noticeDeliveries.code, input.code),
        input.held
          ? sql`EXISTS (SELECT 1 FROM notice_bounces b WHERE b.tenant_id = ${noticeDeliveries.tenantId} AND b.delivery_id = ${noticeDeliveries.id})`
          : undefined,
        after
          ? sql`(${noticeDeliveries.madeAt}, ${noticeDeliveries.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
          : undefined,
      ];
      const rows = await select(tx)
        .where(and(...wanted))
        .orderBy(desc(noticeDeliveries.madeAt), desc(noticeDeliveries.id))
        .limit(input.limit + 1);
      return toPage(rows, input.limit, { item: toDto, key: ({ row }) => [row.madeAt.toISOString(), row.id] });
    },
    { readOnly: true },
  );
};

/** States from which a person may have it sent again. */
const replayable: ReadonlySet<DeliveryRow['state']> = new Set(['failed', 'unknown', 'skipped', 'waiting']);

/** Sends it now, with the id it had: who got it already knows it again. Errors: `not_found`, `conflict`. */
export const replayDelivery = (
  ctx: VerbContext,
  input: { readonly deliveryId: string; readonly wake: (channelId: string) => void },
): Promise<DeliveryDto> => {
  requireChannels(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const [row] = await tx
      .select()
      .from(noticeDeliveries)
      .where(eq(noticeDeliveries.id, input.deliveryId))
      .for('update');
    if (!row) throw new HubError('not_found', 'There is no such notice');
    if (!replayable.has(row.state)) throw new HubError('conflict', 'It went out: nothing is sent again');
    // A code, or an answer to a letter: its words went with it.
    if (row.addressee === 'address' && row.body === null)
      throw new HubError('conflict', 'Its words are not kept any longer', { context: { reason: 'words_gone' } });
    const nowMs = ctx.clock.now();
    if (row.state === 'waiting' && (row.leasedTill?.getTime() ?? 0) > nowMs)
      throw new HubError('conflict', 'It is being sent at this moment');
    await tx
      .update(noticeDeliveries)
      .set({
        ...{ state: 'waiting', nextAt: new Date(nowMs), doneAt: null, code: null, detail: null },
        ...{ attempts: 0, sentAt: null, leasedTill: null, lease: null },
      })
      .where(eq(noticeDeliveries.id, row.id));
    await audit(tx, ctx, {
      action: 'noticechannel.replayed',
      target: { kind: 'noticedelivery', id: row.id, name: row.rule },
    });
    const [shown] = await select(tx).where(eq(noticeDeliveries.id, row.id));
    if (!shown) throw new HubError('bug', 'the notice just locked is gone');
    return toDto(shown);
  }).then((shown) => {
    input.wake(shown.channelId);
    return shown;
  });
};

const mostLines = 500;

/** Whom a ticket’s notices told what, and whether it arrived; for whoever may see the ticket. Errors: `not_found`. */
export const listTicketNotices = (ctx: VerbContext, { ticketId }: { readonly ticketId: string }) =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      await openTicket(tx, ctx, { ticketId });
      const out = await select(tx)
        .where(eq(noticeDeliveries.ticketId, ticketId))
        .orderBy(desc(noticeDeliveries.madeAt), desc(noticeDeliveries.id))
        .limit(mostLines);
      const inside = await tx.$client.query<{
        id: string;
        name: string | null;
        rule: string;
        text: TicketNoticeLine['text'];
        made_at: Date;
        read_at: Date | null;
      }>(
        `SELECT n.id, u.display_name AS name, n.rule, n.text, n.made_at, n.read_at FROM notices n
         LEFT JOIN users u ON u.id::text = n.person_id WHERE n.ticket_id = $1 ORDER BY n.made_at DESC, n.id DESC LIMIT ${mostLines}`,
        [ticketId],
      );
      const channels = await tx.$client.query<{ kind: 'email' | 'sms' | 'webhook' }>(
        'SELECT DISTINCT kind FROM notice_channels WHERE enabled AND archived_at IS NULL ORDER BY kind',
      );
      const lines: TicketNoticeLine[] = [
        ...out.map(
          ({ row, name }): TicketNoticeLine => ({
            ...{ id: row.id, channel: row.channel, rule: row.rule, text: row.text, addressee: row.addressee, name },
            ...{ shown: row.shownTo, state: row.state, code: row.code, madeAt: row.madeAt.toISOString() },
            at: iso(row.doneAt ?? (isSent(row) ? row.sentAt : null)),
          }),
        ),
        ...inside.rows.map(
          (row): TicketNoticeLine => ({
            ...{ id: row.id, channel: 'in_app', rule: row.rule, text: row.text, addressee: 'person', name: row.name },
            ...{ shown: null, state: row.read_at ? 'read' : 'unread', code: null, madeAt: row.made_at.toISOString() },
            at: iso(row.read_at),
          }),
        ),
      ];
      lines.sort((a, b) => b.madeAt.localeCompare(a.madeAt) || b.id.localeCompare(a.id));
      return { items: lines.slice(0, mostLines), channels: channels.rows.map(({ kind }) => kind) };
    },
    { readOnly: true },
  );
