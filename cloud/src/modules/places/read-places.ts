import { HubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { Actor } from '../access/actor.js';
import type { Right } from '../access/rights.js';
import type { Place } from './contract.js';
import { counters, halls, regions } from './tables.js';

export type RegionRow = typeof regions.$inferSelect;
export type HallRow = typeof halls.$inferSelect;
export type CounterRow = typeof counters.$inferSelect;

/** A place of any kind with its row. */
export type Found =
  | { readonly kind: 'region'; readonly row: RegionRow }
  | { readonly kind: 'hall'; readonly row: HallRow }
  | { readonly kind: 'counter'; readonly row: CounterRow };

export const toPlace = ({ kind, row }: Found): Place => {
  const common = {
    id: row.id,
    kind,
    name: row.name,
    code: row.code,
    version: row.version,
    archivedAt: row.archivedAt?.toISOString() ?? null,
  };
  if (kind === 'region') return { ...common, parentId: row.parentId };
  if (kind === 'counter') return { ...common, parentId: row.hallId };
  const { lon, lat } = row;
  return {
    ...common,
    parentId: row.regionId,
    timeZone: row.timeZone,
    address: row.address,
    location: lon === null || lat === null ? null : { lon, lat },
  };
};

/** May the actor do this to the place? A counter is its hall's. */
export const canAt = (actor: Actor, right: Right, { kind, row }: Found): boolean => {
  if (kind === 'region') return actor.can(right, { regionId: row.id });
  return actor.can(right, { hallId: kind === 'hall' ? row.id : row.hallId });
};

/** Throws `forbidden` where `canAt` says no. */
export const requireAt = (actor: Actor, right: Right, { kind, row }: Found): void => {
  if (kind === 'region') actor.require(right, { regionId: row.id });
  else actor.require(right, { hallId: kind === 'hall' ? row.id : row.hallId });
};

export const noSuchPlace = (): HubError => new HubError('not_found', 'There is no such place');

/** The place, locked for a change. Out of reach of `place.read` it does not exist: `not_found`. */
export const lockPlace = async (tx: Tx, actor: Actor, placeId: string): Promise<Found> => {
  const found = await findLocked(tx, placeId);
  if (!found || !canAt(actor, 'place.read', found)) throw noSuchPlace();
  return found;
};

const findLocked = async (tx: Tx, id: string): Promise<Found | undefined> => {
  const [hall] = await tx.select().from(halls).where(eq(halls.id, id)).for('update');
  if (hall) return { kind: 'hall', row: hall };
  const [counter] = await tx.select().from(counters).where(eq(counters.id, id)).for('update');
  if (counter) return { kind: 'counter', row: counter };
  const [region] = await tx.select().from(regions).where(eq(regions.id, id)).for('update');
  return region && { kind: 'region', row: region };
};
