import t from 'tap';
import { shiftDate } from './shift-date.js';

t.test('the period before and after', async (t) => {
  t.equal(shiftDate('2026-03-01', 'day', -1), '2026-02-28');
  t.equal(shiftDate('2026-11-16', 'week', 1), '2026-11-23');
  t.equal(shiftDate('2026-01-01', 'month', -1), '2025-12-01');
  t.equal(shiftDate('2026-10-01', 'quarter', 1), '2027-01-01');
  t.equal(shiftDate('2026-01-01', 'year', -1), '2025-01-01');
});
