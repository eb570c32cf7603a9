import { categoryOf, isLive } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { type Tx, together } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { TicketHook, TicketLines } from '../../tickets/ticket-hooks.js';
import { assistPlaces, assistTickets, assistWaiting } from '../tables.js';
import { answerFields, labelsOf, wordsOfTicket } from './what-it-says.js';

/** What it is about is told by what it was made with and what clerks mend until it is handed on. */
const keepWords = async (
  tx: Tx,
  { ticket, kind, after }: Pick<TicketLines, 'ticket' | 'kind' | 'after'>,
): Promise<void> => {
  const { lon = null, lat = null } = ticket.place ?? {};
  const row = {
    ...{ kind: kind.code, words: wordsOfTicket(kind, after.fields), requester: ticket.requester },
    ...{ hallId: ticket.hallId, deviceId: ticket.deviceId, lon, lat, category: categoryOf(kind, after.fields) },
  };
  await tx
    .insert(assistTickets)
    .values({ tenantId: ticket.tenantId, ticketId: ticket.id, madeAt: new Date(after.madeAt), ...row })
    .onConflictDoUpdate({ target: [assistTickets.tenantId, assistTickets.ticketId], set: row });
};

const keepPlace = async (tx: Tx, { ticket }: TicketLines, at: Date): Promise<void> => {
  if (!ticket.place) return;
  const { text, lon, lat } = ticket.place;
  await tx
    .insert(assistPlaces)
    .values({ tenantId: ticket.tenantId, text, lon, lat, lastAt: at })
    .onConflictDoUpdate({
      target: [assistPlaces.tenantId, assistPlaces.text],
      set: {
        ...{ used: sql`${assistPlaces.used} + 1`, lastAt: at },
        ...{
          lon: sql`coalesce(excluded.lon, ${assistPlaces.lon})`,
          lat: sql`coalesce(excluded.lat, ${assistPlaces.lat})`,
        },
      },
    });
};

/** One ticket fewer names it; a place that none names is none any more. */
const forgetPlace = async (tx: Tx, tenantId: string, text: string): Promise<void> => {
  const at = sql`${assistPlaces.tenantId} = ${tenantId} AND ${assistPlaces.text} = ${text}`;
  await tx
    .update(assistPlaces)
    .set({ used: sql`${assistPlaces.used} - 1` })
    .where(at);
  await tx.delete(assistPlaces).where(sql`${at} AND ${assistPlaces.used} <= 0`);
};

/** Lessons are taken by a job: nobody who closes a ticket waits for them. */
const keepLesson = async (tx: Tx, { ticket, kind, after }: TicketLines, at: Date): Promise<void> => {
  const isClosed = after.status === 'ended' && after.outcome === 'closed';
  const labels = isClosed ? labelsOf(kind, after) : null;
  const answered = isClosed && answerFields(kind).some((key) => Boolean(after.fields[key]));
  await tx
    .insert(assistWaiting)
    .values({ tenantId: ticket.tenantId, ticketId: ticket.id, labels, since: at })
    .onConflictDoUpdate({ target: [assistWaiting.tenantId, assistWaiting.ticketId], set: { labels, since: at } });
  await tx
    .update(assistTickets)
    .set({ answered })
    .where(sql`${assistTickets.tenantId} = ${ticket.tenantId} AND ${assistTickets.ticketId} = ${ticket.id}`);
};

/** Keeps what suggestions are made of, in the transaction of the change. */
export const assistHook: TicketHook = {
  onLines: async (tx: Tx, _ctx: VerbContext, lines) => {
    const { before, after, events } = lines;
    const at = new Date(events.at(-1)?.at ?? after.madeAt);
    const hasChanged = before === undefined || JSON.stringify(before.fields) !== JSON.stringify(after.fields);
    const isOnItsWay = before === undefined || after.tasks.some(isLive);
    const hasTurned = before !== undefined && (before.status === 'ended') !== (after.status === 'ended');
    await together([
      hasChanged && isOnItsWay && keepWords(tx, lines),
      before === undefined && keepPlace(tx, lines, at),
      hasTurned && keepLesson(tx, lines, at),
    ]);
  },
  onSealed: async (tx, _ctx, { placeBefore, ...sealed }) => {
    await keepWords(tx, sealed);
    const { ticket } = sealed;
    if (placeBefore && ticket.place?.text !== placeBefore.text)
      await forgetPlace(tx, ticket.tenantId, placeBefore.text);
  },
};
