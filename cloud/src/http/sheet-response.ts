import { Readable } from 'node:stream';

const types = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
} as const;

interface SheetFile {
  readonly body: Readable;
  /** Of the file as it is saved: ASCII, without quotes. */
  readonly name: string;
}

/** A sheet as a file to be saved, kept by nobody between. */
export const sheetResponse = ({ body, name }: SheetFile, format: keyof typeof types): Response =>
  new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': types[format],
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  });
