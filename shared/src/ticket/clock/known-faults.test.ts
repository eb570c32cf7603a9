import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { DryTicket } from '../dry-run/dry-ticket.js';
import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';
import { alwaysCalendar, CalendarReader } from './work-calendar.js';

/** Faults that other help desks are known for, each played on a ticket as people would. */
const kindWith = (clock: object): TicketKind =>
  ticketKindSchema.parse({
    ...structuredClone(tryKind),
    clocks: [
      {
        ...{ id: 'handling', label: { zh: '办理' }, purpose: 'handling', from: { at: 'made' } },
        ...{ until: [{ at: 'marked', mark: 'solved' }], pausedIn: ['paused'] },
        targets: [{ when: 'level = "major"', minutes: 60 }, { minutes: 240 }],
        escalations: [
          { afterMinutes: -30, to: { kind: 'leader' } },
          { afterMinutes: 0, to: { kind: 'leader' } },
          { afterMinutes: 60, to: { kind: 'leader', up: 1 } },
        ],
        ...clock,
      },
    ],
  });
const minute = 60_000;
const inHand = (clock: object = {}) => {
  const ticket = new DryTicket(kindWith(clock), {
    calendars: new Map([['office', new CalendarReader(alwaysCalendar('Asia/Shanghai'))]]),
  });
  ticket.ask({ as: 'desk', make: { fields: { title: 'x' }, level: 'general', source: 'console' } });
  const ask = (as: string, command: Record<string, never> | object, afterMinutes = 0) => {
    const came = ticket.ask({ as, command: command as Record<string, never>, afterMinutes });
    if ('ok' in came) throw new RangeError(`${came.code} ${JSON.stringify(came.context)}`);
  };
  ask('desk', { do: 'submit', action: 'one', to: ['works'] });
  ask('works', { do: 'sign' });
  const later = (minutes: number) => {
    ticket.at += minutes * minute;
    return ticket.clocks();
  };
  return { ticket, ask, later, begin: ticket.at };
};

t.test('pause lost on change: a level set while it stands still changes the promise, not the pause', async (t) => {
  const { ask, later } = inHand();
  ask('works', { do: 'suspend', opinion: '等件' }, 30);
  ask('supervisor', { do: 'setLevel', level: 'major' }, 10);
  const [run] = later(1_000);
  t.match(run, { promisedMs: 60 * minute, usedMs: 30 * minute, isPaused: true, light: 'green', dueAt: undefined });
  ask('works', { do: 'resume' });
  t.match(later(10), [{ usedMs: 40 * minute, isPaused: false }]);
});

t.test('breach while pending: neither breached nor escalated while it waits for somebody else', async (t) => {
  const { ask, later } = inHand();
  ask('works', { do: 'suspend', opinion: '等件' }, 150);
  const [run] = later(100_000);
  t.match(run, { light: 'green', breachedAt: undefined });
  t.same(run?.escalateAt, [undefined, undefined, undefined]);
});

t.test('pausing after the breach does not undo it', async (t) => {
  const { ask, later, begin } = inHand();
  ask('works', { do: 'suspend', opinion: '等件' }, 250);
  t.match(later(1_000), [{ light: 'red', breachedAt: begin + 240 * minute }]);
});

t.test(
  'escalation after reply: answered in time it goes up no line, however long it waits to be confirmed',
  async (t) => {
    const { ask, later } = inHand();
    ask('works', { do: 'submit', action: 'done', fields: { result: '已修' } }, 100);
    const [run] = later(10_000);
    t.match(run, { light: 'green', breachedAt: undefined, dueAt: undefined });
    t.same(run?.escalateAt, [undefined, undefined, undefined]);
  },
);

t.test('answered late: only the line that was due before the answer', async (t) => {
  const { ask, later, begin } = inHand();
  ask('works', { do: 'submit', action: 'done', fields: { result: '已修' } }, 270);
  const [run] = later(10_000);
  t.same(run?.escalateAt, [begin + 210 * minute, begin + 240 * minute, undefined]);
});

t.test('merged tickets escalating: the other one goes on for both', async (t) => {
  const { ask, later } = inHand();
  ask('works', { do: 'mergeInto', ticket: '00000000-0000-7000-8000-0000000000ff', opinion: '同一件事' }, 10);
  const [run] = later(10_000);
  t.same(run?.escalateAt, [undefined, undefined, undefined]);
  t.match(run, { light: 'green', dueAt: undefined });
});

t.test('ping-pong: handed to and fro, the time of all together counts', async (t) => {
  const { ask, later, begin } = inHand();
  for (let i = 0; i < 4; i++) {
    ask('works', { do: 'return', action: 'back', step: 'dispatch', opinion: '不归我管' }, 30);
    ask('desk', { do: 'submit', action: 'one', to: ['works'] }, 30);
    ask('works', { do: 'sign' });
  }
  t.match(later(1), [{ beganAt: begin, usedMs: 241 * minute, light: 'red' }]);
});

t.test('an approved extension moves what is due and what escalates alike', async (t) => {
  const { ask, later, begin } = inHand();
  ask('works', { do: 'askExtension', minutes: 120, opinion: '等件' }, 10);
  ask('leader', { do: 'decideExtension', granted: true, minutes: 60 });
  const [run] = later(1);
  t.equal(run?.dueAt, begin + 300 * minute);
  t.same(run?.escalateAt, [begin + 270 * minute, begin + 300 * minute, begin + 360 * minute]);
});
