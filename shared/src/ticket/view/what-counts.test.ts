import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { anna, bo, person, TryTicket } from '../__fixtures__/try-ticket.js';
import { categoryOf, categoryPath, solvingTasks } from './what-counts.js';

t.test('who solved it: whoever did so last', async (t) => {
  const ticket = new TryTicket();
  t.same(solvingTasks(tryKind, ticket.state), []);
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] });
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'done', fields: { result: '已修' } });
  t.match(solvingTasks(tryKind, ticket.state), [{ step: 'handle', heldBy: bo }]);
});

t.test('a category is its tree and path', async (t) => {
  const category = { key: 'category', label: { zh: '类' }, type: 'category', tree: 'matters' } as const;
  const kind = { ...tryKind, fields: [...tryKind.fields, { ...category, personal: false, searched: false }] };
  t.equal(categoryOf(kind, { category: ['city', 'road'] }), 'matters:city/road');
  for (const none of [[], undefined, 'city', [1]]) t.equal(categoryOf(kind, { category: none }), null);
  t.equal(categoryPath(['a']), 'a');
});
