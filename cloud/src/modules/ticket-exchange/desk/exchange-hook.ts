import { uuidv7 } from '@hallhub/shared';
import {
  dispatchOfTicket,
  type ExchangeContent,
  type ExchangeMapping,
  isUnmapped,
  sayingOf,
} from '@hallhub/shared/exchange';
import { isLive, type TicketEvent, type TicketState } from '@hallhub/shared/ticket';
import { and, eq, isNull } from 'drizzle-orm';
import { afterCommit, type Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { TicketHook, TicketLines } from '../../tickets/ticket-hooks.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { filesToSend } from '../files/files-to-send.js';
import { lockLink } from '../link-book.js';
import { appendMessage, insertMessage } from '../send/append-message.js';
import { type ChannelRow, exchangeChannels, exchangeTickets, type LinkRow } from '../tables.js';
import { channelOfActor } from './echo.js';

interface Hearing {
  readonly tx: Tx;
  readonly ctx: VerbContext;
  readonly deps: Pick<ExchangeDeps, 'sealing'>;
  readonly lines: TicketLines;
  readonly at: Date;
}

/** Writes what platforms are to hear of a ticket into the outbox, in the ticket’s own transaction. `wake`: there is something to send. */
export const exchangeHook = (deps: Pick<ExchangeDeps, 'sealing'>, wake: (channelId: string) => void): TicketHook => ({
  async onLines(tx, ctx, lines) {
    const channels = await channelsOf(tx, lines);
    if (channels.length === 0) return;
    const hearing: Hearing = { tx, ctx, deps, lines, at: new Date(ctx.clock.now()) };
    for (const { channel, officeId } of channels) {
      await tellLinks(hearing, channel);
      if (officeId !== null) await tellOffice(hearing, channel, officeId);
      afterCommit(tx, () => wake(channel.id));
    }
  },
});

interface ConcernedChannel {
  readonly channel: ChannelRow;
  /** The office that stands for the platform here. */
  readonly officeId: string | null;
}

/** Channels that know the ticket, and those whose office has, or had, a task of it. Most tickets concern none: one query. */
const channelsOf = async (tx: Tx, { ticket, before, after }: TicketLines): Promise<readonly ConcernedChannel[]> => {
  const offices = [...(before?.tasks ?? []), ...after.tasks]
    .filter(({ party }) => party.kind === 'office')
    .map(({ party }) => party.id);
  const { rows } = await tx.$client.query<{ id: string; office_id: string | null }>({
    name: 'exchange-concerned',
    text: `SELECT c.id, o.id AS office_id FROM exchange_channels c
      LEFT JOIN offices o ON o.tenant_id = c.tenant_id AND o.code = c.mapping #>> '{outgoing,office}' AND o.archived_at IS NULL
      WHERE c.archived_at IS NULL AND (o.id = ANY($2) OR EXISTS (SELECT 1 FROM exchange_tickets k WHERE k.channel_id = c.id AND k.ticket_id = $1))`,
    values: [ticket.id, offices],
  });
  const found: ConcernedChannel[] = [];
  for (const row of rows) {
    const [channel] = await tx
      .select()
      .from(exchangeChannels)
      .where(and(eq(exchangeChannels.id, row.id), isNull(exchangeChannels.archivedAt)));
    if (channel) found.push({ channel, officeId: row.office_id });
  }
  return found;
};

const linksOf = async ({ tx, lines }: Hearing, channel: ChannelRow): Promise<LinkRow[]> => {
  const rows = await tx
    .select({ id: exchangeTickets.id })
    .from(exchangeTickets)
    .where(and(eq(exchangeTickets.channelId, channel.id), eq(exchangeTickets.ticketId, lines.ticket.id)))
    .orderBy(exchangeTickets.openedAt, exchangeTickets.id);
  const links: LinkRow[] = [];
  for (const { id } of rows) links.push(await lockLink(tx, id));
  return links;
};

const isOver = ({ state }: LinkRow) => state === 'closed' || state === 'cancelled';

/** What happened is said by the mapping’s rules; a ticket that ended is ended there too. */
const tellLinks = async (hearing: Hearing, channel: ChannelRow): Promise<void> => {
  const { lines, ctx } = hearing;
  const isEcho = channelOfActor(ctx.actor) === channel.id;
  for (const link of await linksOf(hearing, channel)) {
    if (isOver(link)) continue;
    let now = link;
    const rules = link.owner === 'platform' ? channel.mapping.incoming : channel.mapping.outgoing;
    if (!isEcho) {
      let before: TicketState | undefined = lines.before;
      for (const event of lines.events) {
        if (!before) break;
        const said = sayingOf(rules?.says ?? [], event, {
          ...{ before, after: lines.after, by: nameOf(ctx, event), step: stepName(lines, before) },
          opinions: rules?.opinions,
        });
        if (said && rules)
          now = (await say(hearing, now, await withFiles(hearing, { said, link: now, side: rules }))) ?? now;
        if (event.type === 'entered') before = { ...before, step: event.step };
      }
    }
    if (link.owner === 'hub' && lines.after.status === 'ended' && !isOver(now)) await sayEnded(hearing, now);
  }
};

const nameOf = ({ actor }: VerbContext, { by }: TicketEvent): string | undefined =>
  by === 'system' ? undefined : actor.userName;

const stepName = ({ kind }: TicketLines, { step }: TicketState): string | undefined =>
  kind.steps.find(({ id }) => id === step)?.label.zh;

/** What was added to the ticket since goes along with whatever is said next. */
const withFiles = async <C extends ExchangeContent>(
  { tx, lines }: Hearing,
  { said, link, side }: { said: C; link: LinkRow; side: NonNullable<ExchangeMapping['incoming' | 'outgoing']> },
): Promise<C> => ({ ...said, ...(await filesToSend(tx, { lines, link, side })) });

const say = (hearing: Hearing, link: LinkRow, content: ExchangeContent): Promise<LinkRow | undefined> =>
  appendMessage(hearing.tx, { sealing: hearing.deps.sealing, link, content, at: hearing.at });

const sayEnded = async (hearing: Hearing, link: LinkRow): Promise<void> => {
  const { lines, at } = hearing;
  const base = { at: at.getTime(), files: [] };
  const words = lines.events.findLast(({ opinion }) => opinion !== undefined)?.opinion;
  if (link.state === 'finished') await say(hearing, link, { ...base, act: 'close', ...(words ? { words } : {}) });
  else await say(hearing, link, { ...base, act: 'cancel', words: words ?? '工单已结束' });
};

/** The platform’s office was given a task: the ticket goes there. It has none any more, and did not give it back itself: it is taken back. */
const tellOffice = async (hearing: Hearing, channel: ChannelRow, officeId: string): Promise<void> => {
  const { lines, ctx } = hearing;
  const hasTask = (state: TicketState | undefined) =>
    state?.status !== 'ended' && state?.tasks.some((task) => isLive(task) && task.party.id === officeId);
  const isEcho = channelOfActor(ctx.actor) === channel.id;
  const links = (await linksOf(hearing, channel)).filter(({ owner }) => owner === 'hub');
  const open = links.find((link) => !isOver(link));
  if (hasTask(lines.after)) {
    if (!open) await dispatch(hearing, channel, links.length);
    else if (open.state === 'returned' && !hasTask(lines.before)) await dispatchAgain(hearing, channel, open);
    return;
  }
  if (isEcho || !open || !hasTask(lines.before)) return;
  if (open.state !== 'dispatched' && open.state !== 'signed') return;
  const words = lines.events.findLast(({ opinion }) => opinion !== undefined)?.opinion ?? '改由他人办理';
  await say(hearing, open, { act: 'cancel', at: hearing.at.getTime(), files: [], words });
};

const contentOf = ({ lines, at }: Hearing, channel: ChannelRow) => {
  const rule = channel.mapping.outgoing;
  if (!rule) return undefined;
  const { fields, level } = lines.after;
  return dispatchOfTicket(rule, { fields, level, title: lines.ticket.title, at: at.getTime() });
};

const dispatch = async (hearing: Hearing, channel: ChannelRow, before: number): Promise<void> => {
  const { tx, lines, at } = hearing;
  const content = contentOf(hearing, channel);
  const side = channel.mapping.outgoing;
  if (!content || !side) return;
  const { ticket } = lines;
  const link: LinkRow = {
    ...{ id: uuidv7(), tenantId: ticket.tenantId, channelId: channel.id, ticketId: ticket.id, owner: 'hub' },
    // Sent a second time after it had been ended there: a number of its own.
    ...{ number: before === 0 ? ticket.number : `${ticket.number}-${before + 1}`, peerNumber: null },
    ...{ state: 'dispatched', extension: false, seqIn: 0, seqOut: 0, lastWord: 1, openedAt: at, updatedAt: at },
  };
  await tx.insert(exchangeTickets).values(link);
  const { sealing } = hearing.deps;
  if (!isUnmapped(content)) {
    const whole = await withFiles(hearing, { said: content, link, side });
    return insertMessage(tx, { sealing, link, content: whole, pos: 1, at });
  }
  // It cannot be said in their codes: it waits in the log for somebody who mends the mapping and replays it.
  const bare = { act: 'dispatch' as const, at: at.getTime(), files: [], title: ticket.title.slice(0, 200), fields: {} };
  const failed = { code: 'unmapped', detail: `There is no rule for the ${content.unmapped} ${content.value}` };
  const rest = { text: '', category: [], level: null, requester: null, place: null, dueAt: null };
  await insertMessage(tx, { sealing, link, content: { ...bare, ...rest }, pos: 1, at, failed });
};

const dispatchAgain = async (hearing: Hearing, channel: ChannelRow, link: LinkRow): Promise<void> => {
  const content = contentOf(hearing, channel);
  const side = channel.mapping.outgoing;
  if (!content || !side || isUnmapped(content)) return;
  await say(hearing, link, await withFiles(hearing, { said: content, link, side }));
};
