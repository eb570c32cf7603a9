import { fieldKeySchema, ticketFileSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { unhurry } from '../../http/listen.js';
import { type AnyRoute, defineRoute, Reply } from '../../http/route.js';
import { contentResponse } from '../evidence/content-response.js';
import { keepFile } from './files/keep-file.js';
import { openFile } from './files/open-file.js';
import { tag, ticketParams } from './routes.js';

const fileQuery = z.object({
  name: z.string().min(1).max(255),
  field: fieldKeySchema.optional(),
  /** Of a photo taken on the spot. */
  takenAt: z.iso.datetime().optional(),
  lon: z.coerce.number().min(-180).max(180).optional(),
  lat: z.coerce.number().min(-90).max(90).optional(),
});

export const fileRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/tickets/{ticketId}/files',
    right: 'ticket.act',
    tag,
    summary:
      'Add a file: its bytes are the body (application/octet-stream); pictures, PDF, MP4, WAV, ZIP and documents, 50 MiB at most',
    params: ticketParams,
    query: fileQuery,
    streams: 'application/json',
    response: ticketFileSchema,
    handler: async ({ ctx, params, query, c }) => {
      const hurryAgain = unhurry(c.env?.incoming?.socket);
      try {
        return new Reply(await keepFile(ctx, c.req.raw.body, { ...params, ...query }), { status: 201 });
      } finally {
        hurryAgain();
      }
    },
  }),
  defineRoute({
    method: 'post',
    path: '/ticket-files',
    right: 'ticket.make',
    tag,
    summary: 'Send a file ahead of the ticket whose field will name it; what no ticket names within a day is removed',
    query: fileQuery,
    streams: 'application/json',
    response: ticketFileSchema,
    handler: async ({ ctx, query, c }) => {
      const hurryAgain = unhurry(c.env?.incoming?.socket);
      try {
        return new Reply(await keepFile(ctx, c.req.raw.body, { ticketId: null, ...query }), { status: 201 });
      } finally {
        hurryAgain();
      }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/tickets/{ticketId}/files/{fileId}',
    right: 'ticket.read',
    tag,
    summary: 'A file, whole or a range of it; saved, never shown as a page',
    params: ticketParams.extend({ fileId: z.uuid() }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, params, c }) =>
      contentResponse(params.fileId, await openFile(ctx, params), c.req.header('range') ?? null),
  }),
];
