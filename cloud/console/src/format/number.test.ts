import t from 'tap';
import { formatBytes, formatDecimals, formatNumber, usefulDigits } from './number.js';

t.test('numbers show the digits a reader can use', async (t) => {
  t.equal(formatNumber(48_211.63, 'zh'), '48,212');
  t.equal(formatNumber(230.04, 'zh'), '230');
  t.equal(formatNumber(7.65432, 'en'), '7.65');
  t.equal(formatNumber(0.0123, 'en'), '0.012');
  t.equal(formatNumber(7.65432, 'en', 4), '7.6543', 'the profile’s decimals stand');
  t.equal(usefulDigits(-1234.5), 1);
});

t.test('bytes in binary units', async (t) => {
  t.equal(formatBytes(0, 'zh'), '0 B');
  t.equal(formatBytes(1536, 'zh'), '1.5 KiB');
  t.equal(formatBytes(41e9, 'zh'), '38.2 GiB');
});

t.test('a reading keeps the digits its profile gives it, so that columns stay in line', async (t) => {
  t.equal(formatDecimals(230, 'zh', 1), '230.0');
  t.equal(formatDecimals(48_211.637, 'en', 2), '48,211.64');
  t.equal(formatDecimals(-0.004, 'en', 1), '0.0', 'never minus nothing');
});
