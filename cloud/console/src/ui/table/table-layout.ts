import { useState } from 'react';

export interface TableLayout {
  hidden: string[];
  widths: Record<string, number>;
}

const empty: TableLayout = { hidden: [], widths: {} };

function read(key: string): TableLayout {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as Partial<TableLayout> | null;
    return { hidden: stored?.hidden ?? [], widths: stored?.widths ?? {} };
  } catch {
    return empty;
  }
}

/** A person's choice of columns and widths for one table, kept in this browser. */
export function useTableLayout(name: string): [TableLayout, (layout: TableLayout) => void] {
  const key = `hallhub.table.${name}`;
  const [layout, setLayout] = useState(() => read(key));
  const keep = (next: TableLayout) => {
    setLayout(next);
    localStorage.setItem(key, JSON.stringify(next));
  };
  return [layout, keep];
}
