import type { TicketRow } from '../../api/tickets.js';

export interface HolderCount {
  id: string;
  name: string;
  count: number;
}

/** Who has how many, most first. */
export const byHolder = (rows: readonly Pick<TicketRow, 'holders'>[]): HolderCount[] => {
  const counts = new Map<string, HolderCount>();
  for (const { holders } of rows) {
    for (const { id, name } of holders) {
      const holder = counts.get(id) ?? { id, name, count: 0 };
      holder.count += 1;
      counts.set(id, holder);
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
};
