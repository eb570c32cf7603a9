import { type Tx, withTenant } from '../../../db/index.js';
import { principalId } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Look, ReviewItem } from '../review-contract.js';
import { requireItem } from './list-reviews.js';

/** A look that is not said again is over after this time. */
export const lookMs = 45_000;
const againMs = 20_000;

interface ItemRef {
  readonly itemId: string;
}

const others = async (tx: Tx, ctx: VerbContext, { itemId }: ItemRef): Promise<Look['others']> => {
  const { rows } = await tx.$client.query<{ name: string; since: Date }>(
    `SELECT name, since FROM review_looks WHERE tenant_id = $1 AND item_id = $2 AND person_id <> $3 AND seen_at > $4 ORDER BY since, person_id LIMIT 20`,
    [ctx.actor.tenantId, itemId, principalId(ctx.actor), new Date(ctx.clock.now() - lookMs)],
  );
  return rows.map(({ name, since }) => ({ name, since: since.toISOString() }));
};

/** Says that the caller has an item open, for as long as it is said again; gives who else has. Throws `not_found`. */
export const lookAtItem = async (ctx: VerbContext, ref: ItemRef): Promise<Look> => {
  const now = new Date(ctx.clock.now());
  const {
    item,
    isNew,
    others: found,
  } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const item = await requireItem(tx, ctx, ref.itemId);
    const { rows } = await tx.$client.query<{ is_new: boolean }>(
      `INSERT INTO review_looks AS l (tenant_id, item_id, person_id, name, since, seen_at) VALUES ($1, $2, $3, $4, $5, $5)
       ON CONFLICT (tenant_id, item_id, person_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at,
         since = CASE WHEN l.seen_at > $6 THEN l.since ELSE excluded.since END RETURNING since = $5 AS is_new`,
      [
        ...[ctx.actor.tenantId, ref.itemId, principalId(ctx.actor), ctx.actor.userName, now],
        new Date(now.getTime() - lookMs),
      ],
    );
    return { item, isNew: rows[0]?.is_new === true, others: await others(tx, ctx, ref) };
  });
  if (isNew) announceLook(ctx, item);
  return { others: found, againMs };
};

/** The caller looks away. */
export const leaveItem = async (ctx: VerbContext, ref: ItemRef): Promise<void> => {
  const item = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const item = await requireItem(tx, ctx, ref.itemId);
    const { rowCount } = await tx.$client.query(
      'DELETE FROM review_looks WHERE tenant_id = $1 AND item_id = $2 AND person_id = $3',
      [ctx.actor.tenantId, ref.itemId, principalId(ctx.actor)],
    );
    return rowCount ? item : undefined;
  });
  if (item) announceLook(ctx, item);
};

const announceLook = (
  ctx: VerbContext,
  { id, hallId, deviceId }: Pick<ReviewItem, 'id' | 'hallId' | 'deviceId'>,
): void =>
  ctx.live.publish({
    ...{ tenantId: ctx.actor.tenantId, hallId, deviceId, topic: 'review', type: 'review.looked' },
    data: { itemId: id },
  });
