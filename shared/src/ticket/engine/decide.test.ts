import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { actorOf, anna, bo, chen, desk, dora, people, person, TryTicket, works } from '../__fixtures__/try-ticket.js';
import { replay } from './apply-event.js';
import { decide } from './decide.js';
import type { DecideContext } from './decide-context.js';
import type { TicketCommand } from './ticket-command.js';
import { liveTasks } from './ticket-state.js';

const dispatched = (action: 'one' | 'all' | 'first' | 'row', ...to: string[]): TryTicket => {
  const ticket = new TryTicket();
  t.equal(ticket.ask(anna, { do: 'submit', task: ticket.task(), action, fields: {}, to: to.map(person) }), undefined);
  return ticket;
};

t.test('a request goes from the desk to whoever handles it, to the return visit, to its end', async (t) => {
  const ticket = dispatched('one', bo);
  t.match(ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'done', fields: { result: 'x' } }), {
    code: 'not_now',
  });
  t.equal(ticket.ask(bo, { do: 'sign', task: ticket.task() }), undefined);
  t.match(ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'done', fields: {} }), {
    code: 'fields_missing',
  });
  t.equal(ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'done', fields: { result: '已修' } }), undefined);
  t.match(ticket.state, { stateId: 'solved', step: 'visit', marks: { solved: Number } });
  t.match(ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'close', fields: { pleased: 2 } }), {
    code: 'not_now',
  });
  t.equal(ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'again', fields: { pleased: 2 } }), undefined);
  t.match(
    ticket.state,
    { step: 'dispatch', visit: 2, fields: { result: null, pleased: 2 } },
    'done again, it is written anew',
  );
  t.match(ticket.state, { reopened: 1, redone: 1 }, 'what is done again counts as reopened');
  t.equal(ticket.ask(anna, { do: 'withdraw' }), undefined);
  t.match(ticket.state, { step: 'visit', reopened: 0, redone: 0 }, 'taken back, it does not');
  t.equal(ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'again', fields: {} }), undefined);
  t.equal(
    ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] }),
    undefined,
  );
  t.match(ticket.state, { step: 'handle', reopened: 1 }, 'going on from there is none');
  t.strictSame(replay(ticket.events), ticket.state);
});

t.test('joint: the lead submits last; ordered: one after the other; any: the first', async (t) => {
  const joint = dispatched('all', bo, chen);
  t.match(joint.ask(bo, { do: 'submit', task: joint.task(bo), action: 'agree', fields: {} }), {
    code: 'others_not_done',
  });
  t.equal(joint.ask(chen, { do: 'submit', task: joint.task(chen), action: 'agree', fields: {} }), undefined);
  t.equal(joint.state.step, 'together');
  t.equal(joint.ask(bo, { do: 'submit', task: joint.task(bo), action: 'agree', fields: {} }), undefined);
  t.equal(joint.state.step, 'visit');

  const row = dispatched('row', bo, chen);
  t.equal(liveTasks(row.state).length, 1);
  t.match(row.ask(chen, { do: 'submit', task: row.state.tasks.at(-1)?.id ?? '', action: 'agree', fields: {} }), {
    code: 'task_not_open',
  });
  t.equal(row.ask(bo, { do: 'submit', task: row.task(bo), action: 'agree', fields: {} }), undefined);
  t.equal(row.ask(chen, { do: 'submit', task: row.task(chen), action: 'agree', fields: {} }), undefined);
  t.equal(row.state.step, 'visit');

  const first = dispatched('first', bo, chen, dora);
  t.equal(first.ask(chen, { do: 'submit', task: first.task(chen), action: 'agree', fields: {} }), undefined);
  t.equal(first.state.step, 'visit');
});

t.test('what is returned comes to whoever had it; a move is taken back until somebody acts on it', async (t) => {
  const ticket = dispatched('one', bo);
  t.equal(ticket.ask(anna, { do: 'withdraw' }), undefined);
  t.match(ticket.state, { step: 'dispatch', visit: 1 });
  t.equal(
    ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] }),
    undefined,
  );
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  t.match(ticket.ask(anna, { do: 'withdraw' }), { code: 'already_acted_on' });
  t.equal(
    ticket.ask(bo, { do: 'return', task: ticket.task(), action: 'back', step: 'dispatch', opinion: '不归我管' }),
    undefined,
  );
  t.match(ticket.state, { step: 'dispatch', visit: 2, returned: 1 });
  t.same(
    liveTasks(ticket.state).map(({ party }) => party),
    [person(anna)],
    'of an office it is who dispatched it, signed for or not',
  );
});

