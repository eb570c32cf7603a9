import { type Label, uuidv7 } from '@hallhub/shared';
import type { Party, TicketEvent, TicketNotice } from '@hallhub/shared/ticket';
import { afterCommit, type Tx, together } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { PartyBook } from '../offices/party-book.js';
import { asksForSkills } from '../tickets/store/ticket-world.js';
import type { ClockNote, TicketHook } from '../tickets/ticket-hooks.js';
import { noticeNew } from './notice-new.js';
import { fillNotice, fillOutward, paramsOf, type TextFacts } from './notice-text.js';
import { enqueueOutward, type Outward } from './outward/enqueue.js';
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

/** A ticket and what is to be told of it. */
interface Telling {
  readonly told: Told;
  readonly all: readonly ToTell[];
}

/** Where the due instants of these are read, by hall: asked only where a text names one. */
const zonesOf = async (tx: Tx, tellings: readonly Telling[]): Promise<ReadonlyMap<string | null, string>> => {
  const asking = tellings.filter(({ all }) =>
    all.some(({ text }) => text.zh.includes('{due}') || text.en?.includes('{due}')),
  );
  const halls = [...new Set(asking.flatMap(({ told }) => told.ticket.hallId ?? []))];
  if (halls.length === 0) return new Map();
  const { rows } = await tx.$client.query<{ id: string; zone: string }>(
    'SELECT id, time_zone AS zone FROM halls WHERE id = ANY($1::uuid[])',
    [halls],
  );
  return new Map(rows.map(({ id, zone }) => [id, zone]));
};

const factsOf = ({ ticket, kind, state }: Told, zone: string | undefined): TextFacts => ({
  ...{ number: ticket.number, title: ticket.title, kind, fields: state.fields },
  ...{ stateId: state.stateId, step: state.step, dueAt: ticket.dueAt },
  ...(zone === undefined ? {} : { zone }),
});

/** Of many tickets of one organisation in as many statements as of one. */
const tell = async (tx: Tx, ctx: VerbContext, of: readonly Telling[]): Promise<void> => {
  const tellings = of.filter(({ all }) => all.length > 0);
  if (tellings.length === 0) return;
  const zones = await zonesOf(tx, tellings);
  const withFacts = tellings.map((one) => ({ ...one, facts: factsOf(one.told, zones.get(one.told.ticket.hallId)) }));
  await together([enqueueOutward(tx, ctx, withFacts.flatMap(outwardOf)), tellInApp(tx, ctx, withFacts)]);
};

const outwardOf = ({ told, facts, all }: Telling & { readonly facts: TextFacts }): Outward[] =>
  all.flatMap(({ notice, text, people, once }) =>
    notice
      ? [
          {
            ...{ tenantId: told.ticket.tenantId, ticketId: told.ticket.id, ticketKind: told.kind.code, notice },
            ...{ text: fillOutward(text, facts), params: { ...paramsOf(text, facts), number: facts.number } },
            ...{ people, once },
          },
        ]
      : [],
  );

