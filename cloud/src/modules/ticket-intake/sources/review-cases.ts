import type { Label } from '@hallhub/shared';
import type { TicketKind, TicketState } from '@hallhub/shared/ticket';
import { afterCommit, type Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { TicketHook } from '../../tickets/ticket-hooks.js';
import type { Occurrence } from './occurrence.js';
import type { CaseResult } from './tables.js';

/** The finding is a case; its pictures follow as they come. */
export const noteCase = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly finding: NonNullable<Occurrence['finding']>;
    readonly ticketId: string;
    /** Null: a rule's. */
    readonly byName: string | null;
  },
): Promise<void> => {
  const { tenantId } = ctx.actor;
  const at = new Date(ctx.clock.now());
  await tx.$client.query(
    `INSERT INTO review_cases (tenant_id, finding_id, ticket_id, item_id, by_name, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [tenantId, of.finding.id, of.ticketId, of.finding.itemId, of.byName, at],
  );
  await tx.$client.query(
    `INSERT INTO intake_pictures (tenant_id, ticket_id, evidence_id, at) SELECT $1, $2, unnest($3::uuid[]), $4 ON CONFLICT DO NOTHING`,
    [tenantId, of.ticketId, of.finding.pictureIds, at],
  );
  await announce(tx, ctx, of.ticketId);
};

/** Who has the item open sees it at once. */
const announce = async (tx: Tx, ctx: VerbContext, ticketId: string): Promise<void> => {
  const { tenantId } = ctx.actor;
  const { rows } = await tx.$client.query<{ item_id: string; hall_id: string; device_id: string }>(
    `SELECT DISTINCT c.item_id, i.hall_id, i.device_id FROM review_cases c JOIN review_items i ON i.tenant_id = c.tenant_id AND i.id = c.item_id
     WHERE c.tenant_id = $1 AND c.ticket_id = $2`,
    [tenantId, ticketId],
  );
  afterCommit(tx, () => {
    for (const row of rows) {
      ctx.live.publish({
        ...{ tenantId, hallId: row.hall_id, deviceId: row.device_id, topic: 'review', type: 'review.changed' },
        data: { itemId: row.item_id, deviceId: row.device_id, ticketId },
      });
    }
  });
};

const resultOf = (kind: TicketKind, state: TicketState): CaseResult => {
  const text = (key: string): string | null => {
    const field = kind.fields.find((one) => one.key === key);
    const value = state.fields[key];
    return field && !field.personal && typeof value === 'string' && value !== '' ? value.slice(0, 2_000) : null;
  };
  const checked = kind.fields.find(({ key }) => key === 'checkedBy');
  const label: Label | undefined =
    checked?.type === 'choice'
      ? checked.choices.find(({ value }) => value === state.fields.checkedBy)?.label
      : undefined;
  const { isTrue } = state.fields;
  return {
    ...{ outcome: state.outcome ?? 'closed', at: new Date(state.endedAt ?? state.madeAt).toISOString() },
    ...{ isTrue: typeof isTrue === 'boolean' ? isTrue : null, result: text('result'), checkedBy: label ?? null },
    checkWords: text('checkWords'),
  };
};

/** A case that ends tells its findings what came of them; one that is opened again takes it back. */
export const caseHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, kind, after, events }) => {
    const ends =
      events.some(({ type }) => type === 'ended') ||
      (after.status === 'ended' && events.some(({ type }) => type === 'entered'));
    const reopens = events.some(({ type }) => type === 'reopened');
    if (!ends && !reopens) return;
    const { rowCount } = await tx.$client.query(
      'UPDATE review_cases SET result = $3 WHERE tenant_id = $1 AND ticket_id = $2',
      [ctx.actor.tenantId, ticket.id, ends ? JSON.stringify(resultOf(kind, after)) : null],
    );
    if (rowCount !== null && rowCount > 0) await announce(tx, ctx, ticket.id);
  },
};
