import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { type Cell, rowXml, type Sheet, sheetFile, sheetHead, sheetTail, workbookParts } from './write-workbook.js';

export interface StreamedSheet extends Pick<Sheet, 'name' | 'columns'> {
  /** Lines as they come, some at a time; never more than a sheet has, 1,048,575. */
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** A workbook of one sheet that is written while it is read: whoever reads slowly, or no more, is not written for. No links. */
export const streamWorkbook = ({ name, columns, rows }: StreamedSheet): Readable => {
  const text = async function* (): AsyncGenerator<Buffer> {
    let line = 1;
    yield Buffer.from(
      sheetHead(columns) +
        rowXml(
          columns.map(({ title }) => title),
          line,
        ),
    );
    for await (const some of rows) {
      yield Buffer.from(some.map((row) => rowXml(row, ++line)).join(''));
    }
    yield Buffer.from(sheetTail(columns, line));
  };
  const zip = new ZipFile();
  for (const [part, xml] of Object.entries(workbookParts([name]))) zip.addBuffer(Buffer.from(xml), part);
  const sheet = Readable.from(text(), { objectMode: false });
  zip.addReadStream(sheet, `xl/${sheetFile(0)}`);
  zip.end();
  return throughZip(zip, sheet);
};

/** yazl knows of no end but its own: what fails within, and who goes away, is handed on by hand. */
const throughZip = (zip: ZipFile, sheet: Readable): Readable => {
  const out = zip.outputStream as Readable;
  const fail = (error: Error): void => void out.destroy(error);
  sheet.on('error', fail);
  zip.on('error', fail);
  out.once('close', () => sheet.destroy());
  return out;
};
