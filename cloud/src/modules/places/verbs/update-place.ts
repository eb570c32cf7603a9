import { HubError } from '@hallhub/shared';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import type { Place, UpdatePlace } from '../contract.js';
import { type Found, lockPlace, requireAt, toPlace } from '../read-places.js';
import { counters, halls, regions } from '../tables.js';
import { codeTaken, hallOf, lockParent, publishPlace } from './create-place.js';

const fields = ['name', 'code', 'parentId', 'timeZone', 'address', 'location', 'archivedAt'] as const;

/** Edits, moves, archives or brings back a place. Errors: `precondition_failed`, `conflict`, `invalid_input`. */
export const updatePlace = async (
  ctx: VerbContext,
  input: UpdatePlace & { readonly placeId: string; readonly version: number },
): Promise<Place> => {
  try {
    const place = await withTenant(ctx.db, ctx.actor, async (tx) => {
      const found = await lockPlace(tx, ctx.actor, input.placeId);
      requireAt(ctx.actor, 'place.write', found);
      if (found.row.version !== input.version) throw versionConflict(found.row.version);
      const before = toPlace(found);
      refuseForeignFields(found.kind, input);
      if (input.parentId !== undefined && input.parentId !== before.parentId) {
        await lockParent(tx, ctx, { kind: found.kind, parentId: input.parentId });
        requireAtOldParent(ctx, found.kind, before.parentId);
        if (found.kind === 'region' && input.parentId) await refuseLoop(tx, found.row.id, input.parentId);
      }
      const archiving = input.archived === true && before.archivedAt === null;
      if (archiving) await refuseWithChildren(tx, found);
      if (input.archived === false && before.archivedAt !== null) {
        await lockParent(tx, ctx, { kind: found.kind, parentId: input.parentId ?? before.parentId });
      }
      const after = toPlace(await write(tx, ctx, found, input));
      await audit(tx, ctx, {
        action: archiving ? 'place.archived' : 'place.updated',
        target: { kind: after.kind, id: after.id, name: after.name },
        hallId: hallOf(after),
        ...differences<Place>(before, after, fields),
      });
      return after;
    });
    publishPlace(ctx, place);
    return place;
  } catch (error) {
    throw isUniqueViolation(error) ? codeTaken(error) : error;
  }
};

/** Moving a place away takes it from those whose grants reach it through its parent: only they may do that. */
const requireAtOldParent = (ctx: VerbContext, kind: Found['kind'], parentId: string | null): void => {
  if (parentId === null) ctx.actor.require('place.write', 'tenant');
  else ctx.actor.require('place.write', kind === 'counter' ? { hallId: parentId } : { regionId: parentId });
};

const refuseForeignFields = (kind: Found['kind'], input: UpdatePlace): void => {
  if (kind === 'hall') return;
  const foreign = (['timeZone', 'address', 'location'] as const).filter((field) => input[field] !== undefined);
  if (foreign.length === 0) return;
  throw new HubError('invalid_input', `Only halls have ${foreign.join(', ')}`, {
    context: { errors: foreign.map((field) => ({ path: `body.${field}`, message: 'Only halls have it' })) },
  });
};

const refuseLoop = async (tx: Tx, regionId: string, parentId: string): Promise<void> => {
  // Moves of regions are rare: one at a time in a tenant, else two moves could make a loop together.
  await tx.execute(sql`SELECT id FROM regions WHERE tenant_id = current_tenant() ORDER BY id FOR UPDATE`);
  const { rows } = await tx.execute(sql`
    WITH RECURSIVE above AS (
      SELECT id, parent_id FROM regions WHERE id = ${parentId}
      UNION SELECT r.id, r.parent_id FROM regions r JOIN above a ON r.id = a.parent_id
    ) SELECT 1 FROM above WHERE id = ${regionId}`);
  if (rows.length === 0) return;
  throw new HubError('invalid_input', 'A region cannot go below itself', {
    context: { errors: [{ path: 'body.parentId', message: 'Lies below this region' }] },
  });
};

/** A hall takes its counters with it, but one with units in service stays, and so does a region with places in use. */
const refuseWithChildren = async (tx: Tx, { kind, row }: Found): Promise<void> => {
  if (kind === 'counter') return;
  if (kind === 'hall') {
    const { rows } = await tx.execute(
      sql`SELECT 1 FROM units WHERE hall_id = ${row.id} AND archived_at IS NULL LIMIT 1`,
    );
    if (rows.length === 0) return;
    throw new HubError('conflict', 'There are units in service in this hall', {
      context: { reason: 'has_units' },
      hint: 'Archive them or move them to another hall first.',
    });
  }
  const hall = await tx
    .select({ id: halls.id })
    .from(halls)
    .where(and(eq(halls.regionId, row.id), isNull(halls.archivedAt)))
    .limit(1);
  const region = await tx
    .select({ id: regions.id })
    .from(regions)
    .where(and(eq(regions.parentId, row.id), isNull(regions.archivedAt)))
    .limit(1);
  if (hall.length + region.length === 0) return;
  throw new HubError('conflict', 'There are places in use below it', {
    context: { reason: 'has_children' },
    hint: 'Archive or move them first.',
  });
};

const write = async (tx: Tx, ctx: VerbContext, found: Found, input: UpdatePlace): Promise<Found> => {
  const now = new Date(ctx.clock.now());
  const common = {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.code === undefined ? {} : { code: input.code }),
    ...(input.archived === undefined ? {} : { archivedAt: input.archived ? (found.row.archivedAt ?? now) : null }),
    updatedAt: now,
  };
  const lost = new HubError('bug', 'UPDATE … RETURNING returned no row');
  const { parentId } = input;
  if (found.kind === 'region') {
    const change = { ...common, ...(parentId === undefined ? {} : { parentId }), version: sql`${regions.version} + 1` };
    const [row] = await tx.update(regions).set(change).where(eq(regions.id, found.row.id)).returning();
    if (!row) throw lost;
    return { kind: 'region', row };
  }
  if (found.kind === 'counter') {
    const change = { ...common, ...(parentId ? { hallId: parentId } : {}), version: sql`${counters.version} + 1` };
    const [row] = await tx.update(counters).set(change).where(eq(counters.id, found.row.id)).returning();
    if (!row) throw lost;
    return { kind: 'counter', row };
  }
  const change = {
    ...common,
    ...(parentId ? { regionId: parentId } : {}),
    ...(input.timeZone === undefined ? {} : { timeZone: input.timeZone }),
    ...(input.address === undefined ? {} : { address: input.address }),
    ...(input.location === undefined ? {} : { lon: input.location?.lon ?? null, lat: input.location?.lat ?? null }),
    version: sql`${halls.version} + 1`,
  };
  const [row] = await tx.update(halls).set(change).where(eq(halls.id, found.row.id)).returning();
  if (!row) throw lost;
  return { kind: 'hall', row };
};
