import t from 'tap';
import { countNarrowing, keptQuery, searchOfKept, sortOf, ticketFilter, ticketSearchSchema } from './ticket-search.js';

t.test('what is asked of the server', async (t) => {
  t.match(ticketFilter({}, undefined, 'Asia/Shanghai'), { view: 'todo', sort: 'due' });
  t.match(ticketFilter({ view: 'done' }, 'h', 'Asia/Shanghai'), { view: 'done', sort: '-made', hallId: 'h' });
  const { from, to } = ticketFilter({ from: '2026-11-22', to: '2026-11-22' }, undefined, 'Asia/Shanghai');
  t.equal(from, '2026-11-21T16:00:00.000Z', 'a day of the hall, wherever it is read');
  t.equal(Date.parse(String(to)) - Date.parse(String(from)), 86_400_000, 'a day is whole');
  t.equal(ticketFilter({ from: 'yesterday' }, undefined, 'UTC').from, undefined);
  t.equal(sortOf({ view: 'all', sort: 'made' }), 'made');
  t.equal(ticketSearchSchema.parse({ requesterOf: 'someone' }).requesterOf, undefined, 'what is no id is not asked');
});

t.test('a filter that is kept comes back as it was, and takes what it has not away', async (t) => {
  const search = { view: 'all', q: '路灯', light: 'red', as: 'board', id: 'x' } as const;
  t.equal(countNarrowing(search), 2);
  const kept = keptQuery(search);
  t.same(kept, { view: 'all', q: '路灯', light: 'red' }, 'neither the form nor what is open');
  const back = searchOfKept(kept);
  t.match(back, { view: 'all', q: '路灯', light: 'red' });
  t.ok('kind' in back && back.kind === undefined);
  t.equal(searchOfKept({ light: 'purple' }).light, undefined, 'what an older version kept breaks nothing');
});
