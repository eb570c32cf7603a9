import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute, Reply } from '../../http/route.js';
import { sheetResponse } from '../../http/sheet-response.js';
import { incidentQuerySchema, incidentReportSchema, supportLineDaySchema, writeSupportLineSchema } from './contract.js';
import { exportIncidents } from './export-incidents.js';
import { reportIncidents } from './incident-report.js';
import { writeSupportLine } from './support-line.js';

const tag = 'Incidents';

export const incidentRoutes = (): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/incidents/report', right: 'ticket.read', tag },
    summary: 'Incidents of a day, week, month, quarter or year: counts, times, promises, rows',
    ...{ query: incidentQuerySchema, response: incidentReportSchema },
    handler: ({ ctx, query }) => reportIncidents(ctx, query),
  }),
  defineRoute({
    ...{ method: 'get', path: '/incidents/export', right: 'ticket.export', tag },
    summary: 'The same as a sheet (xlsx) or csv; stands in the audit trail',
    query: incidentQuerySchema.extend({
      format: z.enum(['xlsx', 'csv']).default('xlsx'),
      language: z.enum(['zh', 'en']).default('zh'),
      sheet: z.enum(['incidents', 'faults']).default('incidents').describe('csv: incidents, or the raw faults'),
    }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, query }) => sheetResponse(await exportIncidents(ctx, query), query.format),
  }),
  defineRoute({
    ...{ method: 'post', path: '/incidents/support-line', right: 'ticket.supervise', tag },
    summary: 'Write how many calls of a day the support line got and answered; the same day again is put right',
    ...{ body: writeSupportLineSchema, response: supportLineDaySchema },
    handler: async ({ ctx, body }) => new Reply(await writeSupportLine(ctx, body), { status: 200 }),
  }),
];
