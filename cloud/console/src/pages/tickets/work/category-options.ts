import type { Category } from '../../../api/tickets.js';

export interface CategoryOption {
  value: string;
  label: string;
  children?: CategoryOption[];
}

/** A tree of options from rows that name their parent; a row whose parent is gone stands at the root. */
export const categoryOptions = (
  rows: readonly Category[],
  word: (label: Category['label']) => string,
): CategoryOption[] => {
  const options = new Map(rows.map(({ code, label }) => [code, { value: code, label: word(label) } as CategoryOption]));
  const roots: CategoryOption[] = [];
  for (const { code, parent } of rows) {
    const option = options.get(code) as CategoryOption;
    const above = parent === null ? undefined : options.get(parent);
    if (above) {
      above.children ??= [];
      above.children.push(option);
    } else roots.push(option);
  }
  return roots;
};

export const knownPath = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
