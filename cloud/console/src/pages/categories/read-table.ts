import { type Category, codePattern, deepest, freshCode } from './category-draft.js';

export interface TableFault {
  readonly line: number;
  readonly why: 'code' | 'parent' | 'name' | 'deep' | 'self';
  readonly about: string;
}
export interface TableRead {
  readonly items: Category[];
  readonly added: number;
  readonly changed: number;
  readonly faults: TableFault[];
}

const most = 5_000;
const cellsOf = (line: string): string[] =>
  (line.includes('\t') ? line.split('\t') : line.split(/[,，]/)).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
const heads = {
  code: /^(code|代码|编码)$/i,
  parent: /^(parent|上级|上级代码)$/i,
  zh: /^(zh|名称|中文|name)$/i,
  en: /^(en|英文|english)$/i,
};

/**
 * Lines pasted from a sheet, laid over a tree. With a head (代码, 上级, 名称, 英文) each line is one category by its code; without one,
 * columns are levels (`市容 → 垃圾`), known by their names, and codes are made.
 */
export const readTable = (items: readonly Category[], text: string): TableRead => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const [head = []] = lines.slice(0, 1).map(cellsOf);
  const column = (name: keyof typeof heads) => head.findIndex((cell) => heads[name].test(cell));
  const at = { code: column('code'), parent: column('parent'), zh: column('zh'), en: column('en') };
  return at.code >= 0 && at.zh >= 0 ? byCode(items, lines, at) : byLevels(items, lines);
};

const byCode = (
  items: readonly Category[],
  lines: readonly string[],
  at: Record<keyof typeof heads, number>,
): TableRead => {
  const known = new Map(items.map((one) => [one.code, one]));
  const was = new Set(known.keys());
  const faults: TableFault[] = [];
  let changed = 0;
  const given = lines
    .slice(1, most + 1)
    .flatMap((text, i) => (text.trim() === '' ? [] : [{ line: i + 2, cells: cellsOf(text) }]));
  const codes = new Set([...known.keys(), ...given.map(({ cells }) => cells[at.code] ?? '')]);
  for (const { line, cells } of given) {
    const [code = '', zh = ''] = [cells[at.code], cells[at.zh]];
    const [parent, en] = [(at.parent < 0 ? '' : cells[at.parent]) || null, at.en < 0 ? '' : (cells[at.en] ?? '')];
    if (!codePattern.test(code)) faults.push({ line, why: 'code', about: code });
    else if (zh === '') faults.push({ line, why: 'name', about: code });
    else if (parent === code) faults.push({ line, why: 'self', about: code });
    else if (parent !== null && !codes.has(parent)) faults.push({ line, why: 'parent', about: parent });
    else {
      const next = {
        code,
        parent,
        label: { zh: zh.slice(0, 200), ...(en ? { en: en.slice(0, 200) } : {}) },
        retired: false,
      };
      const before = known.get(code);
      if (before && was.has(code) && JSON.stringify(before) !== JSON.stringify({ ...before, ...next })) changed += 1;
      known.set(code, next);
    }
  }
  // What a refused line was to be the parent of cannot hang in the air, nor lie below itself.
  for (const { line, cells } of given) {
    const code = cells[at.code] ?? '';
    if (was.has(code) || !known.has(code)) continue;
    const seen = new Set<string>();
    for (let up: string | null = code; up !== null; up = known.get(up)?.parent ?? null) {
      if (!known.has(up) || seen.has(up) || seen.size >= deepest) {
        faults.push({ line, why: known.has(up) ? (seen.has(up) ? 'self' : 'deep') : 'parent', about: up });
        known.delete(code);
        break;
      }
      seen.add(up);
    }
  }
  const all = [...known.values()];
  return {
    items: all,
    added: all.filter(({ code }) => !was.has(code)).length,
    changed,
    faults: faults.sort((a, b) => a.line - b.line),
  };
};

const byLevels = (items: readonly Category[], lines: readonly string[]): TableRead => {
  const all = [...items];
  const faults: TableFault[] = [];
  let path: string[] = [];
  for (const [i, text] of lines.slice(0, most).entries()) {
    if (text.trim() === '') continue;
    const cells = cellsOf(text);
    const last = cells.findLastIndex((cell) => cell !== '');
    if (last >= deepest) {
      faults.push({ line: i + 1, why: 'deep', about: cells[last] ?? '' });
      continue;
    }
    // A cell left empty is the one above it, as merged cells are pasted.
    const names = cells.slice(0, last + 1).map((cell, level) => cell || path[level] || '');
    if (names.some((name) => name === '')) {
      faults.push({ line: i + 1, why: 'parent', about: cells[last] ?? '' });
      continue;
    }
    path = names;
    let parent: string | null = null;
    for (const zh of names) {
      const above: string | null = parent;
      const found = all.find((one) => one.parent === above && one.label.zh === zh && !one.retired);
      const code: string = found?.code ?? freshCode(all, above);
      if (!found) all.push({ code, parent: above, label: { zh: zh.slice(0, 200) }, retired: false });
      parent = code;
    }
  }
  return { items: all, added: all.length - items.length, changed: 0, faults };
};
