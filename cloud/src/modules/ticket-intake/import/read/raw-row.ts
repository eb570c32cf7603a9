/** A cell as text; `wrong`: it cannot be gone by, and why (`cell_error`: a formula that failed, `precision`: digits are lost, `too_long`). */
export type RawCell = string | { readonly wrong: 'cell_error' | 'precision' | 'too_long'; readonly text: string };

export interface RawRow {
  /** Of the file, the first being 1. */
  readonly line: number;
  readonly cells: readonly RawCell[];
}

export const mostRows = 100_000;
export const mostColumns = 200;
/** What a sheet's program takes too. */
export const maxCellLength = 32_767;
export const maxImportBytes = 52_428_800;

/** Of all rows of a file together; a delimited file cannot have so many. */
export const mostCharacters = 64 * 1024 * 1024;

export const textOfCell = (cell: RawCell | undefined): string =>
  cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text;

export const boundedCell = (text: string): RawCell => {
  // Neither text nor jsonb of PostgreSQL holds it.
  const clean = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  return clean.length <= maxCellLength ? clean : { wrong: 'too_long', text: clean.slice(0, maxCellLength) };
};

export const isBlank = (cells: readonly RawCell[]): boolean => cells.every((cell) => textOfCell(cell).trim() === '');

export const charactersOf = (cells: readonly RawCell[]): number =>
  cells.reduce((sum, cell) => sum + textOfCell(cell).length, 0);
