import t from 'tap';
import { actorOf, anna, bo, chen, desk, dora, person, TryTicket, works } from '../__fixtures__/try-ticket.js';
import { replay } from './apply-event.js';
import { liveTasks } from './ticket-state.js';

const office = (id: string) => ({ kind: 'office', id }) as const;
/** Handled by whoever is named; a second handler makes it a joint step. */
const dispatched = (action: string, ...to: { kind: 'person' | 'office'; id: string }[]): TryTicket => {
  const ticket = new TryTicket();
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action, fields: {}, to });
  return ticket;
};
const whose = ({ state }: TryTicket) =>
  liveTasks(state).map(({ party, heldBy, state }) => ({ party: party.id, heldBy, state }));

t.test('what a colleague of the office signed for, another takes over: in the history, and theirs alone', async (t) => {
  const ticket = dispatched('one', office(works));
  const first = ticket.task();
  t.match(ticket.ask(chen, { do: 'takeOver', task: first }), { code: 'already_so' }, 'nobody has it: it is signed for');
  ticket.ask(bo, { do: 'sign', task: first });
  t.match(ticket.ask(bo, { do: 'takeOver', task: first }), { code: 'already_so' });
  t.match(ticket.ask(anna, { do: 'takeOver', task: first }), { code: 'not_yours' }, 'of another office');
  const byLead = actorOf(anna, { mayIntervene: true, maySupervise: true });
  t.match(ticket.ask(byLead, { do: 'takeOver', task: first }), { code: 'not_yours' }, 'who oversees it intervenes');
  t.equal(ticket.ask(chen, { do: 'takeOver', task: first, opinion: '他请假' }), undefined);
  t.same(whose(ticket), [{ party: works, heldBy: chen, state: 'signed' }]);
  t.match(ticket.events.slice(-2), [
    { type: 'handed', how: 'take_over', by: chen, opinion: '他请假' },
    { type: 'signed' },
  ]);
  t.match(ticket.ask(bo, { do: 'edit', task: first, fields: { result: 'x' } }), { code: 'task_not_open' });
  t.match(ticket.ask(bo, { do: 'withdraw' }), { code: 'already_acted_on' });
  const done = { do: 'submit', task: ticket.task(), action: 'done', fields: { result: '已修' } } as const;
  t.match(ticket.ask(bo, done), { code: 'already_taken' });
  t.equal(ticket.ask(chen, done), undefined);
  t.strictSame(replay(ticket.events), ticket.state);
});

t.test(
  'what came back to the person is still the office’s: a colleague takes it over, or they give it back',
  async (t) => {
    const returned = (): TryTicket => {
      const ticket = dispatched('one', office(works));
      ticket.ask(bo, { do: 'sign', task: ticket.task() });
      ticket.ask(bo, { do: 'return', task: ticket.task(), action: 'back', step: 'dispatch', opinion: '不归我管' });
      return ticket;
    };
    const ticket = returned();
    t.match(whose(ticket), [{ party: anna, state: 'open' }], 'it lies with who did it');
    t.match(ticket.ask(chen, { do: 'takeOver', task: ticket.task() }), { code: 'not_yours' });
    t.equal(ticket.ask(dora, { do: 'takeOver', task: ticket.task() }), undefined);
    t.same(whose(ticket), [{ party: desk, heldBy: dora, state: 'signed' }]);
    t.match(ticket.ask(anna, { do: 'release', task: ticket.task() }), { code: 'already_taken' });
    const other = returned();
    t.equal(other.ask(anna, { do: 'release', task: other.task() }), undefined);
    t.same(whose(other), [{ party: desk, heldBy: undefined, state: 'open' }]);
    t.equal(other.events.at(-1)?.type, 'handed');
    t.strictSame(replay(other.events), other.state);
  },
);

