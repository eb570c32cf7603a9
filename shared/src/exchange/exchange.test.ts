import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../ticket/__fixtures__/try-kind.js';
import { bo, TryTicket } from '../ticket/__fixtures__/try-ticket.js';
import {
  commandsOf,
  compareBooks,
  dispatchOfTicket,
  type ExchangeAct,
  type ExchangeBookLine,
  type ExchangeState,
  exchangeActs,
  exchangeMappingSchema,
  exchangeMessageSchema,
  exchangeRequestText,
  heardExchangeState,
  isExchangeRefused,
  isUnmapped,
  mayAct,
  nextExchangeState,
  sayingOf,
  ticketOfDispatch,
} from './index.js';

const message = (act: ExchangeAct, more: object = {}) =>
  exchangeMessageSchema.parse({
    ...{ v: 1, id: 'm-1', ticket: { owner: 'platform', number: 'P1' }, seq: 1, seen: 0, at: 1_780_000_000_000, act },
    ...more,
  });

const mapping = exchangeMappingSchema.parse({
  v: 1,
  incoming: {
    kind: 'try',
    fields: { title: 'title', text: 'result', category: 'matter', requesterPhone: 'phone' },
    categories: { '0102': ['streets', 'lamps'], '*': ['other'] },
    levels: { urgent: 'major', normal: null },
    more: [{ theirs: 'areaCode', ours: 'area' }],
    on: {
      rework: [{ do: 'submit', step: 'visit', action: 'again', set: { pleased: 1 } }, { do: 'reopen' }],
      close: [{ do: 'submit', step: 'visit', action: 'close', take: { pleased: 'satisfaction' } }],
      decide_extension: [{ do: 'decideExtension' }],
    },
    says: [
      { when: { type: 'signed', step: 'handle' }, act: 'sign' },
      { when: { type: 'finished', mark: 'solved' }, act: 'finish', words: 'result' },
      { when: { type: 'returned' }, act: 'return' },
      { when: { type: 'extension_asked' }, act: 'ask_extension' },
    ],
  },
});
const incoming = mapping.incoming as NonNullable<typeof mapping.incoming>;

t.test(
  'a reminder that was on its way while the ticket was finished or returned is heard, and holds nothing up',
  async (t) => {
    for (const state of ['dispatched', 'signed', 'finished', 'returned'] as const)
      t.same(heardExchangeState({ state, extension: false }, 'remind'), { state, extension: false }, state);
    for (const state of ['closed', 'cancelled'] as const)
      t.equal(heardExchangeState({ state, extension: false }, 'remind'), 'not_now', state);
    t.equal(heardExchangeState(null, 'remind'), 'not_now');
    t.equal(nextExchangeState({ state: 'finished', extension: false }, 'remind'), 'not_now', 'nobody says one then');
    t.equal(heardExchangeState({ state: 'signed', extension: false }, 'close'), 'not_now', 'all else as before');
  },
);

t.test('whatever two ends do, only the owner opens and ends, and a step that is refused changes nothing', async (t) => {
  const steps = fc.array(fc.constantFrom(...exchangeActs), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (acts) => {
      let state: ExchangeState | null = null;
      for (const act of acts) {
        const next = nextExchangeState(state, act, { granted: true });
        if (isExchangeRefused(next)) continue;
        if (state === null && act !== 'dispatch') return false;
        if (state && (state.state === 'closed' || state.state === 'cancelled')) return false;
        state = next;
      }
      return true;
    }),
  );
  t.notOk(mayAct('platform', 'hub', 'close'));
  t.ok(mayAct('platform', 'hub', 'finish'));
  t.ok(mayAct('hub', 'platform', 'opinion'));
});

t.test('a ticket of theirs becomes one of ours by the mapping, and what it does not cover is said', async (t) => {
  const dispatch = (more: object) =>
    message('dispatch', { title: '路灯不亮', ...more }) as Parameters<typeof ticketOfDispatch>[1];
  t.same(
    ticketOfDispatch(
      incoming,
      dispatch({
        ...{ text: '三天了', category: ['01', '0102'], level: 'urgent', requester: { phone: '13800138000' } },
        fields: { areaCode: 'A1', __proto__: null },
      }),
    ),
    {
      kind: 'try',
      level: 'major',
      fields: { title: '路灯不亮', result: '三天了', matter: ['streets', 'lamps'], phone: '13800138000', area: 'A1' },
    },
  );
  t.match(ticketOfDispatch(incoming, dispatch({ category: ['99'] })), { fields: { matter: ['other'] } });
  t.match(ticketOfDispatch(incoming, dispatch({ category: ['constructor'] })), { fields: { matter: ['other'] } });
  t.same(ticketOfDispatch(incoming, dispatch({ level: 'odd' })), { unmapped: 'level', value: 'odd' });
});

t.test('a ticket of ours goes out in their codes', async (t) => {
  const out = exchangeMappingSchema.parse({
    v: 1,
    outgoing: {
      ...{ office: 'platform_12345', fields: { title: 'title', category: 'matter', requesterName: 'name' } },
      ...{ categories: { lamps: ['01', '0102'] }, levels: { major: 'urgent' } },
    },
  }).outgoing as NonNullable<typeof mapping.outgoing>;
  const ticket = { title: '灯', level: 'major', at: 5, fields: { matter: ['streets', 'lamps'], name: '王某' } };
  const said = dispatchOfTicket(out, ticket);
  t.match(said, {
    act: 'dispatch',
    title: '灯',
    category: ['01', '0102'],
    level: 'urgent',
    requester: { name: '王某' },
  });
  t.ok(
    exchangeMessageSchema.safeParse({ ...said, v: 1, id: 'x', seq: 1, seen: 0, ticket: { owner: 'hub', number: 'A' } })
      .success,
  );
  t.ok(isUnmapped(dispatchOfTicket(out, { ...ticket, fields: { matter: ['roads'] } })));
});

t.test('an act of theirs is what the step allows, and at the last a comment: nothing is lost', async (t) => {
  const ticket = new TryTicket();
  t.same(commandsOf(incoming.on.rework ?? [], message('rework', { words: '没修好' }), ticket.state), [
    { do: 'reopen', opinion: '没修好' },
    { do: 'comment', opinion: '没修好' },
  ]);
  const visit = { ...ticket.state, step: 'visit', tasks: ticket.state.tasks.map((one) => ({ ...one, step: 'visit' })) };
  t.match(commandsOf(incoming.on.close ?? [], message('close', { satisfaction: 4 }), visit)[0], {
    ...{ do: 'submit', action: 'close', fields: { pleased: 4 } },
  });
});

t.test('what happens here is told to them by the line of history', async (t) => {
  const ticket = new TryTicket();
  const told: unknown[] = [];
  let before = ticket.state;
  let seen = ticket.events.length;
  const hear = () => {
    for (const event of ticket.events.slice(seen)) {
      const said = sayingOf(incoming.says, event, { before, after: ticket.state });
      if (said) told.push(said);
    }
    seen = ticket.events.length;
    before = ticket.state;
  };
  t.equal(tryKind.start, 'dispatch');
  ticket.ask(ticket.state.madeBy, {
    ...{ do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [{ kind: 'person', id: bo }] },
  });
  hear();
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  hear();
  ticket.ask(bo, { do: 'askExtension', task: ticket.task(bo), minutes: 60, opinion: '等配件' });
  hear();
  ticket.ask(bo, { do: 'submit', task: ticket.task(bo), action: 'done', fields: { result: '已更换灯泡' } });
  hear();
  t.match(told, [
    { act: 'sign' },
    { act: 'ask_extension', minutes: 60, words: '等配件' },
    { act: 'finish', words: '已更换灯泡' },
  ]);
});

t.test('two books are equal, or every difference is named, but for what is on its way', async (t) => {
  const line = (number: string, more: Partial<ExchangeBookLine> = {}): ExchangeBookLine => ({
    ...{ owner: 'hub', number, state: 'signed', extension: false, fromHub: 1, fromPlatform: 1 },
    ...more,
  });
  const here = [line('A'), line('B'), line('C'), line('E')];
  const there = [line('A'), line('B', { fromPlatform: 2 }), line('D'), line('E', { state: 'finished' })];
  t.same(
    compareBooks(here, there, new Set(['hub:E'])).map(({ kind, number }) => [kind, number]),
    [
      ['differs', 'B'],
      ['missing_there', 'C'],
      ['missing_here', 'D'],
    ],
  );
  t.same(compareBooks(here, here.toReversed()), []);
});

t.test('what is signed cannot be read in two ways', async (t) => {
  const of = { method: 'post', path: '/x?a=1', timestamp: '1', nonce: 'n'.repeat(16), bodySha256: 'ab' };
  t.equal(exchangeRequestText(of), `exchange-v1\nPOST\n/x?a=1\n1\n${'n'.repeat(16)}\nab`);
});