t.test('a withdrawn “any” gives everybody’s task back; an ordered one waits in its turn again', async (t) => {
  const first = dispatched('first', bo, chen);
  first.ask(bo, { do: 'submit', task: first.task(bo), action: 'agree', fields: {} });
  t.equal(first.ask(bo, { do: 'withdraw' }), undefined);
  t.equal(liveTasks(first.state).length, 2);
  const row = dispatched('row', bo, chen);
  row.ask(bo, { do: 'submit', task: row.task(bo), action: 'agree', fields: {} });
  t.equal(row.ask(bo, { do: 'withdraw' }), undefined);
  t.same(
    liveTasks(row.state).map(({ party }) => party.id),
    [bo],
  );
});

t.test('an office’s task is of whoever did it, signed for or not; taken back, it is the office’s again', async (t) => {
  const ticket = dispatched('one', bo);
  const dispatching = ticket.state.tasks.find(({ step }) => step === 'dispatch');
  t.match(dispatching, { party: { id: desk }, heldBy: anna }, 'dispatched without signing');
  t.equal(ticket.ask(anna, { do: 'withdraw' }), undefined);
  t.match(
    liveTasks(ticket.state).map(({ state, heldBy, untaken }) => ({ state, heldBy, untaken })),
    [{ state: 'open', heldBy: undefined, untaken: undefined }],
  );
});

t.test('a delegate’s work comes back to whoever lent it; who stands in acts in the other’s name', async (t) => {
  const ticket = dispatched('one', bo);
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  const lent = ticket.task();
  t.equal(ticket.ask(bo, { do: 'delegate', task: lent, to: person(chen) }), undefined);
  t.equal(ticket.ask(chen, { do: 'sign', task: ticket.task(chen) }), undefined);
  t.equal(
    ticket.ask(chen, { do: 'submit', task: ticket.task(chen), action: 'done', fields: { result: 'x' } }),
    undefined,
  );
  t.match(ticket.state, { step: 'handle', tasks: ticket.state.tasks });
  t.equal(ticket.task(bo), lent);
  const standIn = actorOf(dora, { standsInFor: [bo], offices: [] });
  t.equal(ticket.ask(standIn, { do: 'submit', task: lent, action: 'done', fields: {} }), undefined);
  t.match(
    ticket.events.find((one) => one.type === 'finished' && one.task === lent),
    { by: dora, onBehalfOf: bo },
  );
});

t.test('closed, then reopened: what was achieved is achieved no more; too late is told', async (t) => {
  const ticket = dispatched('first', works);
  ticket.ask(anna, { do: 'comment', opinion: '加急' });
  const all = actorOf(dora, { mayIntervene: true });
  t.equal(ticket.ask(all, { do: 'intervene', step: 'visit', opinion: '直接回访' }), undefined);
  t.equal(ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'close', fields: { pleased: 5 } }), undefined);
  t.match(ticket.state, { status: 'ended', outcome: 'closed', marks: { confirmed: Number } });
  const colleague = '0190a1b2-0000-7000-8000-00000000c011';
  t.match(ticket.ask(actorOf(colleague, { offices: [] }), { do: 'reopen', opinion: '又坏了' }), { code: 'no_right' });
  t.equal(ticket.ask(actorOf(colleague, { offices: [works] }), { do: 'reopen', opinion: '来电：又坏了' }), undefined);
  t.match(ticket.state, { status: 'running', reopened: 1 });
  t.same(ticket.state.marks, {});
  t.equal(ticket.ask(all, { do: 'intervene', step: 'end', opinion: '结案' }), undefined);
  ticket.at += 31 * 86_400_000;
  t.match(ticket.ask(anna, { do: 'reopen', opinion: '又坏了' }), { code: 'too_late' });
});

const fieldsOf: Readonly<Record<string, Extract<TicketCommand, { do: 'submit' }>['fields']>> = {
  done: { result: '已修' },
  enough: { result: '已办' },
  close: { pleased: 4 },
  again: { pleased: 1 },
};

