import { afterCommit, type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { readSoundKind } from '../../ticket-kinds/kind-book.js';
import { type ClockDeps, eachTenant } from '../clocks/note-clocks.js';
import { kindOf } from '../store/change-ticket.js';
import { loadTicket } from '../store/load-ticket.js';
import { rowFacts } from '../store/save-lines.js';
import { saveWords } from '../store/save-words.js';
import { FieldSealer, requesterHash } from '../store/seal-fields.js';
import { ticketDeps } from '../ticket-deps.js';

const batch = 100;

interface Sealing {
  kind: string;
  version: number;
  after: string | null;
}

/**
 * Older tickets of kinds of which a newer version makes more fields personal: their state, every line of their history, the words that
 * they are found by. Answers how many were gone through. Goes on where it was when it is stopped.
 */
export const sealOlder = async (deps: ClockDeps, signal?: AbortSignal): Promise<number> => {
  const { rows } = await withSystem(
    deps.database,
    (tx) => tx.$client.query<{ id: string }>(`SELECT DISTINCT k.tenant_id AS id FROM ticket_kinds k ${waiting}`),
    { readOnly: true },
  );
  return eachTenant(
    deps,
    rows.map(({ id }) => id),
    { signal, work: (ctx) => withTenant(deps.database, ctx.actor, (tx) => sealSome(tx, ctx)) },
  );
};

const waiting = `LEFT JOIN ticket_sealings s ON s.tenant_id = k.tenant_id AND s.kind = k.code
  WHERE k.published_version > 1 AND (s.version IS DISTINCT FROM k.published_version OR s.done_at IS NULL)`;

const sealSome = async (tx: Tx, ctx: VerbContext): Promise<number> => {
  const { tenantId } = ctx.actor;
  // One process at a time goes through a kind.
  const { rows } = await tx.$client.query<Sealing>(
    `SELECT k.code AS kind, k.published_version AS version, CASE WHEN s.version = k.published_version THEN s.after END AS after
     FROM ticket_kinds k ${waiting} AND k.tenant_id = $1 ORDER BY k.code LIMIT 1 FOR NO KEY UPDATE OF k SKIP LOCKED`,
    [tenantId],
  );
  const [one] = rows;
  if (!one) return 0;
  const ids = (await isMore(tx, tenantId, one)) ? await nextTickets(tx, tenantId, one) : [];
  let failed = 0;
  for (const ticketId of ids) {
    try {
      await sealTicket(tx, ctx, ticketId);
    } catch (error) {
      // What does not read has been shown to nobody; a fault of the database ends the round.
      if (typeof (error as { severity?: unknown }).severity === 'string') throw error;
      failed += 1;
    }
  }
  await note(tx, ctx, { one, ids, failed });
  return Math.max(1, ids.length);
};

/** Whether the newest version has a personal field that some older one has in clear. */
const isMore = async (tx: Tx, tenantId: string, { kind, version }: Sealing): Promise<boolean> => {
  const newest = await readSoundKind(tx, tenantId, kind, version);
  const personal = new Set(newest?.kind.fields.flatMap((field) => (field.personal ? [field.key] : [])));
  for (let older = version - 1; older >= 1; older--) {
    const found = await readSoundKind(tx, tenantId, kind, older);
    if (found?.kind.fields.some((field) => !field.personal && personal.has(field.key))) return true;
  }
  return false;
};

const nextTickets = async (tx: Tx, tenantId: string, { kind, version, after }: Sealing): Promise<string[]> => {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM tickets WHERE tenant_id = $1 AND kind = $2 AND kind_version <= $3 AND ($4::uuid IS NULL OR id > $4)
     ORDER BY id LIMIT ${batch} FOR NO KEY UPDATE`,
    [tenantId, kind, version, after],
  );
  return rows.map(({ id }) => id);
};

const note = async (
  tx: Tx,
  ctx: VerbContext,
  { one, ids, failed }: { readonly one: Sealing; readonly ids: readonly string[]; readonly failed: number },
): Promise<void> => {
  const { tenantId } = ctx.actor;
  const isDone = ids.length < batch;
  const { rows } = await tx.$client.query<{ tickets: number; failed: number }>(
    `INSERT INTO ticket_sealings AS s (tenant_id, kind, version, after, tickets, failed, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, kind) DO UPDATE SET version = excluded.version, after = excluded.after, done_at = excluded.done_at,
       tickets = excluded.tickets + CASE WHEN s.version = excluded.version THEN s.tickets ELSE 0 END,
       failed = excluded.failed + CASE WHEN s.version = excluded.version THEN s.failed ELSE 0 END
     RETURNING tickets, failed`,
    [
      ...[tenantId, one.kind, one.version, ids.at(-1) ?? one.after, ids.length, failed],
      isDone ? new Date(ctx.clock.now()) : null,
    ],
  );
  const [sum] = rows;
  if (!isDone || !sum || sum.tickets === 0) return;
  await audit(tx, ctx, {
    action: 'ticket_kind.fields_sealed',
    target: { kind: 'ticket_kind', id: one.kind, name: one.kind },
    after: { version: one.version, tickets: sum.tickets, failed: sum.failed },
  });
};

const sealTicket = async (tx: Tx, ctx: VerbContext, ticketId: string): Promise<void> => {
  const { tenantId } = ctx.actor;
  const ticket = await loadTicket(tx, { tenantId, ticketId });
  const { kind } = await kindOf(tx, ticket);
  const { sealing, hooks } = ticketDeps(ctx.db);
  const sealer = new FieldSealer(sealing, ticketId, kind);
  const { rows } = await tx.$client.query<{ seq: number; fields: Record<string, unknown> }>(
    `SELECT seq, data -> 'fields' AS fields FROM ticket_history WHERE tenant_id = $1 AND ticket_id = $2 AND jsonb_typeof(data -> 'fields') = 'object'`,
    [tenantId, ticketId],
  );
  const lines = rows.filter(({ fields }) => sealer.isInClear(fields));
  const isInClear = sealer.isInClear(ticket.sealed.fields);
  if (lines.length === 0 && !isInClear) return;
  await tx.$client.query(
    `UPDATE ticket_history h SET data = jsonb_set(h.data, '{fields}', x.fields) FROM jsonb_to_recordset($3::jsonb) AS x(seq int, fields jsonb)
     WHERE h.tenant_id = $1 AND h.ticket_id = $2 AND h.seq = x.seq`,
    [tenantId, ticketId, JSON.stringify(lines.map(({ seq, fields }) => ({ seq, fields: sealer.sealRest(fields) })))],
  );
  const open = { ...ticket.sealed, fields: sealer.open(ticket.sealed.fields) };
  const { place, words } = rowFacts(kind, { after: open, number: ticket.number });
  const sealed = sealer.sealRest(ticket.sealed.fields);
  const requester = requesterHash(sealing, { tenantId, kind, fields: open.fields }) ?? ticket.requester;
  await tx.$client.query(
    `UPDATE tickets SET state = jsonb_set(state, '{fields}', $3::jsonb), place_text = $4, lon = $5,
       lat = $6, requester = $7 WHERE tenant_id = $1 AND id = $2`,
    [
      ...[tenantId, ticketId, JSON.stringify(sealed), place?.text ?? null, place?.lon ?? null, place?.lat ?? null],
      requester,
    ],
  );
  await saveWords(tx, { tenantId, ticketId, madeAt: open.madeAt, words });
  const now = { ...ticket, place, requester, sealed: { ...ticket.sealed, fields: sealed } };
  for (const hook of hooks)
    await hook.onSealed?.(tx, ctx, { ticket: now, kind, after: open, placeBefore: ticket.place });
  afterCommit(tx, () =>
    ctx.live.publish({
      ...{ tenantId, hallId: ticket.hallId, topic: 'tickets', type: 'ticket.changed' },
      data: { ticketId, seq: ticket.seq },
    }),
  );
};
