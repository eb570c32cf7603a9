import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** The cell as plain text, for copying and export; a column without it is left out there. */
  text?: (row: Row) => string;
  /** Pixels; a column without a width takes what is left. */
  width?: number;
  /** Instead of `width` where the table is narrower than 720 px. */
  narrowWidth?: number;
  /** The name by which the server sorts. */
  sort?: string;
  align?: 'end';
  /** 1 is always shown; 2 from 640 px, 3 from 920 px, 4 from 1120 px of table width. */
  priority?: 1 | 2 | 3 | 4;
}

const minWidthByPriority = { 1: 0, 2: 640, 3: 920, 4: 1120 } as const;

/** The columns that fit this width and that the person has not hidden. */
export function visibleColumns<Row>(columns: Column<Row>[], width: number, hidden: readonly string[]): Column<Row>[] {
  return columns.filter((column) => width >= minWidthByPriority[column.priority ?? 1] && !hidden.includes(column.id));
}

/** Undefined: what is left. On a phone the first column gives way, so that the second is seen beside it. */
export function columnWidth<Row>(column: Column<Row>, of: { width: number; isFirst: boolean }): number | undefined {
  const isMeasured = of.width > 0;
  if (isMeasured && of.width < 720 && column.narrowWidth) return column.narrowWidth;
  return isMeasured && of.width < 480 && of.isFirst ? undefined : column.width;
}

const quote = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** A leading sign would be run as a formula by a spreadsheet. */
const defuse = (text: string) =>
  /^[=+\-@＝＋－＠\t\r\n]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;

/** Rows as CSV with a byte-order mark, so that spreadsheets read Chinese. */
export function toCsv<Row>(columns: Column<Row>[], rows: Row[]): string {
  const used = columns.filter((column) => column.text);
  const lines = [used.map((column) => quote(column.title))];
  for (const row of rows) lines.push(used.map((column) => quote(defuse(column.text?.(row) ?? ''))));
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}

/** Rows as tab-separated text, for pasting into a message or a sheet. */
export function toText<Row>(columns: Column<Row>[], rows: Row[]): string {
  const used = columns.filter((column) => column.text);
  const clean = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  return [
    used.map((column) => column.title),
    ...rows.map((row) => used.map((column) => clean(column.text?.(row) ?? ''))),
  ]
    .map((line) => line.join('\t'))
    .join('\n');
}
