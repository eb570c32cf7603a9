import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { CategoryUse } from '../contract.js';
import { readCategoryTree } from './list-category-trees.js';

/** Which categories of a tree tickets and offices name, and how many of each: those that nobody names are left out. Errors: `not_found`. */
export const countUses = (ctx: VerbContext, { tree }: { readonly tree: string }): Promise<{ items: CategoryUse[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId } = ctx.actor;
      await readCategoryTree(tx, tenantId, tree);
      // Of a ticket its deepest category, as statistics keep it: `tree:a/b`.
      const { rows } = await tx.$client.query<CategoryUse>(
        `SELECT code, sum(tickets)::int AS tickets, sum(offices)::int AS offices FROM (
           SELECT regexp_replace(category, '^.*[:/]', '') AS code, count(*) AS tickets, 0 AS offices FROM ticket_facts
           WHERE tenant_id = $1 AND category LIKE $2 GROUP BY 1
           UNION ALL
           SELECT code, 0, count(*) FROM office_categories WHERE tenant_id = $1 AND tree = $3 GROUP BY 1) used
         GROUP BY code ORDER BY code`,
        [tenantId, `${tree.replaceAll('_', '\\_')}:%`, tree],
      );
      return { items: rows };
    },
    { readOnly: true },
  );
