import { Readable } from 'node:stream';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { supervisionLedgerSchema, supervisionQuerySchema } from './contract.js';
import { exportSupervision } from './export-ledger.js';
import { readSupervision } from './read-ledger.js';

const tag = 'Supervision';
const types = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
} as const;

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
    handler: async ({ ctx, query }) => {
      const { body, name } = await exportSupervision(ctx, query);
      return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
        headers: {
          'content-type': types[query.format],
          'content-disposition': `attachment; filename="${name}"`,
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
        },
      });
    },
  }),
];
