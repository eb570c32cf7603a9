import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { actorOf, anna, bo, chen, dora, people, person, TryTicket, works } from '../__fixtures__/try-ticket.js';
import { ticketKindSchema } from '../kind/kind-schema.js';
import { lintKind } from '../lint/lint-kind.js';
import { replay } from './apply-event.js';
import type { TicketCommand } from './ticket-command.js';
import { liveTasks } from './ticket-state.js';

const office = (id: string) => ({ kind: 'office', id }) as const;
const passed = (to = person(bo)): TryTicket => {
  const ticket = new TryTicket();
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'loose', fields: {}, to: [to] });
  return ticket;
};
const handOn = (ticket: TryTicket, by: string, to: Parameters<typeof passed>[0] & object, opinion?: string) => {
  ticket.ask(by, { do: 'sign', task: ticket.task() });
  return ticket.ask(by, { do: 'transfer', task: ticket.task(), to, ...(opinion === undefined ? {} : { opinion }) });
};
const whose = ({ state }: TryTicket) => liveTasks(state).map(({ party, heldBy }) => heldBy ?? party.id);

t.test(
  'whoever has it hands it to whom they like, back too; one has it at a time; whoever has it ends it',
  async (t) => {
    const ticket = passed();
    for (const [by, to] of [
      [bo, chen],
      [chen, dora],
      [dora, bo],
      [bo, chen],
    ] as const) {
      t.equal(handOn(ticket, by, person(to)), undefined, 'no word is needed');
      t.same(whose(ticket), [to]);
    }
    t.match(
      ticket.events.filter(({ type }) => type === 'handed'),
      [{ how: 'hand_on', by: bo }, { by: chen }, { by: dora }, { by: bo }],
    );
    t.match(ticket.state, { step: 'passing', visit: 1, stateId: 'working', returned: 0 }, 'it stays where it is');
    t.match(handOn(ticket, bo, person(dora)), { code: 'not_yours' }, 'who handed it on has it no more');
    t.match(handOn(ticket, chen, person(chen)), { code: 'already_signer' });
    t.match(ticket.ask(chen, { do: 'submit', task: ticket.task(), action: 'enough', fields: {} }), {
      code: 'fields_missing',
    });
    t.equal(
      ticket.ask(chen, { do: 'submit', task: ticket.task(), action: 'enough', fields: { result: '好' } }),
      undefined,
    );
    t.match(ticket.state, { step: 'visit', marks: { solved: Number } });
    t.strictSame(replay(ticket.events), ticket.state);
  },
);

t.test('to an office: any of its people takes it on; what is lent comes back to whoever lent it', async (t) => {
  const ticket = passed();
  handOn(ticket, bo, office(works));
  t.match(ticket.state.tasks.at(-1), { party: { id: works }, state: 'open' });
  ticket.ask(chen, { do: 'sign', task: ticket.task() });
  ticket.ask(chen, { do: 'delegate', task: ticket.task(), to: person(anna) });
  t.same(whose(ticket), [anna]);
  handOn(ticket, anna, person(dora));
  t.same(whose(ticket), [dora], 'a delegate hands it on, too');
  ticket.ask(dora, { do: 'sign', task: ticket.task() });
  t.equal(
    ticket.ask(dora, { do: 'submit', task: ticket.task(), action: 'enough', fields: { result: '好' } }),
    undefined,
  );
  t.same(whose(ticket), [chen]);
  t.equal(ticket.ask(chen, { do: 'submit', task: ticket.task(), action: 'enough', fields: {} }), undefined);
  t.equal(ticket.state.step, 'visit');
});

t.test('handed back and forth for ever: the step has an end of it, and the ticket still goes on', async (t) => {
  const ticket = passed();
  let by = bo;
  let refused: object | undefined;
  for (let i = 0; i < 300 && refused === undefined; i++) {
    const to = by === bo ? chen : bo;
    refused = handOn(ticket, by, person(to));
    if (refused === undefined) by = to;
  }
  t.match(refused, { code: 'too_often' });
  t.equal(ticket.state.tasks.filter(({ step }) => step === 'passing').length, 200);
  t.equal(ticket.ask(by, { do: 'submit', task: ticket.task(), action: 'enough', fields: { result: '好' } }), undefined);
  t.equal(ticket.state.step, 'visit');
});

t.test('a free step that nobody can hand on is told to its author', async (t) => {
  const steps = tryKind.steps.map((one) =>
    one.id === 'passing' ? { ...one, actions: one.actions.filter(({ act }) => act !== 'transfer') } : one,
  );
  const faults = (kind: object) => lintKind(ticketKindSchema.parse(kind), { calendars: new Set() });
  t.match(
    faults({ ...tryKind, steps }).filter(({ path }) => path === 'steps.passing'),
    [{ code: 'free_stays', severity: 'warning' }],
  );
  t.notOk(faults(tryKind).some(({ code }) => code === 'free_stays'));
});

t.test(
  'whatever people do in it: one has it, nothing is lost, it is always closable, and the history says all',
  async (t) => {
    const ask = (ticket: TryTicket, [who, what, whom]: readonly [number, number, number]): void => {
      const { tasks } = ticket.state;
      const task = tasks[who % tasks.length]?.id ?? '';
      const to = whom % 5 === 4 ? office(works) : person(people[whom % people.length] ?? bo);
      const commands: TicketCommand[] = [
        { do: 'sign', task },
        { do: 'transfer', task, to },
        { do: 'transfer', task, to },
        { do: 'delegate', task, to },
        { do: 'submit', task, action: 'enough', fields: { result: '好' } },
        { do: 'release', task },
        { do: 'takeOver', task },
        { do: 'return', task, action: 'back', step: 'dispatch', opinion: 'x' },
        { do: 'submit', task, action: 'loose', fields: {}, to: [to] },
        { do: 'withdraw' },
        { do: 'suspend', task, opinion: 'x' },
        { do: 'resume' },
        { do: 'askExtension', task, minutes: 60, opinion: 'x' },
      ];
      ticket.ask(people[whom % people.length] ?? bo, commands[what % commands.length] as TicketCommand);
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)), { maxLength: 80 }), (asked) => {
        const ticket = passed();
        for (const one of asked) {
          ask(ticket, one);
          const own = liveTasks(ticket.state).filter(({ purpose }) => purpose === 'handle');
          if (ticket.state.status !== 'ended' && own.length !== 1) return false;
          const lent = ticket.state.tasks.filter(({ state }) => state === 'lent');
          if (lent.some(({ id }) => own[0]?.lentBy !== id)) return false;
        }
        t.strictSame(replay(ticket.events), ticket.state);
        const boss = actorOf(dora, { mayIntervene: true });
        return (
          ticket.ask(boss, { do: 'intervene', step: 'end', opinion: 'x' }) === undefined &&
          liveTasks(ticket.state).length === 0
        );
      }),
      { numRuns: 500, seed: 6 },
    );
  },
);
