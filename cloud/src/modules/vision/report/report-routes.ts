import { Readable } from 'node:stream';
import { type AnyRoute, defineRoute } from '../../../http/route.js';
import { inExportPlace } from '../../../workbook/export-places.js';
import { writeWorkbook } from '../../../workbook/write-workbook.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { FileLanguage } from '../export/words.js';
import { exportRunReport } from '../verbs/export-report.js';
import { makeRunReport } from '../verbs/run-report.js';
import { makePdf } from './make-pdf.js';
import { type RunReport, reportFileQuerySchema, reportQuerySchema, runReportSchema } from './report-contract.js';
import { reportDocument } from './report-document.js';
import { reportSheets } from './report-sheets.js';

const tag = 'Vision';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const attachment = async (
  { actor }: VerbContext,
  { type, name, make }: { readonly type: string; readonly name: string; readonly make: () => Promise<Uint8Array> },
): Promise<Response> => {
  const { body } = await inExportPlace(actor, async () => ({ body: Readable.from([await make()]) }));
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  });
};

const pdfOf = (report: RunReport, language: FileLanguage) => makePdf(reportDocument(report, language));

export const reportRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/vision/report',
    right: 'vision.read',
    tag,
    summary: 'How a day or a month went: what was found and decided, whether cameras were there, what stands out',
    query: reportQuerySchema,
    response: runReportSchema,
    handler: ({ ctx, query }) => makeRunReport(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/report.pdf',
    right: 'vision.read',
    tag,
    summary: 'The same on A4 pages; stands in the audit trail',
    query: reportFileQuerySchema,
    streams: 'application/pdf',
    handler: ({ ctx, query: { language, ...query } }) =>
      attachment(ctx, {
        ...{ type: 'application/pdf', name: `hallhub-video-${query.period}.pdf` },
        make: async () => pdfOf(await exportRunReport(ctx, { ...query, format: 'pdf' }), language),
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/vision/report.xlsx',
    right: 'vision.read',
    tag,
    summary: 'The same as a workbook, with up to 5,000 findings; stands in the audit trail',
    query: reportFileQuerySchema,
    streams: xlsx,
    handler: ({ ctx, query: { language, ...query } }) =>
      attachment(ctx, {
        ...{ type: xlsx, name: `hallhub-video-${query.period}.xlsx` },
        make: async () => {
          const report = await exportRunReport(ctx, { ...query, format: 'xlsx' });
          return writeWorkbook(reportSheets(report, language));
        },
      }),
  }),
];
