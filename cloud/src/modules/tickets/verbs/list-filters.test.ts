import { ManualClock } from '@hallhub/shared';
import { isLive, type TicketState } from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import type { Caller } from '../../../http/testing.js';
import { wordsOf } from '../store/words-of.js';
import { bringUpTickets, request, shippedKind, type TestTickets } from '../testing.js';
import { lightAt } from '../view/row-view.js';

t.setTimeout(240_000);

interface Kept {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
  readonly phase: string;
  readonly level: string | null;
  readonly source: string;
  readonly supervised: boolean;
  readonly hall_id: string | null;
  readonly made_at: Date;
  readonly due_at: Date | null;
  readonly yellow_at: Date | null;
  readonly red_at: Date | null;
  readonly promised: boolean;
  readonly state: TicketState;
  /** Who had to do with it, and it is over. */
  readonly doers: readonly string[];
}

const hour = 3_600_000;
const texts = [
  ['路灯不亮', '人民路八十号门前的路灯坏了三天'],
  ['井盖松动', '解放路井盖松动，夜里路灯也暗'],
  ['垃圾没人清运', '幸福小区垃圾桶满溢，气味很大'],
  ['Wi-Fi 断线', 'the counter at 3F has no network'],
] as const;
const numbers = { random: 1 };
/** The same in every run; the filters are what changes. */
const next = (most: number): number => {
  numbers.random = (numbers.random * 48_271) % 2_147_483_647;
  return numbers.random % most;
};

/** Tickets at every step, of several instants, some of them late, some over. */
const makeSome = async (cloud: TestTickets, clerk: Caller, dispatcher: Caller, worker: Caller): Promise<void> => {
  // Their days lie behind: sessions of today would not outlive them.
  const clock = new ManualClock(cloud.clock.now() - 14 * 24 * hour);
  const inThePast = async (caller: Caller) => ({ ...(await cloud.ctxOf(caller)), clock });
  const [clerks, dispatchers, workers] = [await inThePast(clerk), await inThePast(dispatcher), await inThePast(worker)];
  for (let n = 0; n < 20; n++) {
    await clock.advance(next(14) * hour);
    const [title, content] = texts[next(texts.length)] as (typeof texts)[number];
    const fields = { ...request().fields, title: `${title}${n % 5}`, content };
    const level = [null, 'urgent', 'major'][next(3)] ?? null;
    const { id } = await cloud.make(n % 7 === 0 ? { ...cloud.systemContext(), clock } : clerks, {
      hallId: [null, cloud.hallId, cloud.otherHallId][n % 3] ?? null,
      ...{ fields, level, source: n % 7 === 0 ? ('web_form' as const) : ('console' as const) },
    });
    const taskOf = async (): Promise<string> => {
      const [row] = await cloud.rows<{ state: TicketState }>('SELECT state FROM tickets WHERE id = $1', [id]);
      return row?.state.tasks.find(isLive)?.id ?? '';
    };
    const submit = async (ctx: typeof clerks, action: string, more: object = {}) =>
      cloud.act(ctx, id, { do: 'submit', task: await taskOf(), action, fields: {}, ...more });
    const to = [{ kind: 'office', id: cloud.offices[n % 2 === 0 ? 'works' : 'greens'] }] as const;
    const steps = [
      () => submit(clerks, 'to_dispatch'),
      () => submit(dispatchers, 'dispatch', { to }),
      async () => cloud.act(workers, id, { do: 'sign', task: await taskOf() }),
      () => submit(workers, 'solved', { fields: { result: '已换灯泡', reply: '修好了' } }),
      () => submit(dispatchers, 'pass'),
      () => submit(clerks, 'confirm', { fields: { reached: true, satisfaction: 5 } }),
    ];
    for (const step of steps.slice(0, next(steps.length + 1))) {
      await clock.advance(next(4) * hour);
      await step();
    }
    if (n % 6 === 0) {
      await cloud.act(dispatchers, id, { do: 'supervise', on: true, opinion: '重点' }).catch(() => undefined);
    }
  }
};

/** All tickets as they stand, without any query of the product's. */
const readAll = (cloud: TestTickets): Promise<Kept[]> =>
  cloud.rows<Kept>(
    `SELECT t.id, number, kind, phase, hall_id, level, source, supervised, made_at, due_at, yellow_at, red_at, promised, state,
       ARRAY(SELECT d.person_id FROM ticket_doers d WHERE d.ticket_id = t.id) AS doers FROM tickets t`,
  );

interface Filter {
  readonly view: 'todo' | 'handled' | 'initiated' | 'done' | 'office' | 'all';
  readonly q?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly phase?: string;
  readonly level?: string;
  readonly light?: string;
  readonly source?: string;
  readonly officeId?: string;
  readonly holderId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly supervised?: boolean;
  readonly sort?: 'due' | 'made' | '-made';
}
interface Reader {
  readonly userId: string;
  /** Undefined: all. */
  readonly halls?: readonly string[];
  readonly offices: readonly string[];
}

