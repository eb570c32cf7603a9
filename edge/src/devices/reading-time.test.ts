import t from 'tap';
import { readingTime } from './reading-time.js';

const now = Date.UTC(2026, 0, 10, 12);
const hour = 3_600_000;

t.test('a unit with the right time believes its devices, within reason', async (t) => {
  for (const offset of [null, 0, 1_500]) {
    t.equal(readingTime(undefined, now, offset), now);
    t.equal(readingTime(now - 2 * hour, now, offset), now - 2 * hour, 'kept while it was cut off');
    t.equal(readingTime(now + 2 * hour, now, offset), now, 'nothing is of the future');
    t.equal(readingTime(now - 8 * 24 * hour, now, offset), now);
  }
});

t.test('a unit that is two hours fast: what a device says is not corrected twice', async (t) => {
  const offset = -2 * hour;
  t.equal(readingTime(now + offset, now, offset) + offset, now + offset, 'the device has the true time');
  t.equal(readingTime(now + offset - hour, now, offset) + offset, now + offset - hour, 'and told later');
  t.equal(readingTime(now, now, offset), now, 'the device has its time from the unit');
});

t.test('a unit that is a year slow', async (t) => {
  const offset = 365 * 24 * hour;
  t.equal(readingTime(now + offset, now, offset) + offset, now + offset);
  t.equal(readingTime(now + offset + hour, now, offset), now, 'later than now is now');
});
