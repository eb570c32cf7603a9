import { asc, eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Calendar, CalendarSummary } from '../contract.js';
import { builtIn, findCalendar, noSuchCalendar, toCalendar } from '../read-calendars.js';
import { workCalendars } from '../tables.js';

const summaryOf = ({ document: _document, ...summary }: Calendar): CalendarSummary => summary;

export const listCalendars = (ctx: VerbContext): Promise<{ items: CalendarSummary[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const at = eq(workCalendars.tenantId, ctx.actor.tenantId);
      const rows = await tx.select().from(workCalendars).where(at).orderBy(asc(workCalendars.code));
      return { items: [builtIn(), ...rows.map((row) => toCalendar(row, ctx.clock.now()))].map(summaryOf) };
    },
    { readOnly: true },
  );

export const getCalendar = (ctx: VerbContext, { code }: { readonly code: string }): Promise<Calendar> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      if (code === 'always') return builtIn();
      const row = await findCalendar(tx, ctx.actor.tenantId, code);
      if (!row) throw noSuchCalendar();
      return toCalendar(row, ctx.clock.now());
    },
    { readOnly: true },
  );
