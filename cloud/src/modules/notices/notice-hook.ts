import { type Label, uuidv7 } from '@hallhub/shared';
import type { Party, TicketEvent, TicketNotice } from '@hallhub/shared/ticket';
import { afterCommit, type Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { PartyBook } from '../offices/party-book.js';
import type { TicketHook } from '../tickets/ticket-hooks.js';
import { fillNotice } from './notice-text.js';
import { notices } from './tables.js';
import { holdersOf, isAbout, peopleToTell, type Told } from './whom-to-tell.js';

/** What is told without any kind’s asking. */
const ownTexts = {
  escalated: { zh: '{number} {title} 已升级到您', en: '{number} {title} was escalated to you' },
  instructed: { zh: '{number} {title} 有新的批示', en: '{number} {title}: a new instruction' },
  reminded: { zh: '{number} {title} 被催办', en: '{number} {title}: a reminder' },
} as const satisfies Record<string, Label>;

interface ToTell {
  readonly rule: string;
  readonly text: Label;
  readonly people: readonly string[];
  readonly once: string;
}

const tell = async (tx: Tx, ctx: VerbContext, told: Told, all: readonly ToTell[]): Promise<void> => {
  const { ticket, kind, state } = told;
  const { tenantId } = ticket;
  const by = ctx.actor.userId;
  const rows = all.flatMap(({ rule, text, people, once }) =>
    people
      // Nobody needs to be told what they did.
      .filter((personId) => personId !== by)
      .map((personId) => ({
        ...{ id: uuidv7(), tenantId, personId, ticketId: ticket.id, rule, once, madeAt: new Date(ctx.clock.now()) },
        text: fillNotice(text, { number: ticket.number, title: ticket.title, kind, fields: state.fields }),
      })),
  );
  if (rows.length === 0) return;
  await tx.insert(notices).values(rows).onConflictDoNothing();
  afterCommit(tx, () =>
    ctx.live.publish({
      ...{ tenantId, hallId: null, topic: 'tickets', type: 'notice.new' },
      data: { personIds: [...new Set(rows.map(({ personId }) => personId))] },
    }),
  );
};

const inApp = ({ channels }: TicketNotice): boolean => channels.includes('in_app');
type Rule = Parameters<typeof peopleToTell>[2][number];
/** The requester has no console. */
const rulesOf = ({ to }: TicketNotice): Rule[] => to.flatMap((rule) => (rule.kind === 'requester' ? [] : [rule]));

const ownOf = (event: TicketEvent, told: Told): readonly Party[] => {
  const isOwn =
    event.type === 'instructed' ||
    (event.type === 'reminded' && !told.kind.notices.some(({ on }) => on.on === 'reminded'));
  return isOwn ? holdersOf(told) : [];
};

/** Tells people in the console what kinds say they are to be told, and what goes up the line; in the transaction of the change. */
export const noticeHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, kind, after, events }) => {
    const told: Told = { ticket, kind, state: after };
    const wanted = events.flatMap((event) => [
      ...kind.notices
        .filter((notice) => inApp(notice) && isAbout(notice, event))
        .map((notice) => ({ rule: notice.id, text: notice.text, to: rulesOf(notice), event })),
      ...(ownOf(event, told).length > 0
        ? [{ rule: event.type, text: ownTexts[event.type as 'instructed'], to: ownOf(event, told), event }]
        : []),
    ]);
    if (wanted.length === 0) return;
    const book = await PartyBook.load(tx, ticket.tenantId, ctx.clock.now());
    const actor = ctx.actor.userId ?? 'system';
    await tell(
      tx,
      ctx,
      told,
      wanted.map(({ rule, text, to, event }) => ({
        ...{ rule, text, people: peopleToTell(book, told, to, actor), once: `${ticket.id} ${event.seq} ${rule}` },
      })),
    );
  },
  onClocks: async (tx, ctx, { ticket, kind, state, notes }) => {
    const told: Told = { ticket, kind, state };
    const book = await PartyBook.load(tx, ticket.tenantId, ctx.clock.now());
    const all = notes.flatMap(({ clock, run, what, place, at, to }): ToTell[] => {
      const once = `${ticket.id} ${clock} ${run} ${what} ${place} ${at}`;
      if (what === 'escalated')
        return [
          {
            rule: what,
            text: ownTexts.escalated,
            people: peopleToTell(book, told, to as readonly Party[], 'system'),
            once,
          },
        ];
      const on = what === 'warned' ? 'warning' : 'breach';
      return kind.notices
        .filter((notice) => inApp(notice) && notice.on.on === on && notice.on.clock === clock)
        .map((notice) => ({
          ...{ rule: notice.id, text: notice.text, once: `${once} ${notice.id}` },
          people: peopleToTell(book, told, rulesOf(notice), 'system'),
        }));
    });
    await tell(tx, ctx, told, all);
  },
};
