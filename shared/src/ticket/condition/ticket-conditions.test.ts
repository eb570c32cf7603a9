import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { nothing, type TicketState } from '../engine/ticket-state.js';
import { clockSchema } from '../kind/clock-schema.js';
import { ticketConditions } from './ticket-conditions.js';

const facts = { region: 'chaoyang', hall: 'main_hall', at: Date.UTC(2026, 10, 23, 1) };
const state: TicketState = {
  ...nothing,
  ...{ fields: { pleased: 4, title: '路灯不亮' }, level: 'major', source: 'hotline', returned: 2, reopened: 1 },
  marks: { solved: 1 },
};
const holds = (expression: string, more: Partial<TicketState> = {}) =>
  ticketConditions(tryKind).holds(expression, { ...state, ...more }, facts);

t.test('fields, and what every ticket has, are read', async (t) => {
  for (const yes of [
    'pleased >= 3',
    'level = "major" and source = "hotline"',
    'region = "chaoyang" and hall = "main_hall"',
    'list contains(marks, "solved")',
    'not(list contains(marks, "confirmed"))',
    'returned >= 2 and reopened = 1',
    'contains(title, "路灯")',
    'date and time(now) > date and time("2026-11-22T00:00:00Z")',
  ])
    t.equal(holds(yes), true, yes);
});

t.test('what is not true is false: null, a missing field, what is no yes or no', async (t) => {
  t.equal(holds('pleased >= 3', { fields: {} }), false);
  t.equal(holds('pleased', {}), false);
  t.equal(holds('result = "x"'), false);
  t.equal(holds('level = "general"', { level: null }), false);
});

t.test('no field takes the place of the ticket’s own', async (t) => {
  t.equal(holds('level = "major"', { fields: { level: 'general' } }), true);
});

t.test('the first target that holds; none: no promise', async (t) => {
  const clock = (...targets: object[]) =>
    clockSchema.parse({
      ...{ id: 'c', label: { zh: '钟' }, purpose: 'response', from: { at: 'made' }, until: [{ at: 'ended' }], targets },
    });
  const targetOf = (...targets: object[]) => ticketConditions(tryKind).targetOf(clock(...targets), state, facts);
  t.equal(targetOf({ when: 'level = "general"', minutes: 1 }, { when: 'level = "major"', minutes: 2 }), 1);
  t.equal(targetOf({ when: 'level = "general"', minutes: 1 }, { minutes: 2 }), 1);
  t.equal(targetOf({ when: 'level = "general"', minutes: 1 }), -1);
});

t.test('compiled once for a version: a hundred thousand answers take no time', async (t) => {
  t.equal(ticketConditions(tryKind), ticketConditions(tryKind));
  const before = process.cpuUsage();
  for (let i = 0; i < 20_000; i++) holds('pleased >= 3');
  t.ok(process.cpuUsage(before).user < 5_000_000, 'µs of the processor, however busy it is');
});
