import { decideNews, type TicketNews, type TicketState } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { isDecided, keepDecision, openTicket } from './change-ticket.js';

/** Tells a ticket what became of another. What it has no use for (it has ended, it knows) is let go. */
export const tellTicket = async (
  tx: Tx,
  ctx: VerbContext,
  { ticketId, news }: { readonly ticketId: string; readonly news: TicketNews },
): Promise<void> => {
  // The platform carries it, for whoever acted may not even see the other ticket; the record says who it was.
  const { tenantId, userId, userName } = ctx.actor;
  const told: VerbContext = { ...ctx, actor: { ...systemActor(tenantId, userName), userId } };
  const open = await openTicket(tx, told, { ticketId, lock: true });
  const decided = decideNews(open.state, news);
  if (isDecided(decided)) await keepDecision(tx, told, { open, decided });
};

/** A parent counts its children that are not over yet; what it began it hears of, too. */
export const tellParent = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly ticketId: string;
    readonly parentId: string | null;
    readonly before: TicketState | undefined;
    readonly after: TicketState;
  },
): Promise<void> => {
  if (of.parentId === null) return;
  const wasOver = of.before?.status === 'ended';
  const isOver = of.after.status === 'ended';
  if (of.before !== undefined && wasOver === isOver) return;
  const { ticketId: ticket, after } = of;
  const news: TicketNews = isOver ? { do: 'childEnded', ticket, outcome: after.outcome } : { do: 'childMade', ticket };
  await tellTicket(tx, ctx, { ticketId: of.parentId, news });
};
