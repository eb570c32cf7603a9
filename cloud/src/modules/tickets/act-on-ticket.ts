import { HubError } from '@hallhub/shared';
import { decide, type Party, partyKey, type TicketCommand, type TicketRow } from '@hallhub/shared/ticket';
import { storableJson, type Tx, together } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import { beginTickets } from './begin/begin-tickets.js';
import { whoWaits, whoWaitsSql } from './begin/begun-from.js';
import { makeTicket } from './make-ticket.js';
import { keepDecision, type OpenTicket, openTicket, refused } from './store/change-ticket.js';
import { claimFiles } from './store/claim-files.js';
import { loadTicket } from './store/load-ticket.js';
import type { SavedLines } from './store/save-lines.js';
import { tellParent, tellTicket } from './store/tell-others.js';
import { checkBounds, mostLinks, tooOften } from './store/ticket-bounds.js';
import { partiesOf } from './store/ticket-world.js';
import { fileReach } from './view/file-view.js';
import { rowSourceOf, rowView } from './view/row-view.js';

export interface ActOnTicket {
  readonly ticketId: string;
  /** Lines of history that the caller saw; left out by systems, which act on what is. */
  readonly seq?: number | undefined;
  readonly command: TicketCommand;
}

/**
 * One act in the caller's transaction. What goes out (live events) waits for its commit by `afterCommit(tx, …)`, so any
 * `withTenant` will do. Errors: `not_found`; `precondition_failed` with {by, at, type, seq} of what came between;
 * `conflict` with {refusal, …} where the engine says no. The system actor may do anybody's task.
 */
export const actOnTicket = async (tx: Tx, ctx: VerbContext, input: ActOnTicket): Promise<TicketRow> => {
  const { saved, open } = await applyCommand(tx, ctx, input);
  const { book, at: now } = open.world;
  const mine = new Set(partiesOf(book, ctx.actor.userId, now));
  return rowView(rowSourceOf(saved.ticket, open.world.kind), { book, mine, now });
};

export const applyCommand = async (
  tx: Tx,
  ctx: VerbContext,
  input: ActOnTicket,
): Promise<{ readonly saved: SavedLines; readonly open: OpenTicket }> => {
  const command = storableJson(input.command);
  const { do: what } = command;
  const other = what === 'mergeInto' || what === 'link' || what === 'unlink' ? command.ticket : undefined;
  // Sent at once, done one after the other: all locks first.
  const [, open] = await together([
    lockAll(tx, ctx.actor.tenantId, {
      ids: other === undefined ? [input.ticketId] : [input.ticketId, other],
      withParent: mayEnd.has(command.do) ? input.ticketId : null,
    }),
    openTicket(tx, ctx, { ticketId: input.ticketId, lock: true }),
  ]);
  const { ticket, state, world } = open;
  if (input.seq !== undefined && input.seq !== ticket.seq) throw await changedSince(tx, open);
  checkParties(open, ctx, command);
  await checkBounds(tx, ctx, { open, command });
  if (other !== undefined) await checkOther(tx, ctx, { open, other, command });
  if ('fields' in command) {
    const { fields } = command;
    await claimFiles(tx, ctx, { ticketId: ticket.id, kind: world.kind, fields, reach: fileReach(ctx, open) });
  }
  const saved = await keepDecision(tx, ctx, { open, decided: decide(world.context, state, command) });
  if (command.do === 'link') await saveLink(tx, ctx, { from: ticket.id, to: command.ticket, how: command.how });
  if (command.do === 'unlink') await removeLink(tx, ctx, { from: ticket.id, command });
  if (command.do === 'mergeInto') {
    await tellTicket(tx, ctx, { ticketId: command.ticket, news: { do: 'absorb', ticket: ticket.id } });
  }
  await tellParent(tx, ctx, { ticketId: ticket.id, parentId: whoWaits(ticket), before: state, after: saved.after });
  await audit(tx, ctx, {
    action: 'ticket.acted',
    target: { kind: 'ticket', id: ticket.id, name: ticket.number },
    hallId: ticket.hallId,
    before: { state: state.stateId, seq: state.seq },
    after: { act: actOf(command), state: saved.after.stateId, seq: saved.after.seq },
  });
  return { saved: await beginTickets(tx, ctx, { saved, make: makeTicket }), open };
};

const actOf = (command: TicketCommand): string =>
  'action' in command && typeof command.action === 'string' ? `${command.do}:${command.action}` : command.do;

/** What may end a ticket, or begin it again: its parent is told, and so is locked too. */
const mayEnd: ReadonlySet<TicketCommand['do']> = new Set([
  ...(['submit', 'return', 'intervene', 'cancel', 'mergeInto', 'reopen'] as const),
]);

/** All that one act changes, always in the same order: a parent and its child, or two that merge, never wait for one another. */
const lockAll = async (
  tx: Tx,
  tenantId: string,
  { ids, withParent }: { readonly ids: readonly string[]; readonly withParent: string | null },
): Promise<void> => {
  // One alone is locked as it is read.
  if (ids.length === 1 && withParent === null) return;
  await tx.$client.query(
    `SELECT 1 FROM tickets WHERE tenant_id = $1 AND (id = ANY($2::uuid[])
       OR id = (SELECT ${whoWaitsSql} FROM tickets c WHERE c.tenant_id = $1 AND c.id = $3)) ORDER BY id FOR NO KEY UPDATE`,
    [tenantId, ids, withParent],
  );
};

