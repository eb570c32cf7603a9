import { type Label, uuidv7 } from '@hallhub/shared';
import type { Party, TicketEvent, TicketNotice } from '@hallhub/shared/ticket';
import { afterCommit, type Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { PartyBook } from '../offices/party-book.js';
import { asksForSkills } from '../tickets/store/ticket-world.js';
import type { TicketHook } from '../tickets/ticket-hooks.js';
import { fillNotice, fillOutward, paramsOf, type TextFacts } from './notice-text.js';
import { enqueueOutward, type Outward } from './outward/enqueue.js';
import { notices } from './tables.js';
import { holdersOf, isAbout, peopleToTell, type Told } from './whom-to-tell.js';

/** What is told without any kind’s asking. */
const ownTexts = {
  escalated: { zh: '{number} {title} 已升级到您', en: '{number} {title} was escalated to you' },
  instructed: { zh: '{number} {title} 有新的批示', en: '{number} {title}: a new instruction' },
  reminded: { zh: '{number} {title} 被催办', en: '{number} {title}: a reminder' },
  handed: { zh: '{number} {title} 转到您处', en: '{number} {title} was given to you' },
  signers_added: { zh: '{number} {title} 请您一同办理', en: '{number} {title}: you are to handle it, too' },
  extension_asked: { zh: '{number} {title} 申请延期，请审批', en: '{number} {title}: more time is asked for' },
} as const satisfies Record<string, Label>;

interface ToTell {
  readonly rule: string;
  readonly text: Label;
  readonly people: readonly string[];
  readonly once: string;
  /** The kind’s own, which may leave the house too. */
  readonly notice?: TicketNotice;
}

const factsOf = (tx: Tx, { ticket, kind, state }: Told, all: readonly ToTell[]): Promise<TextFacts> | TextFacts => {
  const facts: TextFacts = {
    ...{ number: ticket.number, title: ticket.title, kind, fields: state.fields },
    ...{ stateId: state.stateId, step: state.step, dueAt: ticket.dueAt },
  };
  const asksWhen = all.some(({ text }) => text.zh.includes('{due}') || text.en?.includes('{due}'));
  return asksWhen && ticket.hallId !== null ? withZone(tx, ticket.hallId, facts) : facts;
};

const withZone = async (tx: Tx, hallId: string, facts: TextFacts): Promise<TextFacts> => {
  const { rows } = await tx.$client.query<{ zone: string }>('SELECT time_zone AS zone FROM halls WHERE id = $1', [
    hallId,
  ]);
  return rows[0] ? { ...facts, zone: rows[0].zone } : facts;
};

const tell = async (tx: Tx, ctx: VerbContext, told: Told, all: readonly ToTell[]): Promise<void> => {
  if (all.length === 0) return;
  const facts = await factsOf(tx, told, all);
  await enqueueOutward(
    tx,
    ctx,
    all.flatMap(({ notice, text, people, once }): Outward[] =>
      notice
        ? [
            {
              ...{ tenantId: told.ticket.tenantId, ticketId: told.ticket.id, ticketKind: told.kind.code, notice },
              ...{
                text: fillOutward(text, facts),
                params: { ...paramsOf(text, facts), number: facts.number },
                people,
                once,
              },
            },
          ]
        : [],
    ),
  );
  await tellInApp(tx, ctx, { told, facts, all: all.filter(({ notice }) => !notice || inApp(notice)) });
};

interface InApp {
  readonly told: Told;
  readonly facts: TextFacts;
  readonly all: readonly ToTell[];
}

const tellInApp = async (tx: Tx, ctx: VerbContext, { told, facts, all }: InApp): Promise<void> => {
  const { ticket } = told;
  const { tenantId } = ticket;
  const by = ctx.actor.userId;
  const rows = all.flatMap(({ rule, text, people, once }) =>
    people
      // Nobody needs to be told what they did.
      .filter((personId) => personId !== by)
      .map((personId) => ({
        ...{ id: uuidv7(), tenantId, personId, ticketId: ticket.id, rule, once, madeAt: new Date(ctx.clock.now()) },
        text: fillNotice(text, facts),
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

/** Whoever a rule of supervision names is told why; the rule's label has no placeholders. */
const supervisedBy = (event: TicketEvent, { kind }: Told) => {
  const rule = event.type === 'supervised' && event.on ? kind.supervise.find(({ id }) => id === event.rule) : undefined;
  if (!rule) return [];
  const { zh, en = zh } = rule.label;
  const text: Label = {
    zh: `{number} {title} 已列入督办：${zh}`,
    en: `{number} {title} was put under supervision: ${en}`,
  };
  return [{ rule: 'supervised', text, to: rule.to, event, more: {} }];
};

/** A rule that could begin no other ticket: whoever leads those who have this one, and the office for what is nobody’s. */
const failedToBegin = (event: TicketEvent, { kind }: Told, fallback: Party | undefined) => {
  if (event.type !== 'begin_failed') return [];
  const { zh, en = zh } = kind.begins.find(({ id }) => id === event.rule)?.label ?? { zh: event.rule };
  const text: Label = {
    zh: `{number} {title} 的关联流程未能启动：${zh}`,
    en: `{number} {title}: a linked process could not begin: ${en}`,
  };
  const to: Rule[] = [{ kind: 'leader', up: 0 }, ...(fallback ? [fallback] : [])];
  return [{ rule: 'begin_failed', text, to, event, more: {} }];
};

const ownOf = (event: TicketEvent, told: Told): readonly Party[] => {
  // A hand-on of free flow is silent: whoever hands a ticket on so has spoken to them.
  if (event.type === 'handed') return event.how === 'hand_on' ? [] : [event.next.party];
  if (event.type === 'signers_added') return event.tasks.flatMap(({ isWaiting, party }) => (isWaiting ? [] : [party]));
  if (event.type === 'extension_asked') return [event.task.party];
  const isOwn =
    event.type === 'instructed' ||
    (event.type === 'reminded' && !told.kind.notices.some(({ on }) => on.on === 'reminded'));
  return isOwn ? holdersOf(told) : [];
};

/** Tells people in the console what kinds say they are to be told, and what goes up the line; in the transaction of the change. */
export const noticeHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, kind, after, events }) => {
    const told: Told = { ticket, kind, state: after };
    const isFailed = events.some(({ type }) => type === 'begin_failed');
    const { fallback } = isFailed ? await PartyBook.load(tx, ticket.tenantId, ctx.clock.now()) : {};
    const wanted = events.flatMap((event) => [
      ...kind.notices
        .filter((notice) => isAbout(notice, event))
        .map((notice) => ({ rule: notice.id, text: notice.text, to: rulesOf(notice), event, more: { notice } })),
      ...(ownOf(event, told).length > 0
        ? [{ rule: event.type, text: ownTexts[event.type as 'instructed'], to: ownOf(event, told), event, more: {} }]
        : []),
      ...supervisedBy(event, told),
      ...failedToBegin(event, told, fallback),
    ]);
    if (wanted.length === 0) return;
    const isForPeople = wanted.some(({ to }) => to.length > 0);
    const book = isForPeople
      ? await PartyBook.load(tx, ticket.tenantId, ctx.clock.now(), { asksForSkills: asksForSkills(kind) })
      : undefined;
    const actor = ctx.actor.userId ?? 'system';
    const peopleOf = (to: Parameters<typeof peopleToTell>[2]) => (book ? peopleToTell(book, told, to, actor) : []);
    await tell(
      tx,
      ctx,
      told,
      wanted.map(({ rule, text, to, event, more }) => ({
        ...{ rule, text, people: peopleOf(to), once: `${ticket.id} ${event.seq} ${rule}` },
        ...more,
      })),
    );
  },
  onClocks: async (tx, ctx, { ticket, kind, state, notes }) => {
    const told: Told = { ticket, kind, state };
    const book = await PartyBook.load(tx, ticket.tenantId, ctx.clock.now(), { asksForSkills: asksForSkills(kind) });
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
        .filter((notice) => notice.on.on === on && notice.on.clock === clock)
        .map((notice) => ({
          ...{ rule: notice.id, text: notice.text, once: `${once} ${notice.id}`, notice },
          people: peopleToTell(book, told, rulesOf(notice), 'system'),
        }));
    });
    await tell(tx, ctx, told, all);
  },
};
