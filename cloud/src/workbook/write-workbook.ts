import { ZipFile } from 'yazl';

export interface SheetCell {
  readonly text: string;
  /** Relative to where the file lies: `pictures/7F3K-9QXD-overview.jpg`. */
  readonly link?: string;
}

/** 0.873 shown as 87.3 %. */
export interface ShareCell {
  readonly share: number;
}

export type Cell = string | number | SheetCell | ShareCell | null;

/** What a cell of a column may be chosen from: the cells below the title of another sheet’s column. */
export interface ChoiceList {
  readonly sheet: string;
  readonly column: number;
  readonly count: number;
  /** Others are asked about, not refused. False: several may be written, and nobody asks. */
  readonly asks: boolean;
}

export interface SheetColumn {
  readonly title: string;
  /** Characters. */
  readonly width: number;
  readonly choices?: ChoiceList;
}

export interface Sheet {
  readonly name: string;
  readonly columns: readonly SheetColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** There for other sheets, not to be read. */
  readonly hidden?: boolean;
}

const escapeXml = (text: string): string =>
  text
    // XML 1.0 has no way to say these.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

const columnName = (index: number): string =>
  (index >= 26 ? String.fromCharCode(64 + Math.floor(index / 26)) : '') + String.fromCharCode(65 + (index % 26));

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageNs = 'http://schemas.openxmlformats.org/package/2006';
const maxCell = 32_000;

const styleOf = { plain: 0, title: 1, link: 2, share: 3 } as const;

/** Cells of text are inline and typed as text: a name that begins with `=` is a name and no formula. */
const cellXml = (value: Cell, ref: string, isTitle: boolean): string => {
  if (value === null) return '';
  if (typeof value === 'number') return `<c r="${ref}"><v>${value}</v></c>`;
  if (typeof value === 'object' && 'share' in value) {
    return `<c r="${ref}" s="${styleOf.share}"><v>${value.share}</v></c>`;
  }
  const text = typeof value === 'string' ? value : value.text;
  const style = isTitle ? 'title' : typeof value === 'object' && value.link !== undefined ? 'link' : 'plain';
  return `<c r="${ref}" s="${styleOf[style]}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text.slice(0, maxCell))}</t></is></c>`;
};

type Columns = Sheet['columns'];

/** One line of a sheet; the first, 1, holds its titles. */
export const rowXml = (row: readonly Cell[], line: number): string => {
  const cells = row.map((value, c) => cellXml(value, `${columnName(c)}${line}`, line === 1));
  return `<row r="${line}">${cells.join('')}</row>`;
};

/** What stands before the lines of a sheet. */
export const sheetHead = (columns: Columns): string => {
  const widths = columns.map(({ width }, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`);
  return `${head}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
};

const lastChoiceRow = 10_001;

const choicesXml = (columns: Columns): string => {
  const lists = columns.flatMap(({ choices }, c) => {
    if (!choices || choices.count === 0) return [];
    const [name, from] = [columnName(c), columnName(choices.column)];
    const asks = choices.asks ? ' errorStyle="warning" showErrorMessage="1"' : '';
    const source = `'${sheetName(choices.sheet).replaceAll("'", "''")}'!$${from}$2:$${from}$${choices.count + 1}`;
    return `<dataValidation type="list" allowBlank="1"${asks} sqref="${name}2:${name}${lastChoiceRow}"><formula1>${source}</formula1></dataValidation>`;
  });
  return lists.length === 0 ? '' : `<dataValidations count="${lists.length}">${lists.join('')}</dataValidations>`;
};

/** What stands behind them. `lines`: with the titles. */
export const sheetTail = (columns: Columns, lines: number, marks: readonly string[] = []): string =>
  `</sheetData><autoFilter ref="A1:${columnName(columns.length - 1)}${lines}"/>${choicesXml(columns)}${marks.length > 0 ? `<hyperlinks>${marks.join('')}</hyperlinks>` : ''}</worksheet>`;

const sheetXml = ({ columns, rows }: Sheet): { readonly xml: string; readonly links: readonly string[] } => {
  const links: string[] = [];
  const marks: string[] = [];
  const lines = [columns.map(({ title }) => title), ...rows];
  for (const [r, row] of lines.entries()) {
    for (const [c, value] of row.entries()) {
      const link = typeof value === 'object' && value !== null && 'link' in value ? value.link : undefined;
      if (link === undefined) continue;
      links.push(link);
      marks.push(`<hyperlink ref="${columnName(c)}${r + 1}" r:id="rId${links.length}"/>`);
    }
  }
  const body = lines.map((row, r) => rowXml(row, r + 1));
  return { xml: `${sheetHead(columns)}${body.join('')}${sheetTail(columns, lines.length, marks)}`, links };
};

const styles = `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><color rgb="FF0563C1"/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf fontId="0"/><xf fontId="1" applyFont="1"/><xf fontId="2" applyFont="1"/><xf fontId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

const relation = (id: number, type: string, target: string, mode = ''): string =>
  `<Relationship Id="rId${id}" Type="${office}/${type}" Target="${escapeXml(target)}"${mode}/>`;

/** What no name of a sheet may hold, and its length. */
const sheetName = (name: string): string => escapeXml(name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31));

const relations = (inner: string): string =>
  `${head}<Relationships xmlns="${packageNs}/relationships">${inner}</Relationships>`;

const kinds = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const override = (part: string, kind: string): string =>
  `<Override PartName="/xl/${part}" ContentType="${kinds}.${kind}+xml"/>`;

export const sheetFile = (place: number): string => `worksheets/sheet${place + 1}.xml`;

/** All parts of a workbook but its sheets, which lie at `xl/` and `sheetFile`. */
export const workbookParts = (
  names: readonly string[],
  hidden: readonly string[] = [],
): Readonly<Record<string, string>> => ({
  '[Content_Types].xml': `${head}<Types xmlns="${packageNs}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('workbook.xml', 'sheet.main')}${names.map((_, i) => override(sheetFile(i), 'worksheet')).join('')}${override('styles.xml', 'styles')}</Types>`,
  '_rels/.rels': relations(relation(1, 'officeDocument', 'xl/workbook.xml')),
  'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${names.map((name, i) => `<sheet name="${sheetName(name)}" sheetId="${i + 1}"${hidden.includes(name) ? ' state="hidden"' : ''} r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': relations(
    names.map((_, i) => relation(i + 1, 'worksheet', sheetFile(i))).join('') +
      relation(names.length + 1, 'styles', 'styles.xml'),
  ),
  'xl/styles.xml': styles,
});

/** Sheets as Office Open XML (ECMA-376, transitional), each with a title line that stays and filters. Names must differ. */
export const writeWorkbook = async (sheets: readonly Sheet[]): Promise<Buffer> => {
  const hidden = sheets.flatMap((sheet) => (sheet.hidden ? [sheet.name] : []));
  const names = sheets.map(({ name }) => name);
  const parts: Record<string, string> = { ...workbookParts(names, hidden) };
  for (const [i, sheet] of sheets.entries()) {
    const { xml, links } = sheetXml(sheet);
    parts[`xl/${sheetFile(i)}`] = xml;
    parts[`xl/worksheets/_rels/sheet${i + 1}.xml.rels`] = relations(
      links.map((link, n) => relation(n + 1, 'hyperlink', encodeURI(link), ' TargetMode="External"')).join(''),
    );
  }
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
