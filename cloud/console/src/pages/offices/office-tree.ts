import type { Office } from '../../api/offices.js';

export interface OfficeRow {
  readonly office: Office;
  readonly depth: number;
}

/** Offices as a tree told in lines: each below the one it belongs to, by name. One whose parent is not there stands at the top. */
export const officeRows = (offices: readonly Office[]): OfficeRow[] => {
  const ids = new Set(offices.map(({ id }) => id));
  const sorted = [...offices].sort((a, b) => a.name.localeCompare(b.name, 'zh'));
  const rows: OfficeRow[] = [];
  const seen = new Set<string>();
  const below = (parentId: string | null, depth: number): void => {
    for (const office of sorted) {
      const parent = office.parentId !== null && ids.has(office.parentId) ? office.parentId : null;
      if (parent !== parentId || seen.has(office.id)) continue;
      seen.add(office.id);
      rows.push({ office, depth });
      below(office.id, depth + 1);
    }
  };
  below(null, 0);
  return rows;
};

/** An office and all below it: none of them can be above it. */
export const withinOffice = (offices: readonly Office[], id: string): ReadonlySet<string> => {
  const found = new Set([id]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const one of offices) if (one.parentId !== null && found.has(one.parentId)) found.add(one.id);
  }
  return found;
};
