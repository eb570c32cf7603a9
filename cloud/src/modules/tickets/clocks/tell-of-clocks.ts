import { mayCallSupervision, superviseByClocks, type TicketState } from '@hallhub/shared/ticket';
import { behindSavepoint, isTransactionConflict, type Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { PartyBook } from '../../offices/party-book.js';
import type { Aside } from '../aside/put-aside.js';
import { keepDecision, kindOf, openTicket } from '../store/change-ticket.js';
import { dispatchQuestion } from '../store/dispatch-question.js';
import { type LoadedTicket, ticketColumns, ticketJoins, toTicket } from '../store/load-ticket.js';
import { FieldSealer } from '../store/seal-fields.js';
import { ticketDeps } from '../ticket-deps.js';
import type { ClockedTicket, ClockNote } from '../ticket-hooks.js';

/** What was due of a ticket's clock, and is noted in this transaction. */
export interface NotedRow {
  ticket_id: string;
  clock: string;
  run: number;
  what: ClockNote['what'];
  place: number;
  promised_ms: string;
  at: Date;
}

export interface Telling {
  readonly wanted: readonly string[];
  readonly byTicket: ReadonlyMap<string, readonly NotedRow[]>;
  readonly now: number;
  readonly isEachByItself: boolean;
}

/**
 * Finds who is up the line, keeps it with the note, and tells whoever listens: of all at once, which fails where one of them does, or
 * of each by itself. Answers those of which it could not, where each is by itself.
 */
export const tellOfClocks = async (tx: Tx, ctx: VerbContext, of: Telling): Promise<Aside[]> => {
  const { tenantId } = ctx.actor;
  const book = await PartyBook.load(tx, tenantId, of.now);
  const { rows } = await tx.$client.query(
    `SELECT ${ticketColumns} FROM tickets t ${ticketJoins} WHERE t.tenant_id = $1 AND t.id = ANY($2::uuid[])`,
    [tenantId, of.wanted],
  );
  const tickets = rows.map(toTicket);
  const tell = (some: readonly LoadedTicket[]) => tellOf(tx, ctx, { tickets: some, book, byTicket: of.byTicket });
  const failed: Aside[] = [];
  if (!of.isEachByItself) await tell(tickets);
  for (const ticket of of.isEachByItself ? tickets : []) {
    try {
      await behindSavepoint(tx, () => tell([ticket]));
    } catch (error) {
      // Another transaction's doing: the whole is done again. A connection that is gone fails the next question, too.
      if (isTransactionConflict(error)) throw error;
      failed.push({ ticketId: ticket.id, error });
    }
  }
  return failed;
};

const tellOf = async (
  tx: Tx,
  ctx: VerbContext,
  {
    tickets,
    book,
    byTicket,
  }: {
    readonly tickets: readonly LoadedTicket[];
    readonly book: PartyBook;
    readonly byTicket: ReadonlyMap<string, readonly NotedRow[]>;
  },
): Promise<void> => {
  const { hooks } = ticketDeps(ctx.db);
  const all: ClockedTicket[] = [];
  for (const ticket of tickets) all.push(await clocked(tx, ctx, { ticket, book, rows: byTicket.get(ticket.id) ?? [] }));
  await keepParties(tx, ctx.actor.tenantId, all);
  for (const hook of hooks) await hook.onClocks?.(tx, ctx, all);
  for (const { ticket, kind, state, notes } of all) {
    if (mayCallSupervision(kind, state, notes)) await supervise(tx, ctx, { ticketId: ticket.id, notes });
  }
};

/** What was noted of a ticket, and to whom each escalation goes. */
const clocked = async (
  tx: Tx,
  ctx: VerbContext,
  {
    ticket,
    book,
    rows,
  }: { readonly ticket: LoadedTicket; readonly book: PartyBook; readonly rows: readonly NotedRow[] },
): Promise<ClockedTicket> => {
  const { kind } = await kindOf(tx, ticket);
  const sealer = new FieldSealer(ticketDeps(ctx.db).sealing, ticket.id, kind);
  const state: TicketState = { ...ticket.sealed, fields: sealer.open(ticket.sealed.fields) };
  const notes = rows.map(({ clock, run, what, place, promised_ms, at }): ClockNote => {
    const rule = kind.clocks.find(({ id }) => id === clock)?.escalations[place]?.to;
    const to = what === 'escalated' && rule ? whom(book, { ticket, kind, state, rule }) : [];
    return { clock, run, what, place, promisedMs: Number(promised_ms), at: at.getTime(), to };
  });
  return { ticket, kind, state, notes };
};

const keepParties = async (tx: Tx, tenantId: string, all: readonly ClockedTicket[]): Promise<void> => {
  const found = all.flatMap(({ ticket, notes }) =>
    notes.flatMap(({ clock, run, place, promisedMs, to }) =>
      to.length > 0 ? [{ ticket_id: ticket.id, clock, run, place, promised_ms: promisedMs, parties: to }] : [],
    ),
  );
  if (found.length === 0) return;
  await tx.$client.query(
    `UPDATE ticket_clock_events e SET parties = x.parties
     FROM jsonb_to_recordset($2::jsonb) AS x(ticket_id uuid, clock text, run int, place int, promised_ms bigint, parties jsonb)
     WHERE e.tenant_id = $1 AND e.ticket_id = x.ticket_id AND e.clock = x.clock AND e.run = x.run AND e.what = 'escalated' AND e.place = x.place
       AND e.promised_ms = x.promised_ms`,
    [tenantId, JSON.stringify(found)],
  );
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
