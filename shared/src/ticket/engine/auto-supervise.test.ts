import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { diffKinds } from '../diff/diff-kinds.js';
import { DryTicket } from '../dry-run/dry-ticket.js';
import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';
import { lintKind } from '../lint/lint-kind.js';
import { replay } from './apply-event.js';
import { mayCallSupervision, superviseByClocks } from './auto-supervise.js';
import { nothing, type TicketState } from './ticket-state.js';

const label = { zh: '反复退单，请查清', en: 'Returned again and again' };
const kindWith = (...rules: object[]): TicketKind =>
  ticketKindSchema.parse({
    ...tryKind,
    supervise: rules.map((rule) => ({ to: [{ kind: 'leader' }], label, ...rule })),
  });

const clock = {
  ...{
    id: 'work',
    label,
    purpose: 'handling',
    from: { at: 'made' },
    until: [{ at: 'ended' }],
    targets: [{ minutes: 1 }],
  },
  escalations: [0, 60].map((afterMinutes) => ({ afterMinutes, to: { kind: 'leader' } })),
};

/** Given to `bo` and given back, so often. */
const returned = (ticket: DryTicket, times: number): void => {
  for (let i = 0; i < times; i++) {
    const ask = (as: string, command: object) => ticket.ask({ as, command: command as never, afterMinutes: 1 });
    ask('desk', { do: 'submit', action: 'one', fields: {}, to: ['bo'] });
    ask('bo', { do: 'sign' });
    ask('bo', { do: 'return', action: 'back', step: 'dispatch', opinion: '不归我管' });
  }
};
const made = (kind: TicketKind): DryTicket => {
  const ticket = new DryTicket(kind);
  ticket.ask({ as: 'anna', make: { fields: { title: '路灯' }, level: null, source: 'console' } });
  return ticket;
};
const supervisions = ({ events }: DryTicket) => events.filter(({ type }) => type === 'supervised');

t.test('what was returned so often is under supervision by the act that makes it so often, once', async (t) => {
  const ticket = made(kindWith({ id: 'again', on: { on: 'returned', times: 2 } }));
  returned(ticket, 1);
  t.notOk(ticket.state.supervised);
  returned(ticket, 1);
  t.match(supervisions(ticket), [{ by: 'system', on: true, rule: 'again', opinion: '反复退单，请查清' }]);
  t.ok(ticket.state.supervised);
  t.strictSame(replay(ticket.events), ticket.state);
  ticket.ask({ as: 'supervisor', command: { do: 'supervise', on: false, opinion: '已处理' }, afterMinutes: 1 });
  returned(ticket, 1);
  t.notOk(ticket.state.supervised, 'who lifted it knows: the third return is no news');
  t.equal(supervisions(ticket).length, 2);
});

t.test('what the citizen has done again counts as reopened', async (t) => {
  const ticket = made(kindWith({ id: 'again', on: { on: 'reopened', times: 2 } }));
  const ask = (as: string, command: object) => ticket.ask({ as, command: command as never, afterMinutes: 1 });
  for (const times of [1, 2]) {
    ask('desk', { do: 'submit', action: 'one', fields: {}, to: ['bo'] });
    ask('bo', { do: 'sign' });
    ask('bo', { do: 'submit', action: 'done', fields: { result: '已修' } });
    ask('anna', { do: 'submit', action: 'again', fields: { pleased: 1 }, opinion: '没修好' });
    t.equal(ticket.state.reopened, times);
    t.equal(ticket.state.supervised, times === 2);
  }
  t.match(supervisions(ticket), [{ rule: 'again', by: 'system' }]);
});

t.test('reopened; and the first rule whose condition holds', async (t) => {
  const on = { on: 'reopened' };
  const ticket = made(
    kindWith(
      { id: 'urgent', on, when: 'level = "major"' },
      { id: 'any', on },
      { id: 'too', on: { on: 'reopened', times: 1 } },
    ),
  );
  const end = { do: 'intervene', step: 'end', opinion: '结案' };
  ticket.ask({ as: 'supervisor', command: end, afterMinutes: 1 });
  t.ok('length' in ticket.ask({ as: 'anna', command: { do: 'reopen', opinion: '又坏了' }, afterMinutes: 1 }));
  t.match(supervisions(ticket), [{ rule: 'any', by: 'system' }]);
  t.equal(ticket.state.status, 'running');
});

