import type { TicketEvent, TicketKind, TicketState } from '@hallhub/shared/ticket';
import type { Database, Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import type { PartyBook } from '../offices/party-book.js';
import { ticketDeps } from './ticket-deps.js';
import type { TicketRecord } from './ticket-record.js';

/** What one act made of a ticket. Fields are open: whoever stores or sends them seals or masks the personal ones. */
export interface TicketLines {
  /** As it stands in the database now. */
  readonly ticket: TicketRecord;
  readonly kind: TicketKind;
  /** Undefined: it was made just now. */
  readonly before: TicketState | undefined;
  readonly after: TicketState;
  readonly events: readonly TicketEvent[];
}

/** As they are told of in the act's own transaction. */
export interface KeptLines extends TicketLines {
  /** Who is who, as the act was decided by it. */
  readonly book: PartyBook;
}

/** What the sweep noted of one clock. */
export interface ClockNote {
  readonly clock: string;
  readonly run: number;
  readonly what: 'warned' | 'breached' | 'escalated';
  /** Place among the clock’s escalations; 0 for the others. */
  readonly place: number;
  /** What the run had promised then. */
  readonly promisedMs: number;
  /** Epoch ms: when it was so, not when it was noted. */
  readonly at: number;
  readonly to: readonly { readonly kind: 'person' | 'office'; readonly id: string }[];
}

/** A ticket of which the sweep noted something. */
export interface ClockedTicket extends Pick<TicketLines, 'ticket' | 'kind'> {
  readonly state: TicketState;
  readonly notes: readonly ClockNote[];
}

/**
 * Learns of tickets in the transaction of the change: what it throws undoes the act. Register it in the composition root. Hooks of one act ask
 * at once, over one connection: none of them may set a savepoint (its rollback would undo another’s work) or act on a ticket.
 */
export interface TicketHook {
  /** Asked while the act itself is being written, behind it: they read what it has made. */
  onLines?(tx: Tx, ctx: VerbContext, lines: KeptLines): Promise<void>;
  /** Of hundreds at once: asks no question for each of them. What it throws has each told of by itself. */
  onClocks?(tx: Tx, ctx: VerbContext, all: readonly ClockedTicket[]): Promise<void>;
  /** Fields of an older ticket became personal: what was kept of them in clear is to be kept no more. */
  onSealed?(
    tx: Tx,
    ctx: VerbContext,
    sealed: Pick<TicketLines, 'ticket' | 'kind' | 'after'> & { readonly placeBefore: TicketRecord['place'] },
  ): Promise<void>;
}

/** After `openTickets`, before the first request. */
export const registerTicketHook = (database: Database, hook: TicketHook): void =>
  void ticketDeps(database).hooks.push(hook);
