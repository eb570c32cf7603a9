import { HubError } from '@hallhub/shared';

/** How far the zone's clock is ahead of UTC at that time, ms. */
const offsetAt = (atMs: number, zone: string): number => {
  const parts = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  }).formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall - Math.floor(atMs / 1_000) * 1_000;
};

const form = /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2}(?::\d{2})?)$/;

/**
 * `08:15` (of today), `08:15:30`, `2026-11-22 08:15`, by the hall's clock; or with its own zone, `2026-11-22T08:15:00+08:00`. Epoch ms.
 * Throws `invalid_input`.
 */
export const parseHallTime = (text: string, { zone, nowMs }: { zone: string; nowMs: number }): number => {
  const [, day, time] = form.exec(text.trim()) ?? [];
  if (time === undefined) {
    const atMs = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(atMs)) return atMs;
    throw new HubError('invalid_input', `${text} is no time`, { hint: 'such as 08:15, or "2026-11-22 08:15:30"' });
  }
  const today = new Date(nowMs + offsetAt(nowMs, zone)).toISOString().slice(0, 10);
  const clock = time.length < 5 || time[1] === ':' ? `0${time}` : time;
  const wall = Date.parse(`${day ?? today}T${clock}Z`);
  if (Number.isNaN(wall)) throw new HubError('invalid_input', `${text} is no time of a day`);
  // The clock may be changed between UTC's time and the zone's.
  return wall - offsetAt(wall - offsetAt(wall, zone), zone);
};

/** `2026-11-22 08:15:30` by the hall's clock. */
export const hallTimeText = (atMs: number, zone: string): string =>
  new Date(atMs + offsetAt(atMs, zone)).toISOString().slice(0, 19).replace('T', ' ');
