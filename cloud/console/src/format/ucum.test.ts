import t from 'tap';
import { corpusProfiles, shapesOf } from '../thing/corpus-profiles.js';
import { formatUnit } from './ucum.js';

t.test('UCUM codes as people write them', async (t) => {
  const cases: [string | null | undefined, string | undefined][] = [
    ['Cel', '°C'],
    ['kW.h', 'kWh'],
    ['kvar.h', 'kvarh'],
    ['V.A', 'VA'],
    ['V', 'V'],
    ['[ppm]', 'ppm'],
    ['ug/m3', 'µg/m³'],
    ['m3/h', 'm³/h'],
    ['m/s2', 'm/s²'],
    ['kg.m-3', 'kg·m⁻³'],
    ['um', 'µm'],
    ['uA', 'µA'],
    ['Ohm', 'Ω'],
    ['kOhm', 'kΩ'],
    ['uOhm', 'µΩ'],
    ['A.h', 'Ah'],
    ['MiBy', 'MiB'],
    ['dB[SPL]', 'dB'],
    ['{particles}/cm3', '/cm³'],
    ['{pixel}', 'px'],
    ['/min', '/min'],
    ['%', '%'],
    ['1', undefined],
    ['{person}', undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [ucum, shown] of cases) t.equal(formatUnit(ucum), shown, String(ucum));
});

t.test('every unit of every profile reads as a person writes it', async (t) => {
  const units = new Set(
    corpusProfiles().flatMap((profile) => shapesOf(profile.thing).flatMap(({ unit }) => unit ?? [])),
  );
  t.ok(units.size > 30, `${units.size} units`);
  for (const unit of units) {
    const shown = formatUnit(unit);
    if (unit === '1' || /^\{(?!pixel)[^}]*\}$/.test(unit)) t.equal(shown, undefined, unit);
    else t.match(shown, /^(\/0\.1 L|[\p{L}%‰°µΩ′″/·²³⁴⁻¹]+)$/u, `${unit} is shown as ${shown}`);
    t.notMatch(shown ?? '', /[[\]{}.](?!1 L)|^u|By$|Ohm|Cel|deg/, unit);
  }
});
