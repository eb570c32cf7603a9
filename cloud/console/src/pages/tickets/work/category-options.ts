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

/** Whether any part of a path has these words. */
export const isFound = (text: string, path: readonly CategoryOption[]): boolean =>
  path.some((one) => one.label.toLowerCase().includes(text.toLowerCase()));

/** The path that a search shows first. */
export const firstFound = (
  options: readonly CategoryOption[],
  text: string,
  above: readonly CategoryOption[] = [],
): string[] | undefined => {
  for (const option of options) {
    const path = [...above, option];
    if (isFound(text, path)) return path.map(({ value }) => value);
    const below = firstFound(option.children ?? [], text, path);
    if (below) return below;
  }
  return undefined;
};

export const knownPath = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
