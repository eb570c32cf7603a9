import t from 'tap';
import { formatDuration, formatExact, formatRelative, formatStamp, relativeTickMs } from './time.js';

const now = Date.UTC(2026, 10, 21, 0, 15, 30);
const before = (ms: number) => now - ms;

t.test('relative times in both languages', async (t) => {
  t.equal(formatRelative(before(3 * 60_000), now, 'zh', '刚刚'), '3 分钟前');
  t.equal(formatRelative(before(3 * 60_000), now, 'en', 'just now'), '3 min. ago');
  t.equal(formatRelative(before(4_000), now, 'zh', '刚刚'), '刚刚');
  t.equal(formatRelative(now + 2 * 3_600_000, now, 'zh', '刚刚'), '2 小时后');
  t.equal(formatRelative(now + 72 * 3_600_000 - 5_000, now, 'zh', '刚刚'), '3 天后', 'a term that was just set');
  t.equal(formatRelative(now + 90 * 86_400_000 - 60_000, now, 'en', 'just now'), 'in 3 mo.');
  t.equal(formatRelative(before(26 * 3_600_000), now, 'zh', '刚刚'), '1 天前', 'never "yesterday": it has no clock');
});

t.test('exact times carry their zone', async (t) => {
  t.equal(formatExact(now, 'Asia/Shanghai'), '2026-11-21 08:15:30 (Asia/Shanghai)');
  t.equal(formatStamp(Date.UTC(2026, 0, 1), 'UTC'), '2026-01-01 00:00:00', 'midnight is 00, not 24');
});

t.test('durations say their two largest parts', async (t) => {
  t.equal(formatDuration(2 * 86_400_000 + 3 * 3_600_000 + 59_000, 'zh'), '2 天 3 小时');
  t.equal(formatDuration(2 * 86_400_000 + 3 * 3_600_000, 'zh', 1), '2 天');
  t.equal(formatDuration(3_600_000 + 5_000, 'zh'), '1 小时', 'a part of zero is not skipped over');
  t.equal(formatDuration(850, 'zh'), '850 毫秒');
  t.equal(formatDuration(-5, 'zh'), '0 毫秒');
  t.equal(formatDuration(250_000, 'en'), '4 min 10 sec');
});

t.test('a clock ticks no more than its text changes', async (t) => {
  t.ok(relativeTickMs(before(10_000), now) < relativeTickMs(before(600_000), now));
  t.ok(relativeTickMs(before(600_000), now) < relativeTickMs(before(86_400_000), now));
});
