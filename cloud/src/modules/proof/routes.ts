import { signedReportSchema } from '@hallhub/shared/proof';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { dayText, fleetProofDto, monthText, recountDto, reportDto, unitDayProofDto } from './contract.js';
import { listFleetProof } from './verbs/list-fleet-proof.js';
import { makeReport, type ReportDeps } from './verbs/make-report.js';
import { readDayProof } from './verbs/read-day-proof.js';
import { asSignedReport, listReports, readReport } from './verbs/read-reports.js';
import { recountDay } from './verbs/recount-day.js';

const tag = 'Proof';
const unitParams = z.object({ unitId: z.uuid() });
const reportParams = z.object({ reportId: z.uuid() });

const attachment = (name: string, type: string): Record<string, string> => ({
  'content-type': type,
  'content-disposition': `attachment; filename="${name}"`,
});

export const proofRoutes = (deps: ReportDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/units/{unitId}/proof',
    right: 'proof.read',
    tag,
    summary: 'What a unit wrote on a day and what became of it, hour by hour, from both ends’ rows',
    params: unitParams,
    query: z.object({ day: dayText.optional() }),
    response: unitDayProofDto,
    handler: ({ ctx, params, query }) => readDayProof(ctx, { ...params, ...query }),
  }),
  defineRoute({
    method: 'post',
    path: '/units/{unitId}/proof/recounts',
    right: 'proof.read',
    tag,
    summary: 'Count what stands in the tables for a day, now',
    params: unitParams,
    body: z.object({ day: dayText }),
    response: recountDto,
    handler: ({ ctx, params, body }) => recountDay(ctx, { ...params, ...body }),
  }),
  defineRoute({
    method: 'get',
    path: '/proof',
    right: 'proof.read',
    tag,
    summary: 'Units with their days',
    query: pageQuerySchema.extend({ hallId: z.uuid().optional(), from: dayText, to: dayText }),
    response: pageOf(fleetProofDto),
    handler: ({ ctx, query }) => listFleetProof(ctx, query),
  }),
  defineRoute({
    method: 'post',
    path: '/proof/reports',
    right: 'proof.read',
    tag,
    summary: 'Make and sign the report of a month',
    body: z.object({ month: monthText }),
    response: reportDto,
    handler: ({ ctx, body }) => makeReport(ctx, deps, body),
  }),
  defineRoute({
    method: 'get',
    path: '/proof/reports',
    right: 'proof.read',
    tag,
    summary: 'Signed reports, newest first',
    query: pageQuerySchema,
    response: pageOf(reportDto),
    handler: ({ ctx, query }) => listReports(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/proof/reports/{reportId}',
    right: 'proof.read',
    tag,
    summary: 'A report with its signature in one file, for `hub proof verify`',
    params: reportParams,
    response: signedReportSchema,
    handler: async ({ ctx, params }) => {
      const report = await readReport(ctx, params);
      return new Response(JSON.stringify(asSignedReport(report)), {
        headers: attachment(`hallhub-proof-${report.month}.json`, 'application/json'),
      });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/proof/reports/{reportId}/document',
    right: 'proof.read',
    tag,
    summary: 'The signed bytes alone, for openssl',
    params: reportParams,
    streams: 'application/json',
    handler: async ({ ctx, params }) => {
      const { document } = await readReport(ctx, params);
      return new Response(new Uint8Array(document), { headers: attachment('report.json', 'application/json') });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/proof/reports/{reportId}/signature',
    right: 'proof.read',
    tag,
    summary: 'The signature (DER), for openssl',
    params: reportParams,
    streams: 'application/octet-stream',
    handler: async ({ ctx, params }) => {
      const { signature } = await readReport(ctx, params);
      const bytes = new Uint8Array(Buffer.from(signature.signature, 'base64'));
      return new Response(bytes, { headers: attachment('report.sig', 'application/octet-stream') });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/proof/reports/{reportId}/certificates',
    right: 'proof.read',
    tag,
    summary: 'The signer’s certificate and its authority (PEM), for openssl',
    params: reportParams,
    streams: 'application/x-pem-file',
    handler: async ({ ctx, params }) => {
      const { signature } = await readReport(ctx, params);
      const text = `${signature.certificates.map((pem) => pem.trim()).join('\n')}\n`;
      return new Response(text, { headers: attachment('signer.pem', 'application/x-pem-file') });
    },
  }),
];
