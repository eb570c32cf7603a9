import { cut, padEnd, padStart, textWidth } from './text-width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way first when the terminal is narrow. */
  readonly shrink?: boolean;
}

const gap = 2;
const narrowest = 8;

/** Aligned columns without rules. On a terminal the shrinking columns are cut so that a row stays on one line. */
export const renderTable = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { width?: number; head?: (text: string) => string } = {},
): string => {
  const widths = columns.map((column, i) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[i] ?? ''))),
  );
  const total = () => widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
  if (options.width !== undefined) {
    const shrinking = columns.flatMap((column, i) => (column.shrink ? [i] : []));
    while (total() > options.width) {
      const widest = shrinking
        .filter((i) => (widths[i] ?? 0) > narrowest)
        .sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
      if (widest === undefined) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
  }
  const line = (cells: readonly string[]) =>
    columns
      .map((column, i) => {
        const width = widths[i] ?? 0;
        const cell = cut(cells[i] ?? '', width);
        return column.align === 'right' ? padStart(cell, width) : padEnd(cell, width);
      })
      .join(' '.repeat(gap))
      .trimEnd();
  const head = options.head ?? ((text: string) => text);
  return [head(line(columns.map((c) => c.title))), ...rows.map(line)].join('\n');
};

/** Names on the left, values on the right, one fact a line. */
export const renderFacts = (facts: readonly (readonly [name: string, value: string | undefined])[]): string => {
  const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => textWidth(name)));
  return shown
    .map(([name, value]) => `${padEnd(name, width)}  ${value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`)
    .join('\n');
};
