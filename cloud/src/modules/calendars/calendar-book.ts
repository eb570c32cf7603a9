import { alwaysCalendar, CalendarReader, type WorkCalendar } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import { KeptByStamp } from '../../verb-kit/kept-by-stamp.js';

export type Calendars = (code: string) => CalendarReader;

/** Where an organisation's people read times, until a calendar says otherwise. */
export const defaultZone = 'Asia/Shanghai';
const always = new CalendarReader(alwaysCalendar(defaultZone));

const kept = new KeptByStamp<ReadonlyMap<string, CalendarReader>>();

/** Another text whenever any calendar is another one: clocks are then computed anew. */
export const calendarStamp = async (tx: Tx, tenantId: string): Promise<string> => {
  const { rows } = await tx.$client.query<{ stamp: string | null }>({
    name: 'calendar_stamp',
    text: `SELECT md5(string_agg(concat_ws(' ', code, version, extract(epoch FROM updated_at)), ',' ORDER BY code)) AS stamp
     FROM work_calendars WHERE tenant_id = $1`,
    values: [tenantId],
  });
  return rows[0]?.stamp ?? 'none';
};

/** With the stamp by which they were read. */
export const stampedCalendars = async (
  tx: Tx,
  tenantId: string,
): Promise<{ readonly stamp: string; readonly calendars: Calendars }> => {
  const stamp = await calendarStamp(tx, tenantId);
  const calendars = await kept.of(tenantId, stamp, () => readCalendars(tx, tenantId));
  return { stamp, calendars: (code) => calendars.get(code) ?? always };
};

/** Readers by code. `always`, and a code that nobody has made, is around the clock: a promise is never lost to a missing calendar. */
export const loadCalendars = async (tx: Tx, tenantId: string): Promise<Calendars> =>
  (await stampedCalendars(tx, tenantId)).calendars;

const readCalendars = async (tx: Tx, tenantId: string): Promise<ReadonlyMap<string, CalendarReader>> => {
  const { rows } = await tx.$client.query<{ code: string; document: WorkCalendar }>(
    'SELECT code, document FROM work_calendars WHERE tenant_id = $1',
    [tenantId],
  );
  return new Map(rows.map(({ code, document }) => [code, new CalendarReader(document)]));
};