const ms = (at: Date | null): number | null => at?.getTime() ?? null;
const liveOf = ({ state }: Kept) => state.tasks.filter((one) => one.state === 'open' || one.state === 'signed');
const termsOf = (typed: string): string[] =>
  [...typed.toLowerCase().matchAll(/\p{Script=Han}+|[\p{L}\p{N}]+/gu)].flatMap(
    ([word]) => word.match(/\p{Script=Han}+|\P{Script=Han}+/gu) as string[],
  );

/** Chinese stands somewhere in the text, other words begin one of it. */
const hasWords = (ticket: Kept, typed: string): boolean => {
  const words = wordsOf(ticket.number, shippedKind('citizen_request'), ticket.state.fields);
  const { title, content } = ticket.state.fields as { title: string; content: string };
  const result = String(ticket.state.fields.result ?? '');
  return termsOf(typed).every((term) =>
    /^\p{Script=Han}/u.test(term)
      ? [title, content, result, '人民路80号'].some((text) => text.includes(term))
      : words.some((word) => word.startsWith(term)),
  );
};

const expected = (all: readonly Kept[], filter: Filter, reader: Reader, now: number): string[] => {
  const mine = new Set([reader.userId, ...reader.offices]);
  const sort = filter.sort ?? (filter.view === 'todo' ? 'due' : '-made');
  const isInReach = (one: Kept): boolean =>
    reader.halls === undefined ||
    reader.halls.includes(one.hall_id ?? '') ||
    one.state.madeBy === reader.userId ||
    one.state.tasks.some(({ party, heldBy }) => mine.has(party.id) || (heldBy !== undefined && mine.has(heldBy)));
  const inView = (one: Kept): boolean => {
    const live = liveOf(one);
    const parties = filter.officeId ? [filter.officeId] : reader.offices;
    switch (filter.view) {
      case 'todo':
        return live.some(({ heldBy, party }) => mine.has(heldBy ?? party.id));
      case 'office':
        return (
          (sort === 'due' ? live : one.state.tasks).some(({ party }) => parties.includes(party.id)) && isInReach(one)
        );
      case 'handled':
        return one.doers.includes(reader.userId) && one.state.status !== 'ended';
      case 'done':
        return one.doers.includes(reader.userId) && one.state.status === 'ended';
      case 'initiated':
        return one.state.madeBy === reader.userId && (sort !== 'due' || one.state.status !== 'ended');
      case 'all':
        return (sort !== 'due' || one.state.status !== 'ended') && isInReach(one);
    }
  };
  const lights = (one: Kept) => ({
    dueAt: ms(one.due_at),
    yellowAt: ms(one.yellow_at),
    redAt: ms(one.red_at),
    promised: one.promised,
  });
  const fits = (one: Kept): boolean =>
    (filter.kind === undefined || one.kind === filter.kind) &&
    (filter.state === undefined || one.state.stateId === filter.state) &&
    (filter.phase === undefined || one.phase === filter.phase) &&
    (filter.level === undefined || one.level === filter.level) &&
    (filter.source === undefined || one.source === filter.source) &&
    (filter.light === undefined || lightAt(lights(one), one.state.status, now) === filter.light) &&
    (filter.view === 'office' ||
      filter.officeId === undefined ||
      liveOf(one).some(({ party }) => party.id === filter.officeId)) &&
    (filter.holderId === undefined ||
      liveOf(one).some(({ heldBy, party }) => (heldBy ?? party.id) === filter.holderId)) &&
    (filter.from === undefined || one.made_at.getTime() >= Date.parse(filter.from)) &&
    (filter.to === undefined || one.made_at.getTime() < Date.parse(filter.to)) &&
    (filter.supervised === undefined || one.supervised === filter.supervised) &&
    (filter.q === undefined || hasWords(one, filter.q));
  const key = (one: Kept) => (sort === 'due' ? (ms(one.due_at) ?? Number.POSITIVE_INFINITY) : one.made_at.getTime());
  const sign = sort === '-made' ? -1 : 1;
  return all
    .filter((one) => inView(one) && fits(one))
    .sort((a, b) => sign * (key(a) === key(b) ? (a.id < b.id ? -1 : 1) : key(a) < key(b) ? -1 : 1))
    .map(({ id }) => id);
};

