import t from 'tap';
import { formatBytes, formatNumber, usefulDigits } from './number.js';
import { formatUnit } from './ucum.js';

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

t.test('UCUM codes as people write them', async (t) => {
  t.equal(formatUnit('Cel'), '°C');
  t.equal(formatUnit('kW.h'), 'kWh');
  t.equal(formatUnit('V'), 'V');
  t.equal(formatUnit('1'), undefined, 'a ratio has no unit to show');
  t.equal(formatUnit('{person}'), undefined);
  t.equal(formatUnit(null), undefined);
});
