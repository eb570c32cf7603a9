import t from 'tap';
import { hallTimeText, parseHallTime } from './parse-hall-time.js';

const zone = 'Asia/Shanghai';
const nowMs = Date.UTC(2026, 10, 22, 0, 30);

t.test('times as people write them, by the hall’s clock', async (t) => {
  const parse = (text: string) => new Date(parseHallTime(text, { zone, nowMs })).toISOString();
  t.equal(parse('08:15'), '2026-11-22T00:15:00.000Z');
  t.equal(parse('8:15:30'), '2026-11-22T00:15:30.000Z');
  t.equal(parse('2026-11-21 23:59'), '2026-11-21T15:59:00.000Z');
  t.equal(parse('2026-11-21T23:59:00+01:00'), '2026-11-21T22:59:00.000Z');
  for (const wrong of ['', 'yesterday', '25:00', '2026-13-01 08:00'])
    t.throws(() => parse(wrong), { code: 'invalid_input' }, wrong);
  t.equal(hallTimeText(nowMs, zone), '2026-11-22 08:30:00');
});
