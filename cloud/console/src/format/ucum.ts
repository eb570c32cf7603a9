/** UCUM codes as people write them; codes that already read well are shown as they are. */
const written: Record<string, string> = {
  Cel: '°C',
  '[degF]': '°F',
  '1': '',
  'kW.h': 'kWh',
  'W.h': 'Wh',
  'MW.h': 'MWh',
  'kvar.h': 'kvarh',
  'V.A': 'VA',
  'kV.A': 'kVA',
  m2: 'm²',
  m3: 'm³',
  'm3/h': 'm³/h',
  'ug/m3': 'µg/m³',
  'mg/m3': 'mg/m³',
  '[ppm]': 'ppm',
  '[ppb]': 'ppb',
  deg: '°',
  'dB[SPL]': 'dB',
  By: 'B',
  kBy: 'kB',
  MBy: 'MB',
  GBy: 'GB',
  'kbit/s': 'kbit/s',
  lx: 'lx',
  Ohm: 'Ω',
  um: 'µm',
  us: 'µs',
};

/** `Cel` → `°C`; annotations such as `{person}` count things and are left out. */
export function formatUnit(ucum: string | null | undefined): string | undefined {
  if (!ucum) return undefined;
  const bare = ucum.replace(/\{[^}]*\}/g, '');
  return (written[bare] ?? bare) || undefined;
}
