import type { TicketPage } from '../../../api/tickets.js';

type Marked = Pick<TicketPage, 'marks' | 'device'>;

/** When somebody was there, when it was mended, when the other side said so: what a slip is read for. */
export const markTimes = ({ marks, device }: Marked) =>
  (['arrived', 'solved', 'confirmed'] as const).flatMap((mark) => {
    const at = marks[mark];
    return at === undefined ? [] : [{ word: mark === 'solved' && device ? ('repaired' as const) : mark, at }];
  });

/** From the report until then. */
export const tookMs = ({ madeAt }: Pick<TicketPage, 'madeAt'>, solvedAt: string): number =>
  Math.max(0, Date.parse(solvedAt) - Date.parse(madeAt));
