import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { sheetResponse } from '../../http/sheet-response.js';
import { supervisionLedgerSchema, supervisionQuerySchema } from './contract.js';
import { exportSupervision } from './export-ledger.js';
import { readSupervision } from './read-ledger.js';

const tag = 'Supervision';

export const supervisionRoutes = (): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/supervision/tasks', right: 'ticket.supervise', tag },
    summary: 'Supervised tasks with how far each is, who has it, its sub-tasks and the leader’s instructions',
    ...{ query: supervisionQuerySchema, response: supervisionLedgerSchema },
    handler: ({ ctx, query }) => readSupervision(ctx, query),
  }),
  defineRoute({
    ...{ method: 'get', path: '/supervision/export', right: 'ticket.export', tag },
    summary: 'The same ledger as a sheet (xlsx) or csv; stands in the audit trail',
    query: supervisionQuerySchema.extend({
      format: z.enum(['xlsx', 'csv']).default('xlsx'),
      language: z.enum(['zh', 'en']).default('zh'),
    }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, query }) => sheetResponse(await exportSupervision(ctx, query), query.format),
  }),
];
