/** UCUM codes as people write them, where the code itself reads badly; an empty text is a ratio or a count, which has no unit to show. */
const written: Readonly<Record<string, string>> = {
  '1': '',
  '{pixel}': 'px',
  '{particles}/dL': '/0.1 L',
  '10*-3': '‰',
  '10*-6': 'ppm',
  '[ppth]': '‰',
  '[ppm]': 'ppm',
  '[ppb]': 'ppb',
  '[pptr]': 'ppt',
  '[pH]': 'pH',
  '[degF]': '°F',
  '[psi]': 'psi',
  '[in_i]': 'in',
  '[ft_i]': 'ft',
  '[car_Au]': 'ct',
  Cel: '°C',
  deg: '°',
  "'": '′',
  "''": '″',
  'dB[SPL]': 'dB',
  'dB[mW]': 'dBm',
  'B[SPL]': 'B',
  By: 'B',
  kBy: 'kB',
  MBy: 'MB',
  GBy: 'GB',
  TBy: 'TB',
  KiBy: 'KiB',
  MiBy: 'MiB',
  GiBy: 'GiB',
  TiBy: 'TiB',
  'V.A': 'VA',
  'kV.A': 'kVA',
  'MV.A': 'MVA',
  'W.h': 'Wh',
  'kW.h': 'kWh',
  'MW.h': 'MWh',
  'V.A.h': 'VAh',
  'kV.A.h': 'kVAh',
  'var.h': 'varh',
  'kvar.h': 'kvarh',
  'Mvar.h': 'Mvarh',
  'A.h': 'Ah',
  'mA.h': 'mAh',
  'N.m': 'N·m',
  u: 'µ',
};

const raised: Readonly<Record<string, string>> = { '-1': '⁻¹', '-2': '⁻²', '-3': '⁻³', '2': '²', '3': '³', '4': '⁴' };

/** One factor, such as `ug` or `m3`: a micro sign for the `u` of a prefix, a raised exponent. */
function writeFactor(factor: string): string {
  const [, base = factor, power = ''] = /^(.*?[A-Za-z%'\]])(-?\d)?$/.exec(factor) ?? [];
  const plain =
    written[base] ??
    base
      .replace(/^u(?=[A-Za-z])/, 'µ')
      .replace(/Ohm$/, 'Ω')
      .replace(/\[(\w+)]$/, '$1');
  return plain + (power ? (raised[power] ?? power) : '');
}

/** `Cel` → `°C`, `ug/m3` → `µg/m³`; annotations such as `{person}` count things and are left out. */
export function formatUnit(ucum: string | null | undefined): string | undefined {
  if (!ucum) return undefined;
  const whole = written[ucum];
  if (whole !== undefined) return whole || undefined;
  const bare = ucum.replace(/\{[^}]*\}/g, '');
  const known = written[bare];
  if (known !== undefined) return known || undefined;
  const parts = bare.split('/').map((part) => part.split('.').map(writeFactor).join('·'));
  return parts.join('/') || undefined;
}