const anyCommand = (ticket: TryTicket, picks: readonly number[]): TicketCommand => {
  const [a = 0, b = 0, c = 0] = picks;
  const { tasks } = ticket.state;
  const task = tasks[a % Math.max(1, tasks.length)]?.id ?? '';
  const other = tasks[c % Math.max(1, tasks.length)]?.id ?? '';
  const to = person(people[c % people.length] ?? anna);
  const step = ticket.state.visits[c % ticket.state.visits.length]?.step ?? 'dispatch';
  const names = ['one', 'all', 'first', 'row', 'done', 'agree', 'close', 'again', 'loose', 'enough'];
  const action = names[c % names.length] ?? 'one';
  const fields = fieldsOf[action] ?? {};
  const commands: TicketCommand[] = [
    { do: 'submit', task, action, fields, to: [to, person(bo)] },
    { do: 'submit', task, action, fields, to: [to] },
    { do: 'submit', task, action, fields, to: [to] },
    { do: 'sign', task },
    { do: 'sign', task },
    { do: 'release', task },
    { do: 'takeOver', task },
    { do: 'return', task, action: 'back', step, opinion: 'x' },
    { do: 'transfer', task, to },
    { do: 'delegate', task, to },
    { do: 'addSigners', task, to: [to] },
    { do: 'removeSigners', task, tasks: [other] },
    { do: 'withdraw' },
    { do: 'suspend', task, opinion: 'x' },
    { do: 'resume' },
    { do: 'askExtension', task, minutes: 60, opinion: 'x' },
    { do: 'decideExtension', task, granted: true, minutes: 60 },
    { do: 'intervene', step, opinion: 'x' },
    { do: 'reopen', opinion: 'x' },
  ];
  return commands[b % commands.length] as TicketCommand;
};

t.test('whatever is asked in whatever order: no task is lost, no ticket stuck, and the history says all', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.array(fc.nat(1_000), { minLength: 3, maxLength: 3 })), { maxLength: 60 }),
      (asked) => {
        const ticket = new TryTicket();
        for (const [who, picks] of asked) {
          ticket.ask(actorOf(people[who] ?? anna, { mayIntervene: who === 3 }), anyCommand(ticket, picks));
          const { status } = ticket.state;
          if (status !== 'ended' && liveTasks(ticket.state).filter(({ purpose }) => purpose === 'handle').length === 0)
            return false;
          if (
            ticket.state.tasks.some(
              ({ state, id }) =>
                state === 'lent' &&
                !ticket.state.tasks.some(
                  (one) => one.lentBy === id && (one.state === 'open' || one.state === 'signed'),
                ),
            )
          )
            return false;
        }
        t.strictSame(replay(ticket.events), ticket.state);
        const boss = actorOf(dora, { mayIntervene: true });
        if (ticket.state.status !== 'ended' && ticket.ask(boss, { do: 'intervene', step: 'end', opinion: 'x' }))
          return false;
        return ticket.state.status === 'ended' && liveTasks(ticket.state).length === 0;
      },
    ),
    { numRuns: 500 },
  );
});

t.test('what goes back goes to whoever is there: a program’s and a leaver’s step to their office', async (t) => {
  const ticket = new TryTicket();
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] });
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  const context: DecideContext = {
    ...{ kind: tryKind, actor: actorOf(bo), at: ticket.at, newId: () => 'new', fallback: person(dora) },
    ...{ parties: () => [], holds: () => false, fieldProblem: () => undefined },
  };
  const back = { do: 'return', task: ticket.task(), action: 'back', step: 'dispatch', opinion: '不归我管' } as const;
  const given = (isHere?: (userId: string) => boolean, heldBy: string = anna) => {
    const tasks = ticket.state.tasks.map((one) => (one.step === 'dispatch' ? { ...one, heldBy } : one));
    const decided = decide({ ...context, ...(isHere ? { isHere } : {}) }, { ...ticket.state, tasks }, back);
    const entered = decided.ok ? decided.lines.find((line) => line.type === 'entered') : undefined;
    return entered?.type === 'entered' ? entered.tasks.map(({ party }) => party) : decided;
  };
  t.same(given(), [person(anna)]);
  t.same(
    given((userId) => userId !== anna),
    [{ kind: 'office', id: desk }],
  );
  t.same(
    given((userId) => userId !== 'system', 'system'),
    [{ kind: 'office', id: desk }],
  );
});
