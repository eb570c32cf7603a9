import { HubError, type Label } from '@hallhub/shared';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import { sourceOf } from './catalogue.js';
import { type Occurrence, readOccurrence } from './occurrence.js';
import { noteCase } from './review-cases.js';
import type { CaseOfItem, MakeCase } from './source-contract.js';
import type { CaseResult } from './tables.js';
import { fieldsOf } from './ticket-fields.js';

interface Item {
  readonly id: string;
  readonly hallId: string;
  readonly deviceId: string;
}

/** Throws `not_found` where the item is not within the reader's reach. */
const findItem = async (tx: Tx, ctx: VerbContext, itemId: string): Promise<Item> => {
  const { rows } = await tx.$client.query<{ hall_id: string; device_id: string }>(
    'SELECT hall_id, device_id FROM review_items WHERE tenant_id = $1 AND id = $2',
    [ctx.actor.tenantId, itemId],
  );
  const [row] = rows;
  if (!row || !ctx.actor.can('vision.read', { hallId: row.hall_id })) {
    throw new HubError('not_found', 'There is no such item');
  }
  return { id: itemId, hallId: row.hall_id, deviceId: row.device_id };
};

/** Cases of an item's findings, newest first, and what came of them. */
export const listItemCases = (
  ctx: VerbContext,
  { itemId }: { readonly itemId: string },
): Promise<{ items: CaseOfItem[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      await findItem(tx, ctx, itemId);
      return { items: await readCases(tx, ctx, itemId) };
    },
    { readOnly: true },
  );

const readCases = async (tx: Tx, ctx: VerbContext, itemId: string): Promise<CaseOfItem[]> => {
  const { tenantId } = ctx.actor;
  const { rows } = await tx.$client.query<{
    ticket_id: string;
    number: string;
    title: string;
    kind: string;
    kind_version: number;
    state_id: string;
    outcome: CaseOfItem['outcome'];
    at: Date;
    by_name: string | null;
    finding_ids: string[];
    result: CaseResult | null;
  }>(
    `SELECT t.id AS ticket_id, t.number, t.title, t.kind, t.kind_version, t.state_id, t.outcome, min(c.at) AS at, max(c.by_name) AS by_name,
       array_agg(c.finding_id::text ORDER BY c.finding_id) AS finding_ids, (array_agg(c.result))[1] AS result
     FROM review_cases c JOIN tickets t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id
     WHERE c.tenant_id = $1 AND c.item_id = $2 GROUP BY t.id ORDER BY min(c.at) DESC, t.id`,
    [tenantId, itemId],
  );
  const cases: CaseOfItem[] = [];
  for (const row of rows) {
    const published = await readKind(tx, tenantId, row.kind, row.kind_version);
    const state: Label = published?.kind.states.find(({ id }) => id === row.state_id)?.label ?? { zh: row.state_id };
    const mayOpen = await openTicket(tx, ctx, { ticketId: row.ticket_id }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof HubError && error.code === 'not_found') return false;
        throw error;
      },
    );
    cases.push({
      ...{ ticketId: row.ticket_id, number: row.number, title: mayOpen ? row.title : '', state, outcome: row.outcome },
      ...{ at: row.at.toISOString(), by: row.by_name, findingIds: row.finding_ids, mayOpen, result: row.result },
    });
  }
  return cases;
};

/**
 * A case of an item by hand: once, however often it is pressed; a rule's case of the same findings is the case. Errors: `not_found`,
 * `forbidden`, `invalid_input`, and those of making a ticket.
 */
export const makeItemCase = (
  ctx: VerbContext,
  { itemId, ...input }: MakeCase & { readonly itemId: string },
): Promise<{ items: CaseOfItem[] }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const item = await findItem(tx, ctx, itemId);
    ctx.actor.require('ticket.make', { hallId: item.hallId });
    const { tenantId } = ctx.actor;
    // Two who press at once: the second finds the first's.
    await tx.$client.query('SELECT 1 FROM review_items WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE', [
      tenantId,
      itemId,
    ]);
    const { rows } = await tx.$client.query<{ id: string; started_at: Date; has: boolean }>(
      `SELECT f.id, f.started_at, EXISTS (SELECT 1 FROM review_cases c JOIN tickets t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id
         WHERE c.tenant_id = f.tenant_id AND c.finding_id = f.id AND coalesce(t.outcome, 'closed') <> 'cancelled') AS has
       FROM review_findings f WHERE f.tenant_id = $1 AND f.item_id = $2 AND ($3::uuid[] IS NULL OR f.id = ANY($3)) ORDER BY f.started_at, f.id`,
      [tenantId, itemId, input.findingIds ?? null],
    );
    if (rows.length === 0 || (input.findingIds && rows.length !== new Set(input.findingIds).size)) {
      const message = 'Each must be a finding of this item';
      throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.findingIds', message }] } });
    }
    const fresh = rows.filter(({ has }) => !has);
    if (fresh.length > 0) await make(tx, ctx, { item, findings: fresh, input });
    return { items: await readCases(tx, ctx, itemId) };
  });

const make = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly item: Item;
    readonly findings: readonly { readonly id: string; readonly started_at: Date }[];
    readonly input: MakeCase;
  },
): Promise<void> => {
  const { item, input } = of;
  const { tenantId } = ctx.actor;
  const published = await readKind(tx, tenantId, input.kind);
  if (!published) {
    const message = 'There is no such kind of ticket, or none is published';
    throw new HubError('not_found', message, { context: { errors: [{ path: 'body.kind', message }] } });
  }
  const source = sourceOf('vision');
  const read: Occurrence[] = [];
  for (const { id, started_at } of of.findings) {
    const row = { id, tenant_id: tenantId, source: 'vision', key: id, what: 'seen' as const, hall_id: item.hallId };
    const occurrence =
      source &&
      (await readOccurrence(tx, { ...row, device_id: item.deviceId, at: started_at, data: {}, attempts: 0 }, source));
    if (occurrence) read.push(occurrence);
  }
  const [first] = read;
  if (!first) throw new HubError('not_found', 'There is no such finding');
  const { kind } = published;
  const text = read.map((one) => one.text).join('\n\n');
  const fields = fieldsOf(kind, { ...first, title: input.title ?? first.title, text }, {});
  const ticket = await makeTicket(tx, ctx, {
    ...{ kind: input.kind, fields, hallId: item.hallId, parentId: null, source: 'vision' },
    deviceId: kind.fields.some(({ type }) => type === 'device') ? item.deviceId : null,
    level: input.level !== null && kind.levels.some(({ id }) => id === input.level) ? input.level : null,
    origin: { system: 'review', key: await originKey(tx, tenantId, first.key) },
  });
  for (const { finding } of read) {
    if (finding) await noteCase(tx, ctx, { finding, ticketId: ticket.id, byName: ctx.actor.userName });
  }
};

/** One more for a finding whose case was cancelled: it may be a case once more. */
const originKey = async (tx: Tx, tenantId: string, findingId: string): Promise<string> => {
  const { rows } = await tx.$client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM review_cases WHERE tenant_id = $1 AND finding_id = $2',
    [tenantId, findingId],
  );
  return `${findingId}:${rows[0]?.count ?? 0}`;
};
