import { HubError } from '@hallhub/shared';
import type { WorkCalendar } from '@hallhub/shared/ticket';
import { and, eq, sql } from 'drizzle-orm';
import { isUniqueViolation, lockCount, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type Calendar, type Holidays, mostCalendars } from '../contract.js';
import { type CalendarRow, findCalendar, noSuchCalendar, toCalendar } from '../read-calendars.js';
import { stateHolidays, withHolidays } from '../state-holidays.js';
import { workCalendars } from '../tables.js';

const refuseBuiltIn = (code: string): void => {
  if (code === 'always') throw new HubError('conflict', 'The calendar around the clock cannot be changed');
};

const write = async (
  tx: Tx,
  ctx: VerbContext,
  before: CalendarRow | undefined,
  document: WorkCalendar,
): Promise<CalendarRow> => {
  const { tenantId, userName } = ctx.actor;
  const { code } = document;
  const values = { document, updatedAt: new Date(ctx.clock.now()), updatedByName: userName };
  const at = and(eq(workCalendars.tenantId, tenantId), eq(workCalendars.code, code));
  const [after] = before
    ? await tx
        .update(workCalendars)
        .set({ ...values, version: before.version + 1 })
        .where(at)
        .returning()
    : await tx
        .insert(workCalendars)
        .values({ tenantId, code, ...values })
        .returning();
  if (!after) throw new HubError('bug', 'the calendar was not written');
  await audit(tx, ctx, {
    action: before ? 'calendar.changed' : 'calendar.created',
    target: { kind: 'calendar', id: code, name: document.label.zh },
    ...(before ? { before: { document: before.document } } : {}),
    after: { document },
  });
  return after;
};

const refuseMore = async (tx: Tx, tenantId: string): Promise<void> => {
  await lockCount(tx, 'work_calendars', tenantId);
  const [{ count } = { count: 0 }] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(workCalendars)
    .where(eq(workCalendars.tenantId, tenantId));
  if (count >= mostCalendars) throw new HubError('conflict', `There are ${mostCalendars} calendars at most`);
};

/**
 * A calendar as a whole; `version` 0 makes one. Clocks of running tickets are computed anew by it. Errors: `invalid_input`,
 * `not_found`, `precondition_failed`, `conflict` for the built-in one.
 */
export const setCalendar = async (
  ctx: VerbContext,
  { code, version, document }: { readonly code: string; readonly version: number; readonly document: WorkCalendar },
): Promise<Calendar> => {
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      ctx.actor.require('calendar.write', 'tenant');
      refuseBuiltIn(code);
      if (document.code !== code) {
        const message = 'The code is the calendar’s own, as in the path';
        throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.code', message }] } });
      }
      const before = await findCalendar(tx, ctx.actor.tenantId, code, 'update');
      if (!before && version !== 0) throw noSuchCalendar();
      if ((before?.version ?? 0) !== version) throw versionConflict(before?.version ?? 0);
      if (!before) await refuseMore(tx, ctx.actor.tenantId);
      return toCalendar(await write(tx, ctx, before, document), ctx.clock.now());
    });
  } catch (error) {
    throw isUniqueViolation(error) ? versionConflict(1) : error;
  }
};

/**
 * Adds a year’s holidays and moved working days as the State Council announced them; days that people wrote stay unless `replace`.
 * Errors: `not_found` (the calendar), `conflict` reason `not_announced`.
 */
export const addHolidays = (
  ctx: VerbContext,
  { code, year, replace }: { readonly code: string; readonly year: number; readonly replace: boolean },
): Promise<Holidays> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    ctx.actor.require('calendar.write', 'tenant');
    refuseBuiltIn(code);
    const before = await findCalendar(tx, ctx.actor.tenantId, code, 'update');
    if (!before) throw noSuchCalendar();
    const holidays = stateHolidays(year);
    if (holidays.length === 0) {
      throw new HubError('conflict', `The holidays of ${year} are not known to this version`, {
        context: { reason: 'not_announced', year },
        hint: 'They are announced in autumn. Write the days into the calendar, or bring the software up to date.',
      });
    }
    const { document, added, kept } = withHolidays(before.document, holidays, { replace });
    const after = added === 0 ? before : await write(tx, ctx, before, document);
    return { ...toCalendar(after, ctx.clock.now()), added, kept: [...kept] };
  });