t.test(
  'whom a ticket was given by name, and to whom it was lent, keep it; nobody speaks with two voices',
  async (t) => {
    const named = dispatched('one', person(bo));
    t.match(named.ask(chen, { do: 'takeOver', task: named.task() }), { code: 'not_yours' });
    t.match(named.ask(bo, { do: 'release', task: named.task() }), { code: 'not_now' });
    const lent = dispatched('one', office(works));
    lent.ask(bo, { do: 'sign', task: lent.task() });
    const whole = lent.task();
    lent.ask(bo, { do: 'delegate', task: whole, to: person(anna) });
    t.match(lent.ask(chen, { do: 'takeOver', task: whole }), { code: 'task_not_open' });
    t.match(lent.ask(chen, { do: 'takeOver', task: lent.task(anna) }), { code: 'not_yours' });
    const joint = dispatched('all', office(works), person(chen));
    joint.ask(bo, { do: 'sign', task: joint.task(works) });
    t.match(joint.ask(chen, { do: 'takeOver', task: joint.task(works) }), { code: 'already_signer' });
    t.equal(joint.ask(dora, { do: 'takeOver', task: joint.task(works) }), undefined);
    t.match(liveTasks(joint.state).at(-1), { lead: true, heldBy: dora }, 'who leads still leads');
    const paused = dispatched('one', office(works));
    paused.ask(bo, { do: 'sign', task: paused.task() });
    paused.ask(bo, { do: 'suspend', task: paused.task(), opinion: '等料' });
    t.match(paused.ask(chen, { do: 'takeOver', task: paused.task() }), { code: 'suspended' });
  },
);

t.test('what was only lent to an office makes it nobody’s there: whoever has it by name keeps it', async (t) => {
  const ticket = dispatched('one', office(works));
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  ticket.ask(bo, { do: 'delegate', task: ticket.task(), to: office(desk) });
  ticket.ask(anna, { do: 'sign', task: ticket.task(desk) });
  ticket.ask(anna, { do: 'submit', task: ticket.task(desk), action: 'done', fields: { result: '看过' } });
  t.equal(ticket.ask(bo, { do: 'transfer', task: ticket.task(works), to: person(anna), opinion: '归你' }), undefined);
  t.match(ticket.ask(dora, { do: 'takeOver', task: ticket.task(anna) }), { code: 'not_yours' });
  t.match(ticket.ask(anna, { do: 'release', task: ticket.task(anna) }), { code: 'not_now' });
});

t.test(
  'named by whoever had it meanwhile, it is the person’s own, though they had taken it on for the office',
  async (t) => {
    const ticket = dispatched('one', office(works));
    ticket.ask(bo, { do: 'sign', task: ticket.task() });
    for (const [from, to] of [
      [bo, anna],
      [anna, bo],
    ] as const) {
      if (from === anna) ticket.ask(anna, { do: 'sign', task: ticket.task() });
      t.equal(ticket.ask(from, { do: 'transfer', task: ticket.task(), to: person(to), opinion: '归你' }), undefined);
    }
    t.match(ticket.ask(chen, { do: 'takeOver', task: ticket.task() }), { code: 'not_yours' });
  },
);

t.test('an office that has a task of the visit already gets no second one', async (t) => {
  const ticket = dispatched('all', office(works));
  ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'agree', fields: {} });
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'again', fields: { pleased: 1 } });
  const loose = { task: ticket.task(), action: 'loose', fields: {}, to: [person(anna)] };
  t.equal(ticket.ask(anna, { do: 'submit', ...loose }), undefined);
  ticket.ask(anna, { do: 'sign', task: ticket.task() });
  const back = { task: ticket.task(), action: 'back', step: 'together', opinion: '再会办' };
  t.equal(ticket.ask(anna, { do: 'return', ...back }), undefined);
  const own = ticket.task(bo);
  t.equal(ticket.ask(bo, { do: 'addSigners', task: own, to: [office(works)] }), undefined);
  t.match(ticket.ask(bo, { do: 'release', task: own }), { code: 'already_signer' });
  t.match(ticket.ask(dora, { do: 'takeOver', task: own }), { code: 'already_signer' });
  t.match(whose(ticket), [{ party: bo }, { party: works }]);
});
