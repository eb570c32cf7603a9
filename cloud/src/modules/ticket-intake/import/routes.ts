import { Readable } from 'node:stream';
import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { unhurry } from '../../../http/listen.js';
import { pageOf, pageQuerySchema } from '../../../http/pagination.js';
import { type AnyRoute, defineRoute, Reply } from '../../../http/route.js';
import type { ExportedFile } from '../../../workbook/export-places.js';
import {
  importFaultSchema,
  importParams,
  importsQuery,
  languageQuery,
  mapImportSchema,
  ticketImportPageSchema,
  ticketImportSchema,
  uploadQuery,
} from './contract.js';
import type { ImportDesk } from './desk/import-desk.js';
import type { ImportDeps } from './import-deps.js';
import { cancelImport, mapImport, startImport } from './verbs/change-import.js';
import { exportBadRows } from './verbs/export-bad-rows.js';
import { makeTemplate } from './verbs/make-template.js';
import { listFaults, listImports, readImport } from './verbs/read-imports.js';
import { uploadImport } from './verbs/upload-import.js';

const tag = 'Ticket imports';
const right = 'ticket.import';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const download = ({ body, name }: ExportedFile): Response =>
  new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': name.endsWith('.csv') ? 'text/csv; charset=utf-8' : xlsx,
      'content-disposition': `attachment; filename="tickets${name.slice(name.lastIndexOf('.'))}"; filename*=UTF-8''${encodeURIComponent(name)}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });

/** Tickets out of CSV files and workbooks. */
export const importRoutes = (deps: ImportDeps, desk: ImportDesk): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/ticket-imports/template', right, tag, summary: 'A workbook to fill in, for a kind' },
    ...{ query: z.object({ kind: slugSchema }), streams: xlsx },
    handler: async ({ ctx, query }) => {
      const { bytes, name } = await makeTemplate(ctx, query);
      return download({ body: Readable.from([bytes]), name });
    },
  }),
  defineRoute({
    ...{ method: 'get', path: '/ticket-imports', right, tag, summary: 'Imports, newest first' },
    ...{ query: importsQuery, response: pageOf(ticketImportSchema) },
    handler: ({ ctx, query }) => listImports(ctx, query),
  }),
  defineRoute({
    ...{ method: 'post', path: '/ticket-imports', right, tag },
    summary:
      'Send a file (its bytes are the body): CSV in UTF-8 or GB18030, or XLSX; 50 MiB and 100 000 rows at most. Its rows are checked at once',
    ...{ query: uploadQuery, streams: 'application/json', response: ticketImportPageSchema },
    handler: async ({ ctx, query, c }) => {
      const hurryAgain = unhurry(c.env?.incoming?.socket);
      try {
        const input = { ...query, hallId: query.hallId ?? null, body: c.req.raw.body };
        const { importId } = await uploadImport(ctx, deps, input);
        desk.wake();
        return new Reply(await readImport(ctx, deps, importId), { status: 201 });
      } finally {
        hurryAgain();
      }
    },
  }),
  defineRoute({
    ...{ method: 'get', path: '/ticket-imports/{importId}', right, tag },
    ...{ summary: 'One import: progress, columns, first rows', params: importParams, response: ticketImportPageSchema },
    handler: ({ ctx, params }) => readImport(ctx, deps, params.importId),
  }),
  defineRoute({
    ...{ method: 'get', path: '/ticket-imports/{importId}/faults', right, tag, summary: 'What is wrong, row by row' },
    ...{ params: importParams, query: pageQuerySchema },
    response: pageOf(z.object({ line: z.int(), faults: z.array(importFaultSchema) })),
    handler: ({ ctx, params, query }) => listFaults(ctx, deps, { ...params, ...query }),
  }),
  defineRoute({
    ...{ method: 'put', path: '/ticket-imports/{importId}/mapping', right, tag, ifMatch: true },
    ...{ summary: 'What the columns mean; all rows are checked anew', params: importParams, body: mapImportSchema },
    response: ticketImportPageSchema,
    handler: async ({ ctx, params, body, version }) => {
      await mapImport(ctx, { ...params, ...body, version });
      desk.wake();
      return readImport(ctx, deps, params.importId);
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/ticket-imports/{importId}/start', right, tag, ifMatch: true, status: 200 },
    ...{ summary: 'Make the tickets, or go on', params: importParams, response: ticketImportPageSchema },
    handler: async ({ ctx, params, version }) => {
      await startImport(ctx, { ...params, version });
      desk.wake();
      return readImport(ctx, deps, params.importId);
    },
  }),
  defineRoute({
    ...{ method: 'delete', path: '/ticket-imports/{importId}', right, tag },
    ...{ summary: 'Remove what was not begun; stop what runs', params: importParams },
    handler: ({ ctx, params }) => cancelImport(ctx, params),
  }),
  defineRoute({
    ...{ method: 'get', path: '/ticket-imports/{importId}/bad-rows', right, tag },
    summary:
      'Rows that became no ticket, with the reason, to be mended and sent again; for who sent the file, in the audit trail',
    ...{
      params: importParams,
      query: languageQuery.extend({ format: z.enum(['xlsx', 'csv']).default('xlsx') }),
      streams: xlsx,
    },
    handler: async ({ ctx, params, query }) => download(await exportBadRows(ctx, deps, { ...params, ...query })),
  }),
];
