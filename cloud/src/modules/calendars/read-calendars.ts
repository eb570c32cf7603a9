import { HubError } from '@hallhub/shared';
import { alwaysCalendar, type WorkCalendar } from '@hallhub/shared/ticket';
import { and, eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { defaultZone } from './calendar-book.js';
import type { Calendar } from './contract.js';
import { stateHolidays } from './state-holidays.js';
import { workCalendars } from './tables.js';

export type CalendarRow = typeof workCalendars.$inferSelect;

export const noSuchCalendar = (): HubError => new HubError('not_found', 'There is no such calendar');

const yearsOf = ({ days }: WorkCalendar, now: number): Calendar['years'] => {
  const thisYear = new Date(now).getUTCFullYear();
  return [thisYear, thisYear + 1].map((year) => {
    const announced = stateHolidays(year);
    const isIncluded = announced.length > 0 && announced.every(({ date }) => Object.hasOwn(days, date));
    return { year, state: announced.length === 0 ? 'unknown' : isIncluded ? 'included' : 'offered' };
  });
};

export const toCalendar = (row: CalendarRow, now: number): Calendar => ({
  ...{ code: row.code, label: row.document.label, zone: row.document.zone, version: row.version },
  ...{ years: yearsOf(row.document, now), updatedAt: row.updatedAt.toISOString(), updatedBy: row.updatedByName },
  document: row.document,
});

/** Around the clock: every organisation has it, nobody can change it. */
export const builtIn = (): Calendar => {
  const document = alwaysCalendar(defaultZone);
  const { code, label, zone } = document;
  return { ...{ code, label, zone, version: 0, years: [], updatedAt: null, updatedBy: null }, document };
};

export const findCalendar = async (
  tx: Tx,
  tenantId: string,
  code: string,
  lock?: 'update',
): Promise<CalendarRow | undefined> => {
  const query = tx
    .select()
    .from(workCalendars)
    .where(and(eq(workCalendars.tenantId, tenantId), eq(workCalendars.code, code)));
  const [row] = lock ? await query.for(lock) : await query;
  return row;
};
