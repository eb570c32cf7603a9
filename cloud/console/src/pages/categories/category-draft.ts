import type { Label } from '../../i18n/use-language.js';

export interface Category {
  readonly code: string;
  readonly parent: string | null;
  readonly label: Label;
  readonly retired: boolean;
}
export interface CategoryRow {
  readonly category: Category;
  /** 1 at the top. */
  readonly level: number;
  readonly below: number;
  readonly open: boolean;
  /** Its place among its neighbours, from 1. */
  readonly place: number;
  readonly of: number;
}

/** As deep as a field’s path may be. */
export const deepest = 6;
export const codePattern = /^[a-z][a-z0-9_]{0,47}$/;

type Below = ReadonlyMap<string | null, readonly Category[]>;

/** By what they lie below; one whose parent is gone stands at the top. */
export const belowOf = (items: readonly Category[]): Below => {
  const codes = new Set(items.map(({ code }) => code));
  const below = new Map<string | null, Category[]>();
  for (const one of items) {
    const parent = one.parent !== null && codes.has(one.parent) ? one.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), one]);
  }
  return below;
};

interface Shown {
  readonly closed: ReadonlySet<string>;
  readonly query: string;
  readonly retired: boolean;
}

/** The tree as lines: what is folded away left out; of a search what it finds, with all above it. */
export const rowsOf = (items: readonly Category[], { closed, query, retired }: Shown): CategoryRow[] => {
  const shown = retired ? items : items.filter((one) => !one.retired);
  const below = belowOf(shown);
  const wanted = query.trim().toLowerCase();
  const isHit = ({ code, label }: Category) =>
    [code, label.zh, label.en ?? ''].some((text) => text.toLowerCase().includes(wanted));
  const found = new Set<string>();
  const seek = (one: Category): boolean => {
    const hits = (below.get(one.code) ?? []).map(seek).some(Boolean);
    if (!hits && !isHit(one)) return false;
    found.add(one.code);
    return true;
  };
  if (wanted !== '') for (const one of below.get(null) ?? []) seek(one);
  const rows: CategoryRow[] = [];
  const walk = (parent: string | null, level: number): void => {
    const all = (below.get(parent) ?? []).filter(({ code }) => wanted === '' || found.has(code));
    for (const [i, category] of all.entries()) {
      const under = below.get(category.code)?.length ?? 0;
      const open = under > 0 && (wanted !== '' || !closed.has(category.code));
      rows.push({ category, level, below: under, open, place: i + 1, of: all.length });
      if (open) walk(category.code, level + 1);
    }
  };
  walk(null, 1);
  return rows;
};

/** A category and all below it. */
export const withinOf = (items: readonly Category[], code: string): ReadonlySet<string> => {
  const below = belowOf(items);
  const found = new Set<string>();
  const walk = (one: string): void => {
    found.add(one);
    for (const { code: next } of below.get(one) ?? []) if (!found.has(next)) walk(next);
  };
  walk(code);
  return found;
};

const levelOf = (items: readonly Category[], code: string | null): number => {
  const byCode = new Map(items.map((one) => [one.code, one]));
  let level = 0;
  for (let at = code; at !== null && level < 50; at = byCode.get(at)?.parent ?? null) level += 1;
  return level;
};
const heightOf = (items: readonly Category[], code: string): number => {
  const base = levelOf(items, code);
  return Math.max(...[...withinOf(items, code)].map((one) => levelOf(items, one) - base)) + 1;
};

/** At another place: below `parent`, before `before` or last. Undefined: it would lie below itself, or too deep. */
export const moveTo = (
  items: readonly Category[],
  code: string,
  to: { readonly parent: string | null; readonly before: string | null },
): Category[] | undefined => {
  const one = items.find((item) => item.code === code);
  if (!one || to.before === code) return undefined;
  if (to.parent !== null && withinOf(items, code).has(to.parent)) return undefined;
  if (levelOf(items, to.parent) + heightOf(items, code) > deepest) return undefined;
  const rest = items.filter((item) => item.code !== code);
  const at = to.before === null ? rest.length : rest.findIndex((item) => item.code === to.before);
  const moved = { ...one, parent: to.parent };
  return [...rest.slice(0, at < 0 ? rest.length : at), moved, ...rest.slice(at < 0 ? rest.length : at)];
};

export type Step = 'up' | 'down' | 'in' | 'out';

/** One step by the keyboard: among its neighbours, into the one before it, or out behind the one above it. */
export const stepOf = (items: readonly Category[], code: string, step: Step): Category[] | undefined => {
  const one = items.find((item) => item.code === code);
  if (!one) return undefined;
  const neighbours = items.filter(({ parent, retired }) => parent === one.parent && retired === one.retired);
  const at = neighbours.findIndex((item) => item.code === code);
  switch (step) {
    case 'up': {
      const before = neighbours[at - 1];
      return before && moveTo(items, code, { parent: one.parent, before: before.code });
    }
    case 'down': {
      if (at === neighbours.length - 1) return undefined;
      return moveTo(items, code, { parent: one.parent, before: neighbours[at + 2]?.code ?? null });
    }
    case 'in': {
      const before = neighbours[at - 1];
      return before && moveTo(items, code, { parent: before.code, before: null });
    }
    case 'out': {
      const above = items.find((item) => item.code === one.parent);
      if (!above) return undefined;
      const uncles = items.filter(({ parent }) => parent === above.parent);
      const next = uncles[uncles.findIndex((item) => item.code === above.code) + 1];
      return moveTo(items, code, { parent: above.parent, before: next?.code ?? null });
    }
  }
};

/** A code that nobody has: `parent_2`. */
export const freshCode = (items: readonly Category[], parent: string | null): string => {
  const taken = new Set(items.map(({ code }) => code));
  const base = (parent ?? 'c').slice(0, 40);
  for (let n = 1; ; n++) if (!taken.has(`${base}_${n}`)) return `${base}_${n}`;
};

/** With all below it; back again with all above it. */
export const retire = (items: readonly Category[], code: string, retired: boolean): Category[] => {
  const byCode = new Map(items.map((one) => [one.code, one]));
  const all = new Set(retired ? withinOf(items, code) : [code]);
  if (!retired)
    for (let at = byCode.get(code)?.parent ?? null; at !== null; at = byCode.get(at)?.parent ?? null) all.add(at);
  return items.map((one) => (all.has(one.code) ? { ...one, retired } : one));
};

/** As it is sent: in the order of the tree, without the retired. */
export const toSend = (items: readonly Category[]): Omit<Category, 'retired'>[] =>
  rowsOf(items, { closed: new Set(), query: '', retired: false }).map(({ category: { code, parent, label } }) => ({
    ...{ code, parent, label: { zh: label.zh.trim(), ...(label.en?.trim() ? { en: label.en.trim() } : {}) } },
  }));
