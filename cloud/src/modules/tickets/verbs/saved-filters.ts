import { HubError, uuidv7 } from '@hallhub/shared';
import { isUniqueViolation, lockCount, storableJson, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { SavedFilter } from '../contract.js';

const most = 50;

interface Row {
  id: string;
  name: string;
  filter: Record<string, unknown>;
  created_at: Date;
}
const toFilter = ({ created_at, ...row }: Row): SavedFilter => ({ ...row, createdAt: created_at.toISOString() });

/** One’s own, by name. */
export const listFilters = (ctx: VerbContext): Promise<{ items: SavedFilter[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = await tx.$client.query<Row>(
        'SELECT id, name, filter, created_at FROM ticket_filters WHERE tenant_id = $1 AND person_id = $2 ORDER BY name',
        [ctx.actor.tenantId, ctx.actor.userId],
      );
      return { items: rows.map(toFilter) };
    },
    { readOnly: true },
  );

const requirePerson = ({ actor }: VerbContext): string => {
  if (actor.userId === null) throw new HubError('forbidden', 'Filters are people’s own');
  return actor.userId;
};

/** Errors: `conflict` where the name is taken or there are fifty already. */
export const saveFilter = (
  ctx: VerbContext,
  input: { readonly name: string; readonly filter: Readonly<Record<string, unknown>> },
): Promise<SavedFilter> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const personId = requirePerson(ctx);
    const key = [ctx.actor.tenantId, personId];
    await lockCount(tx, 'ticket_filters', ...key);
    const { rows: had } = await tx.$client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ticket_filters WHERE tenant_id = $1 AND person_id = $2',
      key,
    );
    if ((had[0]?.count ?? 0) >= most) {
      throw new HubError('conflict', `There are ${most} filters at most`, { context: { reason: 'too_many', most } });
    }
    const id = uuidv7();
    const { rows } = await tx.$client
      .query<Row>(
        `INSERT INTO ticket_filters (tenant_id, person_id, id, name, filter) VALUES ($1, $2, $3, $4, $5)
         RETURNING id, name, filter, created_at`,
        [...key, id, ...[storableJson(input.name), JSON.stringify(storableJson(input.filter))]],
      )
      .catch((cause: unknown) => {
        if (!isUniqueViolation(cause, 'ticket_filters_name')) throw cause;
        const context = { reason: 'name_taken' };
        throw new HubError('conflict', 'A filter of yours has this name', { cause, context });
      });
    await audit(tx, ctx, { action: 'ticket_filter.saved', target: { kind: 'ticket_filter', id, name: input.name } });
    return toFilter(rows[0] as Row);
  });

export const dropFilter = (ctx: VerbContext, { filterId }: { readonly filterId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { rows } = await tx.$client.query<{ name: string }>(
      'DELETE FROM ticket_filters WHERE tenant_id = $1 AND person_id = $2 AND id = $3 RETURNING name',
      [ctx.actor.tenantId, requirePerson(ctx), filterId],
    );
    const [row] = rows;
    if (!row) throw new HubError('not_found', 'There is no such filter');
    const target = { kind: 'ticket_filter', id: filterId, name: row.name };
    await audit(tx, ctx, { action: 'ticket_filter.dropped', target });
  });
