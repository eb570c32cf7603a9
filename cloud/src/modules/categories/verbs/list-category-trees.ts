import { HubError } from '@hallhub/shared';
import { and, asc, eq, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { CategoryTree, CategoryTreeSummary } from '../contract.js';
import { categories, categoryTrees } from '../tables.js';

export const listCategoryTrees = (ctx: VerbContext): Promise<{ items: CategoryTreeSummary[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const items = await tx
        .select({
          ...{ tree: categoryTrees.tree, label: categoryTrees.label, version: categoryTrees.version },
          categories: sql<number>`(SELECT count(*)::int FROM ${categories} c WHERE c.tenant_id = ${categoryTrees.tenantId} AND c.tree = ${categoryTrees.tree} AND c.retired_at IS NULL)`,
        })
        .from(categoryTrees)
        .where(eq(categoryTrees.tenantId, ctx.actor.tenantId))
        .orderBy(asc(categoryTrees.tree));
      return { items };
    },
    { readOnly: true },
  );

export const readCategoryTree = async (tx: Tx, tenantId: string, tree: string): Promise<CategoryTree> => {
  const [row] = await tx
    .select()
    .from(categoryTrees)
    .where(and(eq(categoryTrees.tenantId, tenantId), eq(categoryTrees.tree, tree)));
  if (!row) throw new HubError('not_found', 'There is no such tree of categories');
  const items = await tx
    .select()
    .from(categories)
    .where(and(eq(categories.tenantId, tenantId), eq(categories.tree, tree)))
    .orderBy(sql`${categories.retiredAt} IS NOT NULL`, asc(categories.position), asc(categories.code));
  return {
    ...{ tree, label: row.label, version: row.version },
    items: items.map(({ code, parent, label, retiredAt }) => ({ code, parent, label, retired: retiredAt !== null })),
  };
};

export const getCategoryTree = (ctx: VerbContext, { tree }: { readonly tree: string }): Promise<CategoryTree> =>
  withTenant(ctx.db, ctx.actor, (tx) => readCategoryTree(tx, ctx.actor.tenantId, tree), { readOnly: true });
