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

export interface Sheet {
  readonly name: string;
  readonly columns: readonly { readonly title: string /** Characters. */; readonly width: number }[];
  readonly rows: readonly (readonly Cell[])[];
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
const cell = (value: Cell, ref: string, isTitle: boolean): string => {
  if (value === null) return '';
  if (typeof value === 'number') return `<c r="${ref}"><v>${value}</v></c>`;
  if (typeof value === 'object' && 'share' in value) {
    return `<c r="${ref}" s="${styleOf.share}"><v>${value.share}</v></c>`;
  }
  const text = typeof value === 'string' ? value : value.text;
  const style = isTitle ? 'title' : typeof value === 'object' && value.link !== undefined ? 'link' : 'plain';
  return `<c r="${ref}" s="${styleOf[style]}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text.slice(0, maxCell))}</t></is></c>`;
};

const sheetXml = (sheet: Sheet): { readonly xml: string; readonly links: readonly string[] } => {
  const links: string[] = [];
  const marks: string[] = [];
  const lines = [sheet.columns.map(({ title }) => title), ...sheet.rows].map((row, r) => {
    const cells = row.map((value, c) => {
      const ref = `${columnName(c)}${r + 1}`;
      const link = typeof value === 'object' && value !== null && 'link' in value ? value.link : undefined;
      if (link !== undefined) {
        links.push(link);
        marks.push(`<hyperlink ref="${ref}" r:id="rId${links.length}"/>`);
      }
      return cell(value, ref, r === 0);
    });
    return `<row r="${r + 1}">${cells.join('')}</row>`;
  });
  const columns = sheet.columns.map(
    ({ width }, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`,
  );
  const last = `${columnName(sheet.columns.length - 1)}${sheet.rows.length + 1}`;
  const xml = `${head}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${columns.join('')}</cols><sheetData>${lines.join('')}</sheetData><autoFilter ref="A1:${last}"/>${marks.length > 0 ? `<hyperlinks>${marks.join('')}</hyperlinks>` : ''}</worksheet>`;
  return { xml, links };
};

const styles = `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><color rgb="FF0563C1"/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf fontId="0"/><xf fontId="1" applyFont="1"/><xf fontId="2" applyFont="1"/><xf fontId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

const relation = (id: number, type: string, target: string, mode = ''): string =>
  `<Relationship Id="rId${id}" Type="${office}/${type}" Target="${escapeXml(target)}"${mode}/>`;

/** What no name of a sheet may hold, and its length. */
const sheetName = (name: string): string => escapeXml(name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31));

/** Sheets as Office Open XML (ECMA-376, transitional), each with a title line that stays and filters. Names must differ. */
export const writeWorkbook = async (sheets: readonly Sheet[]): Promise<Buffer> => {
  const relations = (inner: string) =>
    `${head}<Relationships xmlns="${packageNs}/relationships">${inner}</Relationships>`;
  const kinds = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const override = (part: string, kind: string) =>
    `<Override PartName="/xl/${part}" ContentType="${kinds}.${kind}+xml"/>`;
  const files = sheets.map((sheet, i) => ({
    ...sheetXml(sheet),
    name: sheet.name,
    file: `worksheets/sheet${i + 1}.xml`,
  }));
  const parts: Record<string, string> = {
    '[Content_Types].xml': `${head}<Types xmlns="${packageNs}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('workbook.xml', 'sheet.main')}${files.map(({ file }) => override(file, 'worksheet')).join('')}${override('styles.xml', 'styles')}</Types>`,
    '_rels/.rels': relations(relation(1, 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${files.map(({ name }, i) => `<sheet name="${sheetName(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      files.map(({ file }, i) => relation(i + 1, 'worksheet', file)).join('') +
        relation(files.length + 1, 'styles', 'styles.xml'),
    ),
    'xl/styles.xml': styles,
  };
  for (const { xml, links, file } of files) {
    parts[`xl/${file}`] = xml;
    parts[`xl/worksheets/_rels/${file.slice('worksheets/'.length)}.rels`] = relations(
      links.map((link, i) => relation(i + 1, 'hyperlink', encodeURI(link), ' TargetMode="External"')).join(''),
    );
  }
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