/** Tells the second of two people what the first has done. */
const changedSince = async (tx: Tx, { ticket }: OpenTicket): Promise<HubError> => {
  const { rows } = await tx.$client.query<{ by_name: string; at: Date; type: string }>(
    `SELECT by_name, at, type FROM ticket_history WHERE tenant_id = $1 AND ticket_id = $2 AND type <> 'entered'
     ORDER BY seq DESC LIMIT 1`,
    [ticket.tenantId, ticket.id],
  );
  const [last] = rows;
  return new HubError('precondition_failed', `${last?.by_name ?? ''} was faster`, {
    context: {
      ...{ currentVersion: ticket.seq, seq: ticket.seq, by: last?.by_name ?? null },
      ...{ at: last?.at.toISOString() ?? null, type: last?.type ?? null },
    },
    hint: 'Read the ticket again, look at what changed, then send the act with the new ETag.',
  });
};

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

const partiesIn = (command: TicketCommand): readonly Party[] => {
  if (!('to' in command) || command.to === undefined) return [];
  return Array.isArray(command.to) ? command.to : [command.to as Party];
};

/** People and offices of this organisation only, and such as are in use. */
const checkParties = ({ world }: OpenTicket, ctx: VerbContext, command: TicketCommand): void => {
  const parties = partiesIn(command);
  if (parties.length === 0) return;
  const { userId } = ctx.actor;
  const allowed = userId === null ? undefined : new Set(world.book.choosable(userId).map(partyKey));
  for (const party of parties) {
    const isKnown = allowed?.has(partyKey(party)) ?? world.book.nameOf(party) !== '';
    if (!isKnown) throw invalid('to', 'There is no such person or office to choose');
  }
};

const checkOther = async (
  tx: Tx,
  ctx: VerbContext,
  { open, other, command }: { readonly open: OpenTicket; readonly other: string; readonly command: TicketCommand },
): Promise<void> => {
  if (other === open.ticket.id) throw invalid('ticket', 'It is this ticket itself');
  const found = await openTicket(tx, ctx, { ticketId: other }).catch((error: unknown) => {
    if (error instanceof HubError && error.code === 'not_found') throw invalid('ticket', 'There is no such ticket');
    throw error;
  });
  if (command.do === 'mergeInto' && found.state.status === 'ended') {
    throw refused({ ok: false, code: 'ended', context: { ticket: found.ticket.number } });
  }
  if (command.do === 'mergeInto' && (await isBelow(tx, { parent: open.ticket.id, child: found.ticket }))) {
    throw refused({ ok: false, code: 'not_now', context: { ticket: found.ticket.number } });
  }
};

/** A ticket does not go on as its own child. */
const isBelow = async (
  tx: Tx,
  { parent, child }: { readonly parent: string; readonly child: { tenantId: string; parentId: string | null } },
): Promise<boolean> => {
  for (let above = child.parentId, depth = 0; above !== null && depth < 50; depth++) {
    if (above === parent) return true;
    above = (await loadTicket(tx, { tenantId: child.tenantId, ticketId: above })).parentId;
  }
  return false;
};

const saveLink = async (
  tx: Tx,
  ctx: VerbContext,
  link: { readonly from: string; readonly to: string; readonly how: string },
): Promise<void> => {
  const { rows } = await tx.$client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM ticket_links WHERE tenant_id = $1 AND (from_id = $2 OR to_id = $2)',
    [ctx.actor.tenantId, link.from],
  );
  if ((rows[0]?.count ?? 0) >= mostLinks) throw tooOften(mostLinks);
  const { rowCount } = await tx.$client.query(
    'INSERT INTO ticket_links (tenant_id, from_id, to_id, how, made_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
    [ctx.actor.tenantId, link.from, link.to, link.how, new Date(ctx.clock.now())],
  );
  if (rowCount === 0) throw refused({ ok: false, code: 'already_so', context: {} });
};

/** Whichever of the two it was made from; the one that it was made from reads it, too. Throws `conflict` where there is none. */
const removeLink = async (
  tx: Tx,
  ctx: VerbContext,
  { from, command }: { readonly from: string; readonly command: Extract<TicketCommand, { do: 'unlink' }> },
): Promise<void> => {
  const { ticket: other, how, opinion } = command;
  const { rows } = await tx.$client.query<{ from_id: string }>(
    `DELETE FROM ticket_links WHERE tenant_id = $1 AND how = $4 AND ((from_id = $2 AND to_id = $3) OR (from_id = $3 AND to_id = $2))
     RETURNING from_id`,
    [ctx.actor.tenantId, from, other, how],
  );
  if (rows.length === 0) throw refused({ ok: false, code: 'already_so', context: {} });
  if (!rows.some(({ from_id }) => from_id === other)) return;
  await tellTicket(tx, ctx, { ticketId: other, news: { do: 'unlinked', ticket: from, how, opinion } });
};
