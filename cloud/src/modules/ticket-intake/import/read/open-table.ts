import { HubError } from '@hallhub/shared';
import { headOf } from '../../../../blobs/index.js';
import type { ReadAs } from '../tables.js';
import { tooMuch } from './open-zip.js';
import { charactersOf, isBlank, mostCharacters, mostRows, type RawRow, textOfCell } from './raw-row.js';
import { delimiterOf, encodingOf, readCsv, textOfFile } from './read-csv.js';
import { openXlsx } from './read-xlsx.js';

export interface TableFile {
  readonly readAs: ReadAs;
  /** Of the first row that is not blank. */
  readonly titles: readonly string[];
  /** All that follow and are not blank. */
  rows(): AsyncGenerator<RawRow>;
  close(): void;
}

/** Marks the example of our template: it is no row. */
export const exampleMark = '【示例 Example】';

const refuse = (reason: string, message: string, hint?: string): HubError =>
  new HubError('unsupported', message, { context: { reason }, ...(hint ? { hint } : {}) });

/** A file of rows, whatever its name says. Throws `unsupported` with a reason (`xls`, `damaged`, `encoding`, `quotes`, `columns`, `empty`, `rows`), `too_large`. */
export const openTable = async (file: string): Promise<TableFile> => {
  const head = await headOf(file, 8);
  const at = (bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  if (at([0xd0, 0xcf, 0x11, 0xe0])) {
    throw refuse('xls', 'This is an .xls workbook, or one with a password', 'Save it as .xlsx without a password.');
  }
  if (at([0x50, 0x4b, 0x03, 0x04])) {
    const { sheet, rows, close } = await openXlsx(file);
    return withTitles(rows(), { format: 'xlsx', sheet }, close);
  }
  const encoding = await encodingOf(file, head);
  let sample = '';
  for await (const text of textOfFile(file, encoding)) {
    sample += text;
    if (sample.length >= 20_000) break;
  }
  const delimiter = delimiterOf(sample.slice(0, 20_000));
  return withTitles(readCsv(textOfFile(file, encoding), delimiter), { format: 'csv', encoding, delimiter }, () => {});
};

const withTitles = async (rows: AsyncGenerator<RawRow>, readAs: ReadAs, close: () => void): Promise<TableFile> => {
  try {
    let next = await rows.next();
    while (!next.done && isBlank(next.value.cells)) next = await rows.next();
    if (next.done) throw refuse('empty', 'There is nothing in the file');
    const titles = next.value.cells.map((cell) => textOfCell(cell).trim().replace(/\s+/g, ' ').slice(0, 200));
    while (titles.at(-1) === '') titles.pop();
    return { readAs, titles, rows: () => bodyOf(rows), close };
  } catch (error) {
    close();
    throw error;
  }
};

async function* bodyOf(rows: AsyncGenerator<RawRow>): AsyncGenerator<RawRow> {
  let [count, characters] = [0, 0];
  for await (const row of rows) {
    // A workbook says a text once and shows it in every cell: unpacked it may be a thousand times what it was.
    characters += charactersOf(row.cells);
    if (characters > mostCharacters) throw tooMuch();
    if (isBlank(row.cells) || row.cells.some((cell) => textOfCell(cell).startsWith(exampleMark))) continue;
    count += 1;
    if (count > mostRows) throw refuse('rows', `There are more than ${mostRows} rows`, 'Divide the file.');
    yield row;
  }
}
