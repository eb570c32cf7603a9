import type { Label } from '@hallhub/shared';
import type { WorkCalendar } from '@hallhub/shared/ticket';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { get, post, put } from './request.js';

export interface CalendarSummary {
  code: string;
  label: Label;
  zone: string;
  /** 0: built in, cannot be changed. */
  version: number;
  years: { year: number; state: 'included' | 'offered' | 'unknown' }[];
  updatedAt: string | null;
  updatedBy: string | null;
}
export interface Calendar extends CalendarSummary {
  document: WorkCalendar;
}

export const calendarsQuery = queryOptions({
  queryKey: ['calendars', 'list'],
  queryFn: ({ signal }) => get<{ items: CalendarSummary[] }>('/calendars', { signal }).then(({ items }) => items),
});
export const calendarQuery = (code: string) =>
  queryOptions({
    queryKey: ['calendars', 'one', code],
    queryFn: ({ signal }) => get<Calendar>(`/calendars/${code}`, { signal }),
  });
/** Version 0 makes a new one. */
export const saveCalendar = (version: number, document: WorkCalendar) =>
  put<Calendar>(`/calendars/${document.code}`, document, { ifMatch: etagOf({ version }) });
export const addHolidays = (code: string, year: number) =>
  post<Calendar & { added: number; kept: string[] }>(`/calendars/${code}/holidays`, undefined, { query: { year } });
