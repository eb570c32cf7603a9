import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import { loadCalendars } from '../calendars/calendar-book.js';
import { authorName } from '../ticket-kinds/author-name.js';
import type { SupportLine, SupportLineDay, WriteSupportLine } from './contract.js';

/** Of a hundred calls so many are to be answered. */
export const supportLineAim = 0.95;

interface Row {
  day: string;
  offered: number;
  answered: number;
  note: string | null;
  updated_at: Date;
  updated_by_name: string;
}

const columns = `to_char(day, 'YYYY-MM-DD') AS day, offered, answered, note, updated_at, updated_by_name`;

const toDay = (row: Row): SupportLineDay => ({
  ...{ day: row.day, offered: row.offered, answered: row.answered, note: row.note },
  ...{ at: row.updated_at.toISOString(), by: row.updated_by_name },
});

/** Of days from `first` to `last`, and of the period before; the line is the organisation’s, no hall’s. */
export const readSupportLine = async (
  tx: Tx,
  tenantId: string,
  { first, last, beforeFirst }: { readonly first: string; readonly last: string; readonly beforeFirst: string },
): Promise<SupportLine> => {
  const { rows } = await tx.$client.query<Row>(
    `SELECT ${columns} FROM support_line_days WHERE tenant_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day`,
    [tenantId, beforeFirst, last],
  );
  const days = rows.filter(({ day }) => day >= first).map(toDay);
  const sum = (of: readonly Pick<Row, 'offered' | 'answered'>[]) => ({
    offered: of.reduce((all, { offered }) => all + offered, 0),
    answered: of.reduce((all, { answered }) => all + answered, 0),
  });
  return { aim: supportLineAim, ...sum(days), before: sum(rows.filter(({ day }) => day < first)), days };
};

/** Writes a day’s calls; the same day again is put right. Errors: `invalid_input` for a day that has not begun. */
export const writeSupportLine = (ctx: VerbContext, input: WriteSupportLine): Promise<SupportLineDay> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    ctx.actor.require('ticket.supervise', 'tenant');
    const { zone } = (await loadCalendars(tx, tenantId))('always').calendar;
    const now = new Date(ctx.clock.now());
    // As ISO 8601 writes a day.
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(now);
    if (input.day > today) throw refused('day', 'This day has not begun');
    const { rows: known } = await tx.$client.query<Row>(
      `SELECT ${columns} FROM support_line_days WHERE tenant_id = $1 AND day = $2 FOR UPDATE`,
      [tenantId, input.day],
    );
    const { rows } = await tx.$client.query<Row>(
      `INSERT INTO support_line_days (tenant_id, day, offered, answered, note, updated_at, updated_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, day) DO UPDATE SET offered = excluded.offered, answered = excluded.answered, note = excluded.note,
         updated_at = excluded.updated_at, updated_by_name = excluded.updated_by_name
       RETURNING ${columns}`,
      [tenantId, input.day, input.offered, input.answered, input.note || null, now, await authorName(tx, ctx)],
    );
    const written = rows[0];
    if (!written) throw new HubError('bug', 'the day was not written');
    const before = known[0];
    await audit(tx, ctx, {
      action: 'support_line.written',
      target: { kind: 'support_line', id: input.day },
      ...(before ? { before: { offered: before.offered, answered: before.answered, note: before.note } } : {}),
      after: { offered: written.offered, answered: written.answered, note: written.note },
    });
    return toDay(written);
  });

const refused = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });
