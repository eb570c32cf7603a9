import { HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readFindings, readItems, reviewWhere } from '../read-reviews.js';
import type { ReviewDetail, ReviewFilter, ReviewItem } from '../review-contract.js';

export interface ReviewQuery extends ReviewFilter, PageQuery {
  readonly order: 'newest' | 'oldest';
}

export const listReviews = async (ctx: VerbContext, query: ReviewQuery): Promise<Page<ReviewItem>> => {
  const after = decodeCursor(query.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const newest = query.order === 'newest';
  const than = newest ? sql`<` : sql`>`;
  const beyond = after ? sql` AND (i.started_at, i.id) ${than} (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
  const found = await withTenant(
    ctx.db,
    ctx.actor,
    (tx) =>
      readItems(tx, {
        tenantId: ctx.actor.tenantId,
        where: sql`${reviewWhere(ctx, query)}${beyond}`,
        order: newest ? sql`i.started_at DESC, i.id DESC` : sql`i.started_at, i.id`,
        limit: query.limit + 1,
      }),
    { readOnly: true },
  );
  return toPage(found, query.limit, { item: (item) => item, key: ({ startedAt, id }) => [startedAt, id] });
};

/** Throws `not_found`; also where it became one with another. */
export const requireItem = async (tx: Tx, ctx: VerbContext, itemId: string): Promise<ReviewItem> => {
  const [item] = await readItems(tx, {
    tenantId: ctx.actor.tenantId,
    where: sql`i.id = ${itemId} AND ${reviewWhere(ctx, {})}`,
    order: sql`i.id`,
    limit: 1,
  });
  if (!item) throw new HubError('not_found', 'There is no such item, or it became one with another');
  return item;
};

/** One item with all its findings. */
export const getReview = (ctx: VerbContext, { itemId }: { readonly itemId: string }): Promise<ReviewDetail> =>
  withTenant(ctx.db, ctx.actor, (tx) => readDetail(tx, ctx, itemId), { readOnly: true });

export const readDetail = async (tx: Tx, ctx: VerbContext, itemId: string): Promise<ReviewDetail> => {
  const item = await requireItem(tx, ctx, itemId);
  const findings = await readFindings(tx, { tenantId: ctx.actor.tenantId, itemIds: [itemId] });
  return { ...item, parts: findings.get(itemId) ?? [] };
};
