import type { WorkCalendar } from '@hallhub/shared/ticket';
import t from 'tap';
import { dayOf, monthGrid, readShifts, withDay, writeShifts } from './calendar-days.js';

const day = [{ from: '09:00', to: '17:00' }];
const calendar: WorkCalendar = {
  ...{ code: 'office', label: { zh: '工作日' }, zone: 'Asia/Shanghai' },
  week: { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] },
  days: { '2026-10-01': { name: { zh: '国庆节' }, shifts: [] }, '2026-10-10': { name: { zh: '调休' }, shifts: day } },
};

t.test('a month is six weeks from Monday on', async (t) => {
  const grid = monthGrid(calendar, 2026, 10);
  t.equal(grid.length, 6);
  t.equal(grid[0]?.[0]?.date, '2026-09-28');
  t.equal(grid.flat().filter(({ isOfMonth }) => isOfMonth).length, 31);
  const february = monthGrid(calendar, 2027, 2);
  t.equal(february[0]?.[0]?.date, '2027-02-01');
});

t.test('a day works, rests, is a holiday, or works instead of one', async (t) => {
  t.equal(dayOf(calendar, '2026-10-12').kind, 'works');
  t.equal(dayOf(calendar, '2026-10-11').kind, 'rests');
  t.match(dayOf(calendar, '2026-10-01'), { kind: 'holiday', name: { zh: '国庆节' } });
  t.equal(dayOf(calendar, '2026-10-10').kind, 'moved');
  t.equal(dayOf(withDay(calendar, '2026-10-01', undefined), '2026-10-01').kind, 'works');
});

t.test('shifts as people write them', async (t) => {
  t.same(readShifts('9:00-12:00 13:30-17:30'), [
    { from: '09:00', to: '12:00' },
    { from: '13:30', to: '17:30' },
  ]);
  t.same(readShifts(''), []);
  for (const bad of ['9-12', '12:00-09:00', '09:00-12:00 11:00-13:00', '09:00-25:00', 'x'])
    t.equal(readShifts(bad), undefined, bad);
  t.equal(writeShifts(readShifts('00:00-24:00') ?? []), '00:00-24:00');
});
