import { Readable } from 'node:stream';
import { z } from '@hono/zod-openapi';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { inExportPlace } from '../../workbook/export-places.js';
import type { Pki } from '../pki/pki-port.js';
import { auditChainSchema, auditEntrySchema, auditFilterSchema, auditVerificationSchema } from './contract.js';
import { exportFormats } from './export-format.js';
import { readAuditChain, verifyAudit } from './verbs/audit-chain.js';
import { exportAudit } from './verbs/export-audit.js';
import { listAudit } from './verbs/list-audit.js';

const tag = 'Audit';

/** Without `pki`, signed heads are compared with the chain but their signatures are not checked. */
export const auditRoutes = (deps: { readonly pki?: Pick<Pki, 'verify'> } = {}): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/audit',
    right: 'audit.read',
    tag,
    summary: 'Who did what to what, newest first',
    description: '`action` may be a whole action (`user.created`) or its first part (`user`).',
    query: pageQuerySchema.extend(auditFilterSchema.shape),
    response: pageOf(auditEntrySchema),
    handler: ({ ctx, query }) => listAudit(ctx, query),
  }),
  defineRoute({
    method: 'get',
    path: '/audit/export',
    right: 'audit.read',
    tag,
    summary: 'The trail as a file that can be checked without this server',
    description:
      'JSON lines or CSV, oldest first, with the chain’s hashes. Check it: `node cloud/dist/main.js --verify-audit FILE`.',
    query: auditFilterSchema.extend({ format: z.enum(exportFormats).default('jsonl') }),
    streams: 'application/x-ndjson',
    handler: async ({ ctx, query, c }) => {
      const type = query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
      const headers = {
        'content-type': type,
        'content-disposition': `attachment; filename="audit-${new Date(ctx.clock.now()).toISOString().slice(0, 10)}.${query.format}"`,
        'cache-control': 'no-store',
      };
      if (c.req.method === 'HEAD') return new Response(null, { headers });
      const { body } = await inExportPlace(ctx.actor, async () => ({
        body: Readable.from(utf8(await exportAudit(ctx, query))),
      }));
      return new Response(Readable.toWeb(body) as unknown as ReadableStream, { headers });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/audit/chain',
    right: 'audit.read',
    tag,
    summary: 'Where the chain stands, and what the last verification found',
    response: auditChainSchema,
    handler: ({ ctx }) => readAuditChain(ctx),
  }),
  defineRoute({
    method: 'post',
    path: '/audit/chain/verification',
    right: 'audit.read',
    tag,
    summary: 'Read the whole chain again and check it',
    response: auditVerificationSchema,
    status: 200,
    handler: ({ ctx }) => verifyAudit(ctx, deps),
  }),
];

async function* utf8(lines: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  for await (const text of lines) yield Buffer.from(text);
}
