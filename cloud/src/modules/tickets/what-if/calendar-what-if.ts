import { HubError } from '@hallhub/shared';
import { CalendarReader, calendarChange, type WorkCalendar } from '@hallhub/shared/ticket';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { calendarStamp, loadCalendars } from '../../calendars/calendar-book.js';
import { stateHolidays, withHolidays } from '../../calendars/state-holidays.js';
import { compareClocks, WhatIfReport } from './compare-clocks.js';
import type { ClocksWhatIf } from './contract.js';

/** A person waits for it; what is not looked at by then is told. */
export const mostComparingMs = 5_000;
const mostTickets = 100_000;

export interface CalendarWhatIf {
  readonly code: string;
  readonly document?: WorkCalendar | undefined;
  /** Instead of a document: as it is, with this year's holidays. */
  readonly holidaysOf?: number | undefined;
  readonly mostMs?: number;
}

/**
 * What the clocks that run by a calendar would be if it were this one: nothing is stored, and saving it makes exactly this of them.
 * Errors: `forbidden`, `invalid_input`, `conflict` for the built-in one.
 */
export const calendarWhatIf = (
  ctx: VerbContext,
  { code, mostMs = mostComparingMs, ...asked }: CalendarWhatIf,
): Promise<ClocksWhatIf> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      ctx.actor.require('calendar.write', 'tenant');
      if (code === 'always') throw new HubError('conflict', 'The calendar around the clock cannot be changed');
      const { tenantId } = ctx.actor;
      const before = await loadCalendars(tx, tenantId);
      const document = documentOf(code, before(code).calendar, asked);
      const { clocks, since } = await countClocks(tx, tenantId, code);
      // The days' reader is kept with the organisation's: a calendar that nobody saved gets one of its own.
      const reader = new CalendarReader(document);
      const change = calendarChange(before(code).calendar, document, since);
      if (clocks === 0 || !change) return new WhatIfReport(ctx.clock.now()).answer({ clocks, same: clocks });
      const stamp = await calendarStamp(tx, tenantId);
      const { ticketIds, affected } = await ticketsWithin(tx, { tenantId, code, stamp, change });
      const report = await compareClocks(tx, ctx, {
        ...{ ticketIds, mostMs, before },
        concerns: (run) => run.calendar === code,
        after: ({ from: { kind }, state, events }) => ({
          ...{ kind, state, events },
          calendars: (one) => (one === code ? reader : before(one)),
        }),
      });
      return report.answer({ clocks, same: clocks - affected });
    },
    { readOnly: true, isolation: 'repeatable read' },
  );

const documentOf = (
  code: string,
  now: WorkCalendar,
  { document, holidaysOf }: Pick<CalendarWhatIf, 'document' | 'holidaysOf'>,
): WorkCalendar => {
  if (!document) return holidaysOf === undefined ? now : withHolidays(now, stateHolidays(holidaysOf)).document;
  if (document.code === code) return document;
  const message = 'The code is the calendar’s own, as in the path';
  throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.document.code', message }] } });
};

const running = `FROM ticket_clocks c JOIN tickets t ON t.tenant_id = c.tenant_id AND t.id = c.ticket_id
  WHERE c.tenant_id = $1 AND c.calendar = $2 AND c.ended_at IS NULL AND t.status <> 'ended'`;

const countClocks = async (
  tx: Tx,
  tenantId: string,
  code: string,
): Promise<{ readonly clocks: number; readonly since: number }> => {
  const { rows } = await tx.$client.query<{ clocks: number; since: Date | null }>(
    `SELECT count(*)::int AS clocks, min(c.began_at) AS since ${running}`,
    [tenantId, code],
  );
  return { clocks: rows[0]?.clocks ?? 0, since: rows[0]?.since?.getTime() ?? 0 };
};

/** Tickets with a clock that meets the time in which the calendars differ; such as are not computed by today's calendars yet, too. */
const ticketsWithin = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly code: string;
    readonly stamp: string;
    readonly change: { readonly from: number; readonly to: number };
  },
): Promise<{ readonly ticketIds: string[]; readonly affected: number }> => {
  const { from, to } = of.change;
  const { rows } = await tx.$client.query<{ id: string; clocks: number }>(
    `SELECT t.id, count(*)::int AS clocks ${running}
       AND (t.clock_stamp <> $3 OR ((c.due_at IS NULL OR c.due_at > $4) AND c.began_at < coalesce($5::timestamptz, 'infinity')))
     GROUP BY t.id, t.due_at ORDER BY t.due_at, t.id LIMIT ${mostTickets}`,
    [of.tenantId, of.code, of.stamp, new Date(from), Number.isFinite(to) ? new Date(to) : null],
  );
  return { ticketIds: rows.map(({ id }) => id), affected: rows.reduce((sum, { clocks }) => sum + clocks, 0) };
};