const listed = async (reader: Caller, filter: Filter): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ limit: '7', ...(cursor ? { cursor } : {}) });
    for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
    const { status, body } = await reader.get(`/tickets?${query}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  return ids;
};

t.test('every list and every filter shows what looking at each ticket by itself would', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const dispatcher = await cloud.signInAs('ticket-dispatcher');
  const worker = await cloud.signInAs('ticket-handler');
  const { offices } = cloud;
  await cloud.join(offices.reception, [clerk.userId]);
  await cloud.join(offices.visits, [clerk.userId]);
  await cloud.join(offices.dispatch, [dispatcher.userId]);
  await cloud.join(offices.works, [worker.userId]);
  await cloud.join(offices.greens, [worker.userId]);
  const neighbour = await cloud.signInAs('ticket-handler', { hallIds: [cloud.hallId] });
  await cloud.join(offices.greens, [neighbour.userId]);
  await makeSome(cloud, clerk, dispatcher, worker);
  const all = await readAll(cloud);
  for (const { id, state } of all) {
    const { rows } = await cloud.db.ownerPool.query<{ seq: number }>(
      'SELECT seq FROM ticket_history WHERE ticket_id = $1',
      [id],
    );
    t.equal(rows.length, state.seq);
  }
  const readers: readonly (readonly [Caller, Reader])[] = [
    [clerk, { userId: clerk.userId, offices: [offices.reception, offices.visits] }],
    [dispatcher, { userId: dispatcher.userId, offices: [offices.dispatch] }],
    [worker, { userId: worker.userId, offices: [offices.works, offices.greens] }],
    [neighbour, { userId: neighbour.userId, offices: [offices.greens], halls: [cloud.hallId] }],
  ];
  const made = all.map(({ made_at }) => made_at.getTime()).sort((a, b) => a - b);
  const instants = [made[0], made[7], made[15], made.at(-1)].map((at) => new Date(at ?? 0).toISOString());
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 3 });
  const filters = fc.record({
    view: fc.constantFrom<Filter['view']>('todo', 'handled', 'initiated', 'done', 'office', 'all'),
    q: maybe(fc.constantFrom('路灯', '井盖松动', '垃圾', '没有的词', 'wi', 'network', '00007', '人民路 灯')),
    kind: maybe(fc.constantFrom('citizen_request', 'repair')),
    state: maybe(fc.constantFrom(...new Set(all.map(({ state }) => state.stateId)))),
    phase: maybe(fc.constantFrom('new', 'open', 'solved', 'closed')),
    level: maybe(fc.constantFrom('urgent', 'major')),
    light: maybe(fc.constantFrom('red', 'yellow', 'green')),
    source: maybe(fc.constantFrom('console', 'web_form')),
    officeId: maybe(fc.constantFrom(...Object.values(offices))),
    holderId: maybe(fc.constantFrom(worker.userId, offices.dispatch)),
    from: maybe(fc.constantFrom(...instants)),
    to: maybe(fc.constantFrom(...instants)),
    supervised: maybe(fc.boolean()),
    sort: maybe(fc.constantFrom('due' as const, 'made' as const, '-made' as const)),
  });
  let shown = 0;
  const check = async (filter: Filter, reader: number) => {
    const [caller, who] = readers[reader] as (typeof readers)[number];
    const ids = await listed(caller, filter);
    shown += ids.length;
    t.same(ids, expected(all, filter, who, cloud.clock.now()), JSON.stringify({ filter, reader }));
  };
  for (const view of ['todo', 'handled', 'initiated', 'done', 'office', 'all'] as const) {
    for (const light of [undefined, 'red', 'yellow', 'green']) {
      for (const reader of view === 'all' ? [3] : [0, 2]) await check({ view, ...(light ? { light } : {}) }, reader);
    }
    for (const reader of [1, 3]) await check({ view, q: '路灯' }, reader);
  }
  await fc.assert(
    fc.asyncProperty(filters, fc.nat({ max: 3 }), async (filter, reader) => {
      await check(filter as Filter, reader);
    }),
    { numRuns: 30 },
  );
  t.ok(shown > 100, `${shown} rows were compared`);
  for (const [caller, who] of readers) {
    const { body } = await caller.get('/tickets/counts');
    const count = (filter: Filter) => expected(all, filter, who, cloud.clock.now()).length;
    t.same(body, {
      ...{ todo: count({ view: 'todo' }), todoRed: count({ view: 'todo', light: 'red' }) },
      ...{ todoYellow: count({ view: 'todo', light: 'yellow' }), handled: count({ view: 'handled' }) },
      ...{ initiated: count({ view: 'initiated' }), done: count({ view: 'done' }) },
    });
  }
});

t.test('what never had a clock was in time no more than late: no light, and under none', async (t) => {
  const timeless = { ...shippedKind('citizen_request'), clocks: [], notices: [], supervise: [] };
  const cloud = await bringUpTickets(t, { kinds: [timeless] });
  const clerk = await cloud.signInAs('ticket-dispatcher');
  await cloud.join(cloud.offices.reception, [clerk.userId]);
  const ctx = await cloud.ctxOf(clerk);
  const { id } = await cloud.make(ctx);
  t.match(await cloud.act(ctx, id, { do: 'cancel', opinion: '误登记' }), { status: 'ended', light: null });
  t.match((await clerk.get('/tickets?view=all')).body.items, [{ id, light: null }]);
  for (const light of ['green', 'yellow', 'red'])
    t.same((await clerk.get(`/tickets?view=all&light=${light}`)).body.items, [], light);
});
