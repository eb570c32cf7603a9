import { HubError } from '@hallhub/shared';
import type { Tx } from '../../../db/index.js';
import type { ReportKind } from './report-contract.js';

export interface ReportSpan {
  readonly kind: ReportKind;
  readonly from: string;
  /** The period's end, or now while it runs. */
  readonly to: string;
  readonly isOver: boolean;
  /** As long, from the beginning of the period before. */
  readonly before: { readonly from: string; readonly to: string };
}

/** A day or a month as a zone counts it. Throws `invalid_input` where there is no such day or it has not begun. */
export const spanOf = async (
  tx: Tx,
  of: { readonly period: string; readonly timeZone: string; readonly nowMs: number },
): Promise<ReportSpan> => {
  const kind: ReportKind = of.period.length === 7 ? 'month' : 'day';
  const first = kind === 'month' ? `${of.period}-01` : of.period;
  if (
    Number.isNaN(Date.parse(`${first}T00:00:00Z`)) ||
    !new Date(`${first}T00:00:00Z`).toISOString().startsWith(first)
  ) {
    throw invalid('There is no such day');
  }
  const { rows } = await tx.$client.query<{ from: Date; end: Date; before: Date }>(
    `SELECT $1::timestamp AT TIME ZONE $2 AS "from", ($1::timestamp + $3::interval) AT TIME ZONE $2 AS "end",
       ($1::timestamp - $3::interval) AT TIME ZONE $2 AS before`,
    [`${first} 00:00:00`, of.timeZone, `1 ${kind}`],
  );
  const [row] = rows;
  if (!row || row.from.getTime() > of.nowMs) throw invalid('It has not begun yet');
  const toMs = Math.min(row.end.getTime(), of.nowMs);
  const beforeTo = Math.min(row.before.getTime() + (toMs - row.from.getTime()), row.from.getTime());
  const isOver = row.end.getTime() <= of.nowMs;
  return {
    ...{ kind, isOver, from: row.from.toISOString(), to: new Date(toMs).toISOString() },
    before: {
      from: row.before.toISOString(),
      to: isOver ? row.from.toISOString() : new Date(beforeTo).toISOString(),
    },
  };
};

const invalid = (message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: 'query.period', message }] } });