t.test(
  'clocks: the breach, any escalation or the one meant; nothing of a ticket that is over or has it already',
  async (t) => {
    const kind = {
      ...kindWith(
        { id: 'late', on: { on: 'breach', clock: 'work' } },
        { id: 'up', on: { on: 'escalated', clock: 'work', place: 1 } },
      ),
    };
    const running: TicketState = { ...nothing, step: 'handle', stateId: 'working' };
    const rules = { kind, holds: () => true };
    const of = (what: 'warned' | 'breached' | 'escalated', place = 0, state = running) =>
      superviseByClocks(rules, state, [{ clock: 'work', what, place }]).lines.map(
        (line) => 'rule' in line && line.rule,
      );
    t.same(of('warned'), []);
    t.same(of('breached'), ['late']);
    t.same(of('escalated', 0), []);
    t.same(of('escalated', 1), ['up']);
    t.same(of('breached', 0, { ...running, supervised: true }), []);
    t.same(of('breached', 0, { ...running, status: 'ended' }), []);
    t.same(
      superviseByClocks({ ...rules, holds: () => false }, running, [{ clock: 'work', what: 'breached', place: 0 }])
        .lines.length,
      1,
      'no condition, none asked',
    );
    t.notOk(mayCallSupervision(kind, running, [{ clock: 'other', what: 'breached', place: 0 }]));
    t.ok(mayCallSupervision(kind, running, [{ clock: 'work', what: 'breached', place: 0 }]));
  },
);

t.test('lint: what never comes about, nobody there, a text with a gap; the diff tells a rule', async (t) => {
  const faults = (kind: TicketKind) =>
    lintKind(kind, { calendars: new Set() })
      .filter(({ path }) => path.startsWith('supervise'))
      .map(({ code, about }) => `${code} ${about}`);
  const plain = kindWith({ id: 'a', on: { on: 'returned' } });
  t.same(faults(plain), []);
  const neverReopened = { ...plain, reopen: undefined, ...kindOnly({ id: 'a', on: { on: 'reopened' } }) };
  t.same(faults(neverReopened), [], 'it may be done again');
  const steps = plain.steps.map((one) => ({ ...one, actions: one.actions.filter(({ id }) => id !== 'again') }));
  t.same(faults({ ...neverReopened, steps }), ['never_happens reopened']);
  t.same(faults(kindWith({ id: 'a', on: { on: 'breach', clock: 'none' } })), ['unknown_clock none']);
  const clocked = ticketKindSchema.parse({
    ...kindWith({ id: 'a', on: { on: 'escalated', clock: 'work', place: 2 } }),
    clocks: [clock],
  });
  t.same(faults(clocked), ['never_happens work']);
  t.same(faults(kindWith({ id: 'a', on: { on: 'returned' }, to: [{ kind: 'handlerOf', step: 'none' }] })), [
    'unknown_step none',
  ]);
  t.same(faults(kindWith({ id: 'a', on: { on: 'returned' }, when: 'nowhere = 1' })), ['feel_unknown_name nowhere']);
  t.same(faults(kindWith({ id: 'a', on: { on: 'returned' }, label: { zh: '{phone}' } })), [
    'placeholder_unknown phone',
  ]);
  t.same(faults(kindWith({ id: 'a', on: { on: 'returned' } }, { id: 'a', on: { on: 'reopened' } })), ['twice a']);
  t.match(diffKinds(tryKind, plain), [{ change: 'added', part: 'supervision', path: 'supervise.a', name: label }]);
  t.match(diffKinds(plain, kindWith({ id: 'a', on: { on: 'returned', times: 3 } })), [
    { change: 'changed', property: 'on' },
  ]);
});

const kindOnly = (rule: object) => ({ supervise: kindWith(rule).supervise });
