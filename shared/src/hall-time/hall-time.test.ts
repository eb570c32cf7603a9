import fc from 'fast-check';
import t from 'tap';
import { HallClock, isWithin, isZone } from './hall-time.js';

t.test('the clock on the wall, over both shifts of a year', async (t) => {
  const berlin = new HallClock('Europe/Berlin');
  t.match(berlin.at(Date.UTC(2026, 2, 29, 0, 59)), { day: 29, weekday: 7, minute: 119 });
  t.match(berlin.at(Date.UTC(2026, 2, 29, 1, 0)), { day: 29, minute: 180 }, 'two o’clock does not come');
  const day = { year: 2026, month: 3, day: 29 };
  t.equal(berlin.epochMs(day, 9 * 60), Date.UTC(2026, 2, 29, 7));
  t.equal(berlin.epochMs(day, 0), Date.UTC(2026, 2, 28, 23));
  t.equal(berlin.epochMs(day, 150), Date.UTC(2026, 2, 29, 1, 30), 'a time that the clock jumps over');
  const autumn = { year: 2026, month: 10, day: 25 };
  t.equal(berlin.epochMs(autumn, 150), Date.UTC(2026, 9, 25, 0, 30), 'the first of two');
  t.equal(berlin.epochMs(autumn, 240), Date.UTC(2026, 9, 25, 3));
  t.equal(new HallClock('Asia/Shanghai').epochMs({ year: 2026, month: 1, day: 1 }, 0), Date.UTC(2025, 11, 31, 16));
  t.ok(isZone('Asia/Shanghai'));
  t.notOk(isZone('Mars/Olympus'));
});

t.test('what the wall shows leads back to the moment', async () => {
  const clocks = ['Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu'].map(
    (zone) => new HallClock(zone),
  );
  const minutes = fc.integer({ min: Date.UTC(2013, 0) / 60_000, max: Date.UTC(2035, 0) / 60_000 });
  fc.assert(
    fc.property(fc.constantFrom(...clocks), minutes, (clock, minute) => {
      const shown = clock.at(minute * 60_000);
      const back = clock.epochMs(shown, shown.minute);
      // An hour that comes twice leads to its first.
      const twice = minute * 60_000 - back;
      if (twice !== 0 && twice !== 3_600_000) throw new Error(`${twice} ms off`);
    }),
  );
});

t.test('times: days, nights, the whole day', async (t) => {
  const at = (weekday: number, minute: number) => ({ year: 2026, month: 1, day: 1, weekday, minute });
  const work = [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' }];
  t.ok(isWithin(work, at(1, 540)));
  t.notOk(isWithin(work, at(1, 1_020)));
  t.notOk(isWithin(work, at(6, 600)));
  const night = [{ days: [5], from: '22:00', to: '06:00' }];
  t.ok(isWithin(night, at(5, 1_330)));
  t.ok(isWithin(night, at(6, 359)), 'the night belongs to the day it began');
  t.notOk(isWithin(night, at(5, 100)));
  t.ok(isWithin([{ days: [7], from: '22:00', to: '06:00' }], at(1, 10)), 'from Sunday into Monday');
  t.ok(isWithin([{ days: [3], from: '00:00', to: '00:00' }], at(3, 700)));
  t.ok(isWithin(undefined, at(1, 0)));
  t.notOk(isWithin([], at(1, 0)), 'no span: never');
});
