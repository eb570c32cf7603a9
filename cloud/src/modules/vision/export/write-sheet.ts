import { ZipFile } from 'yazl';

export interface SheetCell {
  readonly text: string;
  /** Relative to where the file lies: `pictures/7F3K-9QXD-overview.jpg`. */
  readonly link?: string;
}

export interface Sheet {
  readonly name: string;
  readonly columns: readonly { readonly title: string /** Characters. */; readonly width: number }[];
  readonly rows: readonly (readonly (string | number | SheetCell | null)[])[];
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

/** Cells of text are inline and typed as text: a name that begins with `=` is a name and no formula. */
const cell = (value: string | number | SheetCell | null, ref: string, style: number): string => {
  if (value === null) return '';
  if (typeof value === 'number') return `<c r="${ref}" s="${style}"><v>${value}</v></c>`;
  const text = typeof value === 'string' ? value : value.text;
  return `<c r="${ref}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text.slice(0, maxCell))}</t></is></c>`;
};

const sheetXml = (sheet: Sheet): { readonly xml: string; readonly links: readonly string[] } => {
  const links: string[] = [];
  const marks: string[] = [];
  const lines = [sheet.columns.map(({ title }) => title), ...sheet.rows].map((row, r) => {
    const cells = row.map((value, c) => {
      const ref = `${columnName(c)}${r + 1}`;
      const link = typeof value === 'object' ? value?.link : undefined;
      if (link !== undefined) {
        links.push(link);
        marks.push(`<hyperlink ref="${ref}" r:id="rId${links.length}"/>`);
      }
      return cell(value, ref, r === 0 ? 1 : link === undefined ? 0 : 2);
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

const styles = `${head}<styleSheet xmlns="${main}"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><u/><color rgb="FF0563C1"/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf fontId="0"/><xf fontId="1" applyFont="1"/><xf fontId="2" applyFont="1"/></cellXfs></styleSheet>`;

const relation = (id: number, type: string, target: string, mode = ''): string =>
  `<Relationship Id="rId${id}" Type="${office}/${type}" Target="${escapeXml(target)}"${mode}/>`;

/** One sheet as Office Open XML (ECMA-376, transitional), with a title line that stays and filters. */
export const writeSheet = async (sheet: Sheet): Promise<Buffer> => {
  const { xml, links } = sheetXml(sheet);
  const relations = (inner: string) =>
    `${head}<Relationships xmlns="${packageNs}/relationships">${inner}</Relationships>`;
  const kinds = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts: Record<string, string> = {
    '[Content_Types].xml': `${head}<Types xmlns="${packageNs}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kinds}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kinds}.styles+xml"/></Types>`,
    '_rels/.rels': relations(relation(1, 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escapeXml(sheet.name.slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      relation(1, 'worksheet', 'worksheets/sheet1.xml') + relation(2, 'styles', 'styles.xml'),
    ),
    'xl/styles.xml': styles,
    'xl/worksheets/sheet1.xml': xml,
    'xl/worksheets/_rels/sheet1.xml.rels': relations(
      links.map((link, i) => relation(i + 1, 'hyperlink', encodeURI(link), ' TargetMode="External"')).join(''),
    ),
  };
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
