import { HallClock } from '@hallhub/shared/hall-time';
import type { TicketKind } from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';

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
    // Asked at once: others wait for as long as this takes.
    const [{ rows }, taken] = await together([
      tx.$client.query<{ last: number }>({
        name: 'give_number',
        text: `INSERT INTO ticket_numbers (tenant_id, prefix, period, last) VALUES ($1, $2, $3, 1)
         ON CONFLICT (tenant_id, prefix, period) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING last`,
        values: [of.tenantId, prefix, period],
      }),
      tx.$client.query({
        name: 'number_taken',
        text: `SELECT 1 FROM tickets WHERE tenant_id = $1 AND number =
           (SELECT prefix || period || repeat('0', $4 - length(last::text)) || last FROM ticket_numbers
            WHERE tenant_id = $1 AND prefix = $2 AND period = $3)`,
        values: [of.tenantId, prefix, period, digits],
      }),
    ]);
    // Two kinds of one prefix, one by the day and one by the month, may write the same.
    if (taken.rowCount === 0) return `${prefix}${period}${String(rows[0]?.last).padStart(digits, '0')}`;
  }
};
