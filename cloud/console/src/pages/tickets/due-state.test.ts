import t from 'tap';
import { dueState, lightNow, shownMs } from './due-state.js';

t.test('what is left, what is over, and when to look again', async (t) => {
  const due = '2026-11-22T08:00:00.000Z';
  const at = Date.parse(due);
  t.same(dueState(due, at - 90_000), { late: false, ms: 90_000, tickMs: 1_000 });
  t.same(dueState(due, at + 3_600_000), { late: true, ms: 3_600_000, tickMs: 30_000 });
  t.equal(shownMs(90_500), 90_500);
  t.equal(shownMs(3 * 60_000 + 59_000), 180_000);
});

t.test('a light turns red by itself, and a ticket without a promise has none', async (t) => {
  t.equal(lightNow('green', '2026-11-22T08:00:00Z', Date.parse('2026-11-22T08:00:01Z')), 'red');
  t.equal(lightNow('yellow', '2026-11-22T08:00:00Z', Date.parse('2026-11-22T07:00:01Z')), 'yellow');
  t.equal(lightNow(null, null, 0), null);
  t.equal(lightNow('green', null, Date.now()), 'green', 'it stands still');
});
