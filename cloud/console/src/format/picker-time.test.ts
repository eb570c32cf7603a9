import dayjs from 'dayjs';
import t from 'tap';
import { pageZone, setPageZone, today } from './page-zone.js';
import { pickedInstant, pickedMs, pickerOf } from './picker-time.js';
import { formatExact, formatStamp } from './time.js';

t.test('times are those of the hall, wherever the reader sits', async (t) => {
  const at = '2026-11-21T20:15:30.000Z';
  setPageZone('Asia/Shanghai');
  t.equal(formatStamp(at), '2026-11-22 04:15:30');
  t.equal(formatExact(at), '2026-11-22 04:15:30 (Asia/Shanghai)');
  t.equal(pickerOf(at).format('YYYY-MM-DD HH:mm'), '2026-11-22 04:15');
  t.equal(pickedInstant(pickerOf(at)), at, 'what is shown is read back');
  t.equal(pickedMs(dayjs('2026-11-22T00:00:00')), Date.parse('2026-11-21T16:00:00Z'));
  setPageZone('America/New_York');
  t.equal(pickedInstant(dayjs('2026-07-01T09:00:00')), '2026-07-01T13:00:00.000Z', 'in summer');
  t.equal(pickedInstant(dayjs('2026-12-01T09:00:00')), '2026-12-01T14:00:00.000Z', 'in winter');
  setPageZone('Pacific/Kiritimati');
  t.equal(today(), formatStamp(Date.now(), pageZone()).slice(0, 10));
});
