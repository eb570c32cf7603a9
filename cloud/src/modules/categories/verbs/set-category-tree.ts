import { HubError } from '@hallhub/shared';
import { and, eq, isNull, notInArray, sql } from 'drizzle-orm';
import { isUniqueViolation, lockCount, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { requireTree } from '../check-tree.js';
import { type CategoryTree, mostTrees, type SetCategoryTree } from '../contract.js';
import { categories, categoryTrees } from '../tables.js';
import { readCategoryTree } from './list-category-trees.js';

type Input = SetCategoryTree & { readonly tree: string; readonly version: number };

const noSuchTree = (): HubError => new HubError('not_found', 'There is no such tree of categories');

const writeTree = async (tx: Tx, ctx: VerbContext, { tree, label, version }: Input): Promise<void> => {
  const { tenantId } = ctx.actor;
  const at = and(eq(categoryTrees.tenantId, tenantId), eq(categoryTrees.tree, tree));
  const [row] = await tx.select().from(categoryTrees).where(at).for('update');
  if (!row && version !== 0) throw noSuchTree();
  if ((row?.version ?? 0) !== version) throw versionConflict(row?.version ?? 0);
  if (row) {
    await tx
      .update(categoryTrees)
      .set({ label, version: version + 1, updatedAt: new Date(ctx.clock.now()) })
      .where(at);
    return;
  }
  await lockCount(tx, 'category_trees', tenantId);
  const [{ count } = { count: 0 }] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(categoryTrees)
    .where(eq(categoryTrees.tenantId, tenantId));
  if (count >= mostTrees) throw new HubError('conflict', `There are ${mostTrees} trees at most`);
  await tx.insert(categoryTrees).values({ tenantId, tree, label });
};

const atOnce = 500;

const writeItems = async (tx: Tx, ctx: VerbContext, { tree, items }: Input): Promise<void> => {
  const { tenantId } = ctx.actor;
  const rows = items.map((one, position) => ({ tenantId, tree, ...one, position, retiredAt: null }));
  for (let from = 0; from < rows.length; from += atOnce) {
    await tx
      .insert(categories)
      .values(rows.slice(from, from + atOnce))
      .onConflictDoUpdate({
        target: [categories.tenantId, categories.tree, categories.code],
        set: {
          ...{ parent: sql`excluded.parent`, label: sql`excluded.label`, position: sql`excluded.position` },
          retiredAt: null,
        },
      });
  }
  const codes = items.map(({ code }) => code);
  await tx
    .update(categories)
    .set({ retiredAt: new Date(ctx.clock.now()) })
    .where(
      and(
        ...[eq(categories.tenantId, tenantId), eq(categories.tree, tree), isNull(categories.retiredAt)],
        codes.length === 0 ? undefined : notInArray(categories.code, codes),
      ),
    );
};

/**
 * A tree as a whole; `version` 0 makes one. Codes that are left out are retired: old tickets are still read by them.
 * Errors: `invalid_input` where it is no tree, `not_found`, `precondition_failed`.
 */
export const setCategoryTree = async (ctx: VerbContext, input: Input): Promise<CategoryTree> => {
  requireTree(input.items);
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      ctx.actor.require('ticketkind.write', 'tenant');
      const { tenantId } = ctx.actor;
      const before = input.version === 0 ? undefined : await readCategoryTree(tx, tenantId, input.tree);
      await writeTree(tx, ctx, input);
      await writeItems(tx, ctx, input);
      const after = await readCategoryTree(tx, tenantId, input.tree);
      await audit(tx, ctx, {
        action: before ? 'category_tree.changed' : 'category_tree.created',
        target: { kind: 'category_tree', id: input.tree, name: input.label.zh },
        ...changes(before, after),
      });
      return after;
    });
  } catch (error) {
    throw isUniqueViolation(error) ? versionConflict(1) : error;
  }
};

/** Of a tree of thousands only what is another: the trail is read by people. */
const changes = (before: CategoryTree | undefined, after: CategoryTree) => {
  const texts = (tree: CategoryTree | undefined) =>
    new Map((tree?.items ?? []).map((one) => [one.code, JSON.stringify(one)]));
  const [was, is] = [texts(before), texts(after)];
  const pick = (tree: CategoryTree | undefined, other: ReadonlyMap<string, string>) =>
    (tree?.items ?? []).filter((one) => other.get(one.code) !== JSON.stringify(one));
  return {
    ...(before ? { before: { label: before.label, items: pick(before, is) } } : {}),
    after: { label: after.label, items: pick(after, was) },
  };
};
