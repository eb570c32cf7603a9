import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { type AnyRoute, defineRoute } from '../../http/route.js';
import { categoryTreeSchema, categoryTreeSummarySchema, categoryUseSchema, setCategoryTreeSchema } from './contract.js';
import { countUses } from './verbs/count-uses.js';
import { getCategoryTree, listCategoryTrees } from './verbs/list-category-trees.js';
import { setCategoryTree } from './verbs/set-category-tree.js';

const tag = 'Categories';
const params = z.object({ tree: slugSchema });

export const categoryRoutes = (): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/category-trees',
    right: 'ticket.read',
    tag,
    summary: 'Trees of categories that tickets’ fields point into',
    response: z.object({ items: z.array(categoryTreeSummarySchema) }),
    handler: ({ ctx }) => listCategoryTrees(ctx),
  }),
  defineRoute({
    method: 'get',
    path: '/category-trees/{tree}',
    right: 'ticket.read',
    tag,
    summary: 'One tree, flat, in its order; retired categories too',
    params,
    response: categoryTreeSchema,
    handler: ({ ctx, params: at }) => getCategoryTree(ctx, at),
  }),
  defineRoute({
    method: 'get',
    path: '/category-trees/{tree}/uses',
    right: 'ticketkind.read',
    tag,
    summary: 'How many tickets and offices name each category; those that none names are left out',
    params,
    response: z.object({ items: z.array(categoryUseSchema) }),
    handler: ({ ctx, params: at }) => countUses(ctx, at),
  }),
  defineRoute({
    method: 'put',
    path: '/category-trees/{tree}',
    right: 'ticketkind.write',
    tag,
    summary: 'Write a tree as a whole; what is left out is retired',
    description: 'If-Match `"0"` makes a new one.',
    ifMatch: true,
    params,
    body: setCategoryTreeSchema,
    response: categoryTreeSchema,
    handler: ({ ctx, params: at, body, version }) => setCategoryTree(ctx, { ...at, ...body, version }),
  }),
];
