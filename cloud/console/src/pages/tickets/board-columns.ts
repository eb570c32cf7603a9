import type { Phase, TicketRow } from '../../api/tickets.js';

export interface BoardColumn {
  key: string;
  phase: Phase;
  label: TicketRow['state']['label'];
  rows: TicketRow[];
}

const order: readonly Phase[] = ['new', 'open', 'suspended', 'solved', 'closed', 'cancelled'];

/** A column for each state that a ticket stands in, in the order of a ticket's life. Kinds that call a state the same share it. */
export const boardColumns = (rows: readonly TicketRow[]): BoardColumn[] => {
  const columns = new Map<string, BoardColumn>();
  for (const row of rows) {
    const { phase, label } = row.state;
    const key = `${phase}/${label.zh}`;
    const column = columns.get(key) ?? { key, phase, label, rows: [] };
    column.rows.push(row);
    columns.set(key, column);
  }
  return [...columns.values()].sort((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase));
};

/** Where a step on the board leads: j/k within a column, h/l to the nearest of the columns beside it. */
export const stepOnBoard = (
  columns: readonly BoardColumn[],
  id: string | undefined,
  move: 'up' | 'down' | 'left' | 'right',
): string | undefined => {
  const column = columns.findIndex(({ rows }) => rows.some((row) => row.id === id));
  if (column < 0) return columns[0]?.rows[0]?.id;
  const rows = columns[column]?.rows ?? [];
  const at = rows.findIndex((row) => row.id === id);
  if (move === 'up' || move === 'down') return (rows[at + (move === 'down' ? 1 : -1)] ?? rows[at])?.id;
  const beside = columns[column + (move === 'right' ? 1 : -1)]?.rows;
  return beside ? beside[Math.min(at, beside.length - 1)]?.id : id;
};
