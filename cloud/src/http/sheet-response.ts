import { Readable } from 'node:stream';
import type { ExportedFile } from '../workbook/export-places.js';

const types = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
} as const;

/** A sheet as a file to be saved, kept by nobody between. */
export const sheetResponse = ({ body, name }: ExportedFile, format: keyof typeof types): Response =>
  new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': types[format],
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  });
