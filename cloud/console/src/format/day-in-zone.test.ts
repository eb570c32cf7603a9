import fc from 'fast-check';
import t from 'tap';
import { boundsOf, clockOf, dayOf, isDay, shiftDay, zoneOffsetMs } from './day-in-zone.js';

const zones = ['Asia/Shanghai', 'UTC', 'Asia/Urumqi', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland'];

t.test('a day is from midnight to midnight by the hall’s clock, and every moment lies in its own', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }),
      fc.constantFrom(...zones),
      (atMs, zone) => {
        const { from, to } = boundsOf(dayOf(atMs, zone), zone);
        const hours = (to - from) / 3_600_000;
        return from <= atMs && atMs < to && hours >= 23 && hours <= 25 && clockOf(from, zone) === '00:00:00';
      },
    ),
  );
  t.same(boundsOf('2026-06-01', 'Asia/Shanghai'), { from: Date.UTC(2026, 4, 31, 16), to: Date.UTC(2026, 5, 1, 16) });
  t.equal((boundsOf('2026-03-29', 'Europe/Berlin').to - boundsOf('2026-03-29', 'Europe/Berlin').from) / 3_600_000, 23);
});

t.test('days of the calendar', async (t) => {
  t.equal(shiftDay('2026-02-28', 1), '2026-03-01');
  t.equal(shiftDay('2026-01-01', -1), '2025-12-31');
  t.same(['2026-01-01', '2026-13-01', 'x', undefined].map(isDay), [true, false, false, false]);
  t.equal(clockOf(Date.UTC(2026, 5, 1, 0, 15, 30, 250), 'Asia/Shanghai', true), '08:15:30.2');
});

t.test('zones', async (t) => {
  t.equal(zoneOffsetMs(0, 'Asia/Shanghai'), 8 * 3_600_000);
  t.equal(zoneOffsetMs(0, 'Asia/Kolkata'), 5.5 * 3_600_000);
  t.equal(zoneOffsetMs(0, 'UTC'), 0);
});
