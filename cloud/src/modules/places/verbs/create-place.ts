import { HubError, uuidv7 } from '@hallhub/shared';
import { isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { CreatePlace, Place } from '../contract.js';
import { type Found, lockPlace, requireAt, toPlace } from '../read-places.js';
import { counters, halls, regions } from '../tables.js';

const parentKinds = { region: 'region', hall: 'region', counter: 'hall' } as const;

export const wrongParent = (kind: keyof typeof parentKinds): HubError =>
  new HubError('invalid_input', `A ${kind} goes below a ${parentKinds[kind]} that is in use`, {
    context: { errors: [{ path: 'body.parentId', message: `Must be a ${parentKinds[kind]} that is in use` }] },
  });

export const codeTaken = (cause: unknown): HubError =>
  new HubError('conflict', 'There is a place with this code', {
    cause,
    context: { errors: [{ path: 'body.code', message: 'There is a place with this code' }] },
  });

/** The parent, locked, of the right kind and not archived; the actor may write there. `parentId` null: the tenant itself. */
export const lockParent = async (
  tx: Tx,
  ctx: VerbContext,
  child: { readonly kind: keyof typeof parentKinds; readonly parentId: string | null },
): Promise<Found | null> => {
  if (child.parentId === null) {
    if (child.kind !== 'region') throw wrongParent(child.kind);
    ctx.actor.require('place.write', 'tenant');
    return null;
  }
  const parent = await lockPlace(tx, ctx.actor, child.parentId);
  if (parent.kind !== parentKinds[child.kind] || parent.row.archivedAt) throw wrongParent(child.kind);
  requireAt(ctx.actor, 'place.write', parent);
  return parent;
};

/** A region, hall or counter below its parent. Errors: `invalid_input` for a wrong parent, `conflict` for a taken code. */
export const createPlace = async (ctx: VerbContext, input: CreatePlace): Promise<Place> => {
  try {
    const place = await withTenant(ctx.db, ctx.actor, async (tx) => {
      await lockParent(tx, ctx, input);
      const created = toPlace(await insertPlace(tx, ctx.actor.tenantId, input));
      await audit(tx, ctx, {
        action: 'place.created',
        target: { kind: created.kind, id: created.id, name: created.name },
        hallId: hallOf(created),
        after: input,
      });
      return created;
    });
    publishPlace(ctx, place);
    return place;
  } catch (error) {
    throw isUniqueViolation(error) ? codeTaken(error) : error;
  }
};

/** The hall that the place is or belongs to. */
export const hallOf = (place: Place): string | null => {
  if (place.kind === 'region') return null;
  return place.kind === 'hall' ? place.id : place.parentId;
};

export const publishPlace = (ctx: VerbContext, place: Place): void =>
  ctx.live.publish({
    tenantId: ctx.actor.tenantId,
    hallId: hallOf(place),
    topic: 'overview',
    type: 'place.changed',
    data: { placeId: place.id, kind: place.kind },
  });

const insertPlace = async (tx: Tx, tenantId: string, input: CreatePlace): Promise<Found> => {
  const common = { id: uuidv7(), tenantId, name: input.name, code: input.code };
  const lost = new HubError('bug', 'INSERT … RETURNING returned no row');
  if (input.kind === 'region') {
    const [row] = await tx
      .insert(regions)
      .values({ ...common, parentId: input.parentId })
      .returning();
    if (!row) throw lost;
    return { kind: 'region', row };
  }
  if (input.kind === 'counter') {
    const [row] = await tx
      .insert(counters)
      .values({ ...common, hallId: input.parentId })
      .returning();
    if (!row) throw lost;
    return { kind: 'counter', row };
  }
  const { parentId, timeZone, address, location } = input;
  const [row] = await tx
    .insert(halls)
    .values({
      ...common,
      regionId: parentId,
      timeZone,
      address,
      lon: location?.lon ?? null,
      lat: location?.lat ?? null,
    })
    .returning();
  if (!row) throw lost;
  return { kind: 'hall', row };
};