const tellInApp = async (
  tx: Tx,
  ctx: VerbContext,
  tellings: readonly (Telling & { readonly facts: TextFacts })[],
): Promise<void> => {
  const { tenantId, userId: by } = ctx.actor;
  const rows = tellings.flatMap(({ told, facts, all }) =>
    all
      .filter(({ notice }) => !notice || inApp(notice))
      .flatMap(({ rule, text, people, once }) => {
        const filled = fillNotice(text, facts);
        return (
          people
            // Nobody needs to be told what they did.
            .filter((personId) => personId !== by)
            .map((personId) => ({
              ...{ id: uuidv7(), person_id: personId, ticket_id: told.ticket.id, rule, once, text: filled },
            }))
        );
      }),
  );
  if (rows.length === 0) return;
  await tx.$client.query(
    `INSERT INTO notices (tenant_id, made_at, id, person_id, ticket_id, rule, once, text)
     SELECT $1, $2, x.* FROM jsonb_to_recordset($3::jsonb)
       AS x(id uuid, person_id text, ticket_id uuid, rule text, once text, text jsonb) ON CONFLICT DO NOTHING`,
    [tenantId, new Date(ctx.clock.now()), JSON.stringify(rows)],
  );
  const people = rows.map((row) => row.person_id);
  afterCommit(tx, () => ctx.live.publish(noticeNew(tenantId, people)));
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

/** Whoever had it learns who has it now. */
const takenOver = (event: TicketEvent, { state }: Told, book: PartyBook) => {
  if (event.type !== 'handed' || event.how !== 'take_over') return [];
  const was = state.tasks.find(({ id }) => id === event.task);
  const from = was?.heldBy ?? (was?.party.kind === 'person' ? was.party.id : undefined);
  const by = book.personName(event.by).replaceAll(/[{}]/g, '');
  const text: Label = { zh: `{number} {title} 已由${by}接办`, en: `{number} {title} was taken over by ${by}` };
  return from === undefined
    ? []
    : [{ rule: 'taken_over', text, to: [{ kind: 'person' as const, id: from }], event, more: {} }];
};

const ownOf = (event: TicketEvent, told: Told): readonly Party[] => {
  // A hand-on of free flow is silent: whoever hands a ticket on so has spoken to them.
  if (event.type === 'handed') return event.how === 'hand_on' || event.how === 'take_over' ? [] : [event.next.party];
  if (event.type === 'signers_added') return event.tasks.flatMap(({ isWaiting, party }) => (isWaiting ? [] : [party]));
  if (event.type === 'extension_asked') return [event.task.party];
  const isOwn =
    event.type === 'instructed' ||
    (event.type === 'reminded' && !told.kind.notices.some(({ on }) => on.on === 'reminded'));
  return isOwn ? holdersOf(told) : [];
};

/** Tells people in the console what kinds say they are to be told, and what goes up the line; in the transaction of the change. */
export const noticeHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, kind, after, events, book }) => {
    const told: Told = { ticket, kind, state: after };
    const isFailed = events.some(({ type }) => type === 'begin_failed');
    const fallback = isFailed ? book.fallback : undefined;
    const wanted = events.flatMap((event) => [
      ...kind.notices
        .filter((notice) => isAbout(notice, event))
        .map((notice) => ({ rule: notice.id, text: notice.text, to: rulesOf(notice), event, more: { notice } })),
      ...(ownOf(event, told).length > 0
        ? [{ rule: event.type, text: ownTexts[event.type as 'instructed'], to: ownOf(event, told), event, more: {} }]
        : []),
      ...supervisedBy(event, told),
      ...failedToBegin(event, told, fallback),
      ...takenOver(event, told, book),
    ]);
    if (wanted.length === 0) return;
    const actor = ctx.actor.userId ?? 'system';
    const all = wanted.map(({ rule, text, to, event, more }) => ({
      ...{ rule, text, people: peopleToTell(book, told, to, actor), once: `${ticket.id} ${event.seq} ${rule}` },
      ...more,
    }));
    await tell(tx, ctx, [{ told, all }]);
  },
  onClocks: async (tx, ctx, tickets) => {
    const asks = tickets.some(({ kind }) => asksForSkills(kind));
    const book = await PartyBook.load(tx, ctx.actor.tenantId, ctx.clock.now(), { asksForSkills: asks });
    await tell(
      tx,
      ctx,
      tickets.map(({ notes, ...told }) => ({ told, all: notes.flatMap((note) => ofClock(book, told, note)) })),
    );
  },
};

/** What is told of one thing that the sweep noted. */
const ofClock = (book: PartyBook, told: Told, { clock, run, what, place, at, to }: ClockNote): ToTell[] => {
  const once = `${told.ticket.id} ${clock} ${run} ${what} ${place} ${at}`;
  if (what === 'escalated') {
    const people = peopleToTell(book, told, to as readonly Party[], 'system');
    return [{ rule: what, text: ownTexts.escalated, people, once }];
  }
  const on = what === 'warned' ? 'warning' : 'breach';
  return told.kind.notices
    .filter((notice) => notice.on.on === on && notice.on.clock === clock)
    .map((notice) => ({
      ...{ rule: notice.id, text: notice.text, once: `${once} ${notice.id}`, notice },
      people: peopleToTell(book, told, rulesOf(notice), 'system'),
    }));
};
