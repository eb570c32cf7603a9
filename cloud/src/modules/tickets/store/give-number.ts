import { HallClock } from '@hallhub/shared/hall-time';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';

const two = (n: number): string => String(n).padStart(2, '0');

/** The next number of a kind’s period. Whoever else wants one waits until this transaction ends: a number is never lost. */
export const giveNumber = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly numbering: TicketKind['numbering'];
    readonly at: number;
    readonly zone: string;
  },
): Promise<string> => {
  const { prefix, per, digits } = of.numbering;
  const { year, month, day } = new HallClock(of.zone).at(of.at);
  const period = `${year}${per === 'year' ? '' : two(month)}${per === 'day' ? two(day) : ''}`;
  for (;;) {
    const { rows } = await tx.$client.query<{ last: number }>(
      `INSERT INTO ticket_numbers (tenant_id, prefix, period, last) VALUES ($1, $2, $3, 1)
       ON CONFLICT (tenant_id, prefix, period) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last`,
      [of.tenantId, prefix, period],
    );
    const number = `${prefix}${period}${String(rows[0]?.last).padStart(digits, '0')}`;
    const taken = await tx.$client.query('SELECT 1 FROM tickets WHERE tenant_id = $1 AND number = $2', [
      of.tenantId,
      number,
    ]);
    // Two kinds of one prefix, one by the day and one by the month, may write the same.
    if (taken.rowCount === 0) return number;
  }
};
