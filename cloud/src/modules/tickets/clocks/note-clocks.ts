import type { Clock } from '@hallhub/shared';
import { mayCallSupervision, superviseByClocks, type TicketState } from '@hallhub/shared/ticket';
import {
  afterCommit,
  type Database,
  isTransactionConflict,
  type Tx,
  together,
  withSystem,
  withTenant,
} from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { LivePublisher } from '../../live/live-port.js';
import { PartyBook } from '../../offices/party-book.js';
import { type Aside, notAside, putAside, takeBack } from '../aside/put-aside.js';
import { keepDecision, kindOf, openTicket } from '../store/change-ticket.js';
import { dispatchQuestion } from '../store/dispatch-question.js';
import { type LoadedTicket, ticketColumns, ticketJoins, toTicket } from '../store/load-ticket.js';
import { FieldSealer } from '../store/seal-fields.js';
import { ticketDeps } from '../ticket-deps.js';
import type { ClockNote } from '../ticket-hooks.js';

export interface ClockDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
}

interface NotedRow {
  ticket_id: string;
  clock: string;
  run: number;
  what: ClockNote['what'];
  place: number;
  promised_ms: string;
  at: Date;
}

/** Notes what is due of all clocks: each once, whichever process comes to it. Answers how many. Only what is due is looked at. */
export const noteClocks = async (
  deps: ClockDeps,
  { batch = 500, signal }: { readonly batch?: number; readonly signal?: AbortSignal } = {},
): Promise<number> => {
  const now = deps.clock.now();
  const { rows } = await withSystem(
    deps.database,
    (tx) =>
      tx.$client.query<{ id: string }>(
        `SELECT t.id FROM tenants t WHERE EXISTS (SELECT 1 FROM ticket_clock_events e WHERE e.tenant_id = t.id AND e.noted_at IS NULL AND e.at <= $1)`,
        [new Date(now)],
      ),
    { readOnly: true },
  );
  return eachTenant(
    deps,
    rows.map(({ id }) => id),
    { signal, work: (ctx) => noteSome(deps.database, ctx, { now, batch }) },
  );
};

/** Again and again for each until it answers 0; the sum. What fails for one organisation stops no other, and is thrown at the end. */
export const eachTenant = async (
  deps: ClockDeps,
  tenantIds: readonly string[],
  { signal, work }: { readonly signal?: AbortSignal | undefined; readonly work: (ctx: VerbContext) => Promise<number> },
): Promise<number> => {
  let all = 0;
  const failed: unknown[] = [];
  for (const tenantId of tenantIds) {
    const ctx = contextOf(deps, tenantId);
    try {
      for (let done = -1; done !== 0; all += done) {
        signal?.throwIfAborted();
        done = await work(ctx);
      }
    } catch (error) {
      signal?.throwIfAborted();
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
  return all;
};

export const contextOf = ({ database, clock, live }: ClockDeps, tenantId: string): VerbContext => ({
  ...{ db: database, clock, live, actor: systemActor(tenantId), request: null },
});

/** All of a batch at once; where one of them fails, each by itself, so that only that one waits. */
const noteSome = async (
  database: Database,
  ctx: VerbContext,
  of: { readonly now: number; readonly batch: number },
): Promise<number> => {
  const inOne = (isEachByItself: boolean) =>
    withTenant(database, ctx.actor, (tx) => noteBatch(tx, ctx, { ...of, isEachByItself }));
  try {
    return await inOne(false);
  } catch (error) {
    if (isTransactionConflict(error)) throw error;
    return inOne(true);
  }
};

const noteBatch = async (
  tx: Tx,
  ctx: VerbContext,
  { now, batch, isEachByItself }: { readonly now: number; readonly batch: number; readonly isEachByItself: boolean },
): Promise<number> => {
  const { tenantId } = ctx.actor;
  // Tickets first, as every act locks them: one that somebody works on just now comes with the next round.
  const { rows } = await tx.$client.query<NotedRow>(
    `WITH due AS (SELECT DISTINCT e.ticket_id FROM (SELECT ticket_id FROM ticket_clock_events d
         WHERE d.tenant_id = $1 AND d.noted_at IS NULL AND d.at <= $2 AND ${notAside('note', { ticketId: 'd.ticket_id', now: '$2' })}
         ORDER BY d.at LIMIT $3) e),
       held AS MATERIALIZED (SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.id IN (SELECT ticket_id FROM due)
         FOR NO KEY UPDATE SKIP LOCKED)
     UPDATE ticket_clock_events e SET noted_at = $2 FROM held
     WHERE e.tenant_id = $1 AND e.ticket_id = held.id AND e.noted_at IS NULL AND e.at <= $2
     RETURNING e.ticket_id, e.clock, e.run, e.what, e.place, e.promised_ms, e.at`,
    [tenantId, new Date(now), batch],
  );
  if (rows.length === 0) return 0;
  const byTicket = new Map<string, NotedRow[]>();
  for (const row of rows) byTicket.set(row.ticket_id, [...(byTicket.get(row.ticket_id) ?? []), row]);
  const { hooks } = ticketDeps(ctx.db);
  const isHeard = hooks.some((hook) => hook.onClocks !== undefined);
  const wanted = [...byTicket].flatMap(([id, its]) =>
    isHeard || its.some(({ what }) => what !== 'warned') ? [id] : [],
  );
  const failed = wanted.length > 0 ? await escalate(tx, ctx, { wanted, byTicket, now, isEachByItself }) : [];
  await notYet(tx, { tenantId, now, ids: failed.map(({ ticketId }) => ticketId) });
  await putAside(tx, ctx, { work: 'note', failed });
  const aside = new Set(failed.map(({ ticketId }) => ticketId));
  const done = [...byTicket.keys()].filter((id) => !aside.has(id));
  await takeBack(tx, tenantId, { work: 'note', ticketIds: done });
  const halls = await hallsOf(tx, tenantId, done);
  afterCommit(tx, () => {
    for (const { id, hall_id: hallId, seq } of halls) {
      ctx.live.publish({
        ...{ tenantId, hallId, topic: 'tickets', type: 'ticket.changed' },
        data: { ticketId: id, seq },
      });
    }
  });
  return rows.length;
};

/** What nobody could be told of is to be noted still. */
const notYet = async (
  tx: Tx,
  { tenantId, now, ids }: { readonly tenantId: string; readonly now: number; readonly ids: readonly string[] },
): Promise<void> => {
  if (ids.length === 0) return;
  await tx.$client.query(
    'UPDATE ticket_clock_events SET noted_at = NULL WHERE tenant_id = $1 AND ticket_id = ANY($2::uuid[]) AND noted_at = $3',
    [tenantId, ids, new Date(now)],
  );
};

const hallsOf = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<{ id: string; hall_id: string | null; seq: number }[]> => {
  const { rows } = await tx.$client.query<{ id: string; hall_id: string | null; seq: number }>(
    'SELECT id, hall_id, seq FROM tickets WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    [tenantId, ids],
  );
  return rows;
};

/** Tickets of which is told at once. */
const atOnce = 50;

interface Escalating {
  readonly wanted: readonly string[];
  readonly byTicket: ReadonlyMap<string, readonly NotedRow[]>;
  readonly now: number;
  readonly isEachByItself: boolean;
}

/** Finds who is up the line, keeps it with the note, and tells whoever listens. Answers those of which it could not, where each is by itself. */
const escalate = async (tx: Tx, ctx: VerbContext, of: Escalating): Promise<Aside[]> => {
  const { tenantId } = ctx.actor;
  const book = await PartyBook.load(tx, tenantId, of.now);
  const { rows } = await tx.$client.query(
    `SELECT ${ticketColumns} FROM tickets t ${ticketJoins} WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])`,
    [tenantId, of.wanted],
  );
  const failed: Aside[] = [];
  const found: object[] = [];
  for (let i = 0; i < rows.length && !of.isEachByItself; i += atOnce) {
    const told = rows.slice(i, i + atOnce).map((row) => {
      const ticket = toTicket(row);
      return tellOf(tx, ctx, { ticket, book, rows: of.byTicket.get(ticket.id) ?? [] });
    });
    found.push(...(await together(told)).flat());
  }
  for (const row of of.isEachByItself ? rows : []) {
    const ticket = toTicket(row);
    const tell = () => tellOf(tx, ctx, { ticket, book, rows: of.byTicket.get(ticket.id) ?? [] });
    await tx.$client.query('SAVEPOINT one_ticket');
    try {
      found.push(...(await tell()));
      await tx.$client.query('RELEASE SAVEPOINT one_ticket');
    } catch (error) {
      // Another transaction's doing: the whole is done again. A connection that is gone fails here, too.
      if (isTransactionConflict(error)) throw error;
      await tx.$client.query('ROLLBACK TO SAVEPOINT one_ticket');
      failed.push({ ticketId: ticket.id, error });
    }
  }
  await tx.$client.query(
    `UPDATE ticket_clock_events e SET parties = x.parties
     FROM jsonb_to_recordset($2::jsonb) AS x(ticket_id uuid, clock text, run int, place int, promised_ms bigint, parties jsonb)
     WHERE e.tenant_id = $1 AND e.ticket_id = x.ticket_id AND e.clock = x.clock AND e.run = x.run AND e.what = 'escalated' AND e.place = x.place
       AND e.promised_ms = x.promised_ms`,
    [tenantId, JSON.stringify(found)],
  );
  return failed;
};

/** Tells of one ticket; answers to whom each escalation goes. */
const tellOf = async (
  tx: Tx,
  ctx: VerbContext,
  {
    ticket,
    book,
    rows,
  }: { readonly ticket: LoadedTicket; readonly book: PartyBook; readonly rows: readonly NotedRow[] },
): Promise<object[]> => {
  const { hooks, sealing } = ticketDeps(ctx.db);
  const { kind } = await kindOf(tx, ticket);
  const state: TicketState = {
    ...ticket.sealed,
    fields: new FieldSealer(sealing, ticket.id, kind).open(ticket.sealed.fields),
  };
  const found: object[] = [];
  const notes = rows.map((note): ClockNote => {
    const rule = kind.clocks.find(({ id }) => id === note.clock)?.escalations[note.place]?.to;
    const to = note.what === 'escalated' && rule ? whom(book, { ticket, kind, state, rule }) : [];
    if (to.length > 0) {
      const { clock, run, place, promised_ms } = note;
      found.push({ ticket_id: ticket.id, clock, run, place, promised_ms, parties: to });
    }
    return { clock: note.clock, run: note.run, what: note.what, place: note.place, at: note.at.getTime(), to };
  });
  for (const hook of hooks) await hook.onClocks?.(tx, ctx, { ticket, kind, state, notes });
  if (mayCallSupervision(kind, state, notes)) await supervise(tx, ctx, { ticketId: ticket.id, notes });
  return found;
};

/** Each note is handled once, in the transaction that notes it: so is the supervision that it calls for. */
const supervise = async (
  tx: Tx,
  ctx: VerbContext,
  { ticketId, notes }: { readonly ticketId: string; readonly notes: readonly ClockNote[] },
): Promise<void> => {
  const open = await openTicket(tx, ctx, { ticketId, lock: true });
  const decided = superviseByClocks(open.world.context, open.state, notes);
  if (decided.lines.length === 0) return;
  const { ticket, after } = await keepDecision(tx, ctx, { open, decided });
  await audit(tx, ctx, {
    action: 'ticket.acted',
    target: { kind: 'ticket', id: ticket.id, name: ticket.number },
    hallId: ticket.hallId,
    before: { state: open.state.stateId, seq: open.state.seq },
    after: { act: 'supervise', state: after.stateId, seq: after.seq },
  });
};

const whom = (
  book: PartyBook,
  of: {
    readonly ticket: LoadedTicket;
    readonly kind: Parameters<PartyBook['parties']>[1]['kind'];
    readonly state: TicketState;
    readonly rule: Parameters<PartyBook['parties']>[0];
  },
): ClockNote['to'] => {
  const { ticket, state, kind, rule } = of;
  const parties = book.parties(rule, dispatchQuestion({ kind, state, actor: 'system', where: ticket }));
  // Up the line is never nobody.
  return parties.length > 0 ? parties : [book.fallback];
};
