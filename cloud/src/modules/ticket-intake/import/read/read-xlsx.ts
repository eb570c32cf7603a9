import { HubError } from '@hallhub/shared';
import { OpenZip, tooMuch } from './open-zip.js';
import { boundedCell, maxCellLength, mostColumns, type RawCell, type RawRow } from './raw-row.js';
import { readXml, readXmlWhole } from './read-xml.js';
import { dateStylesOf, serialText } from './sheet-dates.js';

/** Characters of all shared texts together, which are held while the sheet is read. */
const mostSharedText = 64 * 1024 * 1024;

export interface OpenSheet {
  readonly sheet: string;
  rows(): AsyncGenerator<RawRow>;
  close(): void;
}

/** The first sheet that is seen of an Office Open XML workbook (ECMA-376). Formulas are never computed: what they last gave counts. Throws `unsupported`, `too_large`. */
export const openXlsx = async (file: string, mostInflated?: number): Promise<OpenSheet> => {
  const zip = await OpenZip.open(file, mostInflated);
  try {
    const book = await readBook(zip);
    const shared = zip.has('xl/sharedStrings.xml') ? await readShared(zip) : [];
    const dates = zip.has('xl/styles.xml') ? await dateStylesOf(zip.text('xl/styles.xml')) : new Set<number>();
    const facts = { shared, dates, is1904: book.is1904 };
    return { sheet: book.name, rows: () => readSheet(zip.text(book.part), facts), close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
};

const readBook = async (zip: OpenZip) => {
  const sheets: { name: string; relation: string }[] = [];
  let is1904 = false;
  await readXmlWhole(zip.text('xl/workbook.xml'), {
    open: (name, { name: title = '', id = '', state = 'visible', date1904 }) => {
      if (name === 'workbookPr') is1904 = date1904 === '1' || date1904 === 'true';
      if (name === 'sheet' && state === 'visible') sheets.push({ name: title, relation: id });
    },
  });
  const targets = new Map<string, string>();
  await readXmlWhole(zip.text('xl/_rels/workbook.xml.rels'), {
    open: (name, { Id = '', Target = '' }) => {
      if (name === 'Relationship') targets.set(Id, Target);
    },
  });
  const [first] = sheets;
  const target = first && targets.get(first.relation);
  const part = target?.startsWith('/') ? target.slice(1) : `xl/${target ?? ''}`;
  if (!first || !zip.has(part)) {
    throw new HubError('unsupported', 'The workbook has no sheet', { context: { reason: 'empty' } });
  }
  return { name: first.name, part, is1904 };
};

const readShared = async (zip: OpenZip): Promise<string[]> => {
  const shared: string[] = [];
  let [text, isText, inPhonetic, total] = ['', false, false, 0];
  await readXmlWhole(zip.text('xl/sharedStrings.xml'), {
    open: (name) => {
      if (name === 'si') text = '';
      else if (name === 'rPh') inPhonetic = true;
      else if (name === 't') isText = !inPhonetic;
    },
    text: (piece) => {
      if (isText && text.length <= maxCellLength) text += piece;
    },
    close: (name) => {
      if (name === 't') isText = false;
      else if (name === 'rPh') inPhonetic = false;
      else if (name === 'si') {
        shared.push(text);
        total += text.length + 16;
        if (total > mostSharedText) throw tooMuch();
      }
    },
  });
  return shared;
};

interface SheetFacts {
  readonly shared: readonly string[];
  readonly dates: ReadonlySet<number>;
  readonly is1904: boolean;
}

/** `BC12`: 54. -1 where it says none. */
const columnOf = (reference: string): number => {
  let column = 0;
  for (const char of reference) {
    const n = char.charCodeAt(0) - 64;
    if (n < 1 || n > 26) break;
    column = column * 26 + n;
  }
  return column - 1;
};

async function* readSheet(text: AsyncIterable<string>, facts: SheetFacts): AsyncGenerator<RawRow> {
  const ready: RawRow[] = [];
  let cells: RawCell[] = [];
  let [line, column, inCell, isValue, value] = [0, -1, false, false, ''];
  let [type, style] = ['n', 0];
  const endCell = () => {
    const cell = cellOf(value, { ...facts, type, style });
    if (column >= mostColumns) {
      if (value.trim() === '') return;
      const message = `Row ${line} has more than ${mostColumns} columns`;
      throw new HubError('unsupported', message, { context: { reason: 'columns', line } });
    }
    while (cells.length < column) cells.push('');
    cells[column] = cell;
  };
  const events = {
    open: (name: string, { r = '', t = 'n', s = '0' }: Readonly<Record<string, string>>) => {
      if (name === 'row') {
        const said = Number(r);
        [line, column, cells] = [Number.isInteger(said) && said > line ? said : line + 1, -1, []];
      } else if (name === 'c') {
        const said = columnOf(r);
        [column, type, style, value, inCell] = [said >= 0 ? said : column + 1, t, Number(s), '', true];
      } else if (inCell) isValue = name === 'v' || (name === 't' && type === 'inlineStr');
    },
    text: (piece: string) => {
      if (isValue && value.length <= maxCellLength) value += piece;
    },
    close: (name: string) => {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'c') {
        inCell = false;
        endCell();
      } else if (name === 'row') ready.push({ line, cells });
    },
  };
  for await (const _ of readXml(text, events)) yield* ready.splice(0);
  yield* ready.splice(0);
}

const cellOf = (value: string, of: SheetFacts & { readonly type: string; readonly style: number }): RawCell => {
  if (of.type === 's') return boundedCell(of.shared[Number(value)] ?? '');
  if (of.type === 'e') return { wrong: 'cell_error', text: value };
  if (of.type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (of.type !== 'n' || value === '') return boundedCell(value);
  if (of.dates.has(of.style)) return serialText(Number(value), of.is1904) ?? value;
  return numberText(value);
};

/** Without an exponent. A sheet holds 15 digits of a number: of a longer one the last are made up. */
const numberText = (value: string): RawCell => {
  const n = Number(value);
  if (!Number.isFinite(n)) return boundedCell(value);
  if (Number.isInteger(n)) {
    if (Math.abs(n) < 1e15) return String(n);
    const [digits = '', exponent] = n.toExponential(14).split('e');
    return { wrong: 'precision', text: digits.replace('.', '').padEnd(Number(exponent) + (n < 0 ? 2 : 1), '0') };
  }
  return String(Number(n.toPrecision(15)));
};
