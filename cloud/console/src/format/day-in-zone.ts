const dayMs = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  formats.set(zone, made);
  return made;
};

/** How far the zone's clock is ahead of UTC at that time, ms. */
export const zoneOffsetMs = (atMs: number, zone: string): number => {
  const parts = formatOf(zone).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall - Math.floor(atMs / 1_000) * 1_000;
};

/** `2026-11-22` in the zone. */
export const dayOf = (atMs: number, zone: string): string =>
  new Date(atMs + zoneOffsetMs(atMs, zone)).toISOString().slice(0, 10);

/** The day before or after, by the calendar. */
export const shiftDay = (day: string, by: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + by * dayMs).toISOString().slice(0, 10);

export const isDay = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

/** When the zone's clock shows that time (`2026-11-22T08:15`), epoch ms. */
export const instantOf = (wallTime: string, zone: string): number => {
  const wall = Date.parse(`${wallTime}Z`);
  const first = wall - zoneOffsetMs(wall, zone);
  // The clock may be changed between UTC's time and the zone's.
  return wall - zoneOffsetMs(first, zone);
};

/** When the zone's clock shows midnight of that day, epoch ms. */
const midnightOf = (day: string, zone: string): number => instantOf(`${day}T00:00:00`, zone);

/** From its midnight to the next one: 23 or 25 hours where the clock is changed. */
export const boundsOf = (day: string, zone: string): { from: number; to: number } => ({
  from: midnightOf(day, zone),
  to: midnightOf(shiftDay(day, 1), zone),
});

/** `08:15:30` by the zone's clock, with tenths where asked for. */
export const clockOf = (atMs: number, zone: string, tenths = false): string => {
  const wall = new Date(atMs + zoneOffsetMs(atMs, zone)).toISOString();
  return tenths ? wall.slice(11, 21) : wall.slice(11, 19);
};
