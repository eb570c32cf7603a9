import { HubError } from '@hallhub/shared';
import type { DecideContext, Decided, Refused, TicketEvent, TicketState } from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type PublishedKind, readKind, readSoundKind } from '../../ticket-kinds/kind-book.js';
import { withPersonalOf } from '../personal/with-personal-of.js';
import { ticketDeps } from '../ticket-deps.js';
import { type LoadedTicket, loadEvents, loadTicket, noSuchTicket } from './load-ticket.js';
import { type SavedLines, saveLines, systemName } from './save-lines.js';
import { FieldSealer } from './seal-fields.js';
import { maySee, TicketWorld, worldSources } from './ticket-world.js';

/** A ticket with all that decisions and pages need of it. */
export interface OpenTicket {
  readonly ticket: LoadedTicket;
  /** With personal fields open. */
  readonly state: TicketState;
  readonly world: TicketWorld;
  /** Where it is locked: its history, personal fields sealed. */
  readonly told?: readonly TicketEvent[];
}

/** As its ticket runs on it; what the newest version calls personal is so here, too. Throws `bug` where the version that a ticket runs on is not there any more. */
export const kindOf = async (
  tx: Tx,
  {
    tenantId,
    kind,
    kindVersion,
    newestVersion,
  }: Pick<LoadedTicket, 'tenantId' | 'kind' | 'kindVersion' | 'newestVersion'>,
): Promise<PublishedKind> => {
  const found = await readKind(tx, tenantId, kind, kindVersion);
  if (!found) throw new HubError('bug', `Version ${kindVersion} of the kind ${kind} is not there`);
  if (newestVersion == null || newestVersion <= kindVersion) return found;
  const newest = await readSoundKind(tx, tenantId, kind, newestVersion);
  return newest ? { ...found, kind: withPersonalOf(found.kind, newest.kind) } : found;
};

/** Reads a ticket that the actor may see. Throws `not_found`. */
export const openTicket = async (
  tx: Tx,
  ctx: VerbContext,
  { ticketId, lock = false }: { readonly ticketId: string; readonly lock?: boolean },
): Promise<OpenTicket> => {
  const { tenantId } = ctx.actor;
  // One after the other in the database, and asked for at once.
  const [ticket, sources, told] = await together([
    loadTicket(tx, { tenantId, ticketId, lock }),
    worldSources(tx, tenantId),
    lock ? loadEvents(tx, { tenantId, ticketId }) : undefined,
  ]);
  const { kind } = await kindOf(tx, ticket);
  const sealer = new FieldSealer(ticketDeps(ctx.db).sealing, ticket.id, kind);
  const state: TicketState = { ...ticket.sealed, fields: sealer.open(ticket.sealed.fields) };
  const world = await TicketWorld.load(tx, ctx, {
    ...{ kind, place: ticket, state, sources },
    ...(lock ? { notBefore: lastAt(state) } : {}),
  });
  if (!maySee(ctx.actor, state, { book: world.book, at: world.at, place: ticket })) throw noSuchTicket();
  return { ticket, state, world, ...(told === undefined ? {} : { told }) };
};

/** A lower bound of when the last line was written, of what the state remembers. */
export const lastAt = ({ madeAt, endedAt = 0, visits, tasks }: TicketState): number =>
  Math.max(
    ...[madeAt, endedAt, visits.at(-1)?.beganAt ?? 0],
    ...tasks.map((one) => Math.max(one.beganAt, one.endedAt ?? 0)),
  );

/** `conflict` with the engine's reason, for the message files. */
export const refused = ({ code, context }: Refused): HubError =>
  new HubError('conflict', `The ticket does not allow this: ${code}`, { context: { refusal: code, ...context } });

export const isDecided = (decided: Decided | Refused): decided is Decided => decided.ok;

/** Writes what a decision made of an open, locked ticket. Throws `conflict` where it was refused. */
export const keepDecision = (
  tx: Tx,
  ctx: VerbContext,
  { open, decided }: { readonly open: OpenTicket; readonly decided: Decided | Refused },
): Promise<SavedLines> => {
  if (!isDecided(decided)) throw refused(decided);
  const { ticket, state, world, told } = open;
  return saveLines(tx, ctx, {
    ...{ world, ticket, before: state, kindVersion: ticket.kindVersion, lines: decided.lines, told },
    byName: nameOfActor(ctx, world),
  });
};

/** As the record shows them: a person's own name, the name of a program's key, 系统. */
export const nameOfActor = ({ actor }: Pick<VerbContext, 'actor'>, { book }: Pick<TicketWorld, 'book'>): string => {
  if (actor.userId !== null) return book.personName(actor.userId) || actor.userName;
  return actor.kind === 'system' && actor.userName === 'system' ? systemName : actor.userName;
};

export type Decision = (context: DecideContext, state: TicketState) => Decided | Refused;
