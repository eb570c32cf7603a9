import { z } from '@hono/zod-openapi';
import { unhurry } from '../../http/listen.js';
import { pageOf, pageQuerySchema } from '../../http/pagination.js';
import { type AnyRoute, defineRoute, Reply } from '../../http/route.js';
import { bundleDto } from './contract.js';
import { type ImportDeps, importBundle } from './verbs/import-bundle.js';
import { listBundles, readBundleReceipt } from './verbs/list-bundles.js';

const tag = 'Bundles';

export const bundleRoutes = (deps: ImportDeps): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/bundles',
    right: 'bundle.write',
    tag,
    summary: 'Bundles that were imported, newest first',
    query: pageQuerySchema.extend({ unitId: z.uuid().optional() }),
    response: pageOf(bundleDto),
    handler: ({ ctx, query }) => listBundles(ctx, query),
  }),
  defineRoute({
    method: 'post',
    path: '/bundles',
    right: 'bundle.write',
    tag,
    summary: 'Import a bundle: its bytes are the body (application/octet-stream)',
    streams: 'application/json',
    response: bundleDto,
    handler: async ({ ctx, c }) => {
      const hurryAgain = unhurry(c.env?.incoming?.socket);
      try {
        return new Reply(await importBundle(ctx, deps, c.req.raw.body), { status: 201 });
      } finally {
        hurryAgain();
      }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/bundles/{bundleId}/receipt',
    right: 'bundle.write',
    tag,
    summary: 'What goes back to the unit: `hub bundle import`',
    params: z.object({ bundleId: z.uuid() }),
    streams: 'application/octet-stream',
    handler: async ({ ctx, params }) => {
      const { receipt, unitId } = await readBundleReceipt(ctx, params);
      const name = `hallhub-${unitId.slice(-8)}-receipt.hhr`;
      return new Response(receipt, {
        headers: {
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename="${name}"`,
          'x-content-type-options': 'nosniff',
        },
      });
    },
  }),
];
