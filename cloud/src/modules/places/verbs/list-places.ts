import { and, inArray, isNull } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Place, PlaceCounts } from '../contract.js';
import { type RegionRow, toPlace } from '../read-places.js';
import { counters, halls, regions } from '../tables.js';

/** Fleet and alarms count for us: hall id → counts. */
export type CountPlaces = (tx: Tx, hallIds: readonly string[]) => Promise<ReadonlyMap<string, PlaceCounts>>;

/**
 * The whole tree within reach, flat: parents before children. A region above a visible hall is shown too, else the tree
 * would have no way down to it.
 */
export const listPlaces = (
  ctx: VerbContext,
  input: { readonly archived?: boolean | undefined },
  countPlaces?: CountPlaces,
): Promise<Place[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const hallReach = ctx.actor.scopeFilter('place.read');
      const regionReach = ctx.actor.regionFilter('place.read');
      const live = <T>(condition: T) => (input.archived ? undefined : condition);
      const hallRows = await tx
        .select()
        .from(halls)
        .where(and(live(isNull(halls.archivedAt)), hallReach === 'all' ? undefined : inArray(halls.id, [...hallReach])))
        .orderBy(halls.code);
      const hallIds = hallRows.map((hall) => hall.id);
      const counterRows =
        hallIds.length === 0
          ? []
          : await tx
              .select()
              .from(counters)
              .where(and(inArray(counters.hallId, hallIds), live(isNull(counters.archivedAt))))
              .orderBy(counters.code);
      const regionRows = await tx
        .select()
        .from(regions)
        .where(live(isNull(regions.archivedAt)))
        .orderBy(regions.code);
      const shown = visibleRegions(regionRows, regionReach, new Set(hallRows.map((hall) => hall.regionId)));
      const counted = hallIds.filter((hallId) => ctx.actor.can('hall.read', { hallId }));
      const counts = await countPlaces?.(tx, counted);
      return [
        ...shown.map((row) => toPlace({ kind: 'region', row })),
        ...hallRows.map((row) => withCounts(toPlace({ kind: 'hall', row }), counts?.get(row.id))),
        ...counterRows.map((row) => toPlace({ kind: 'counter', row })),
      ];
    },
    { readOnly: true },
  );

const withCounts = (place: Place, counts: PlaceCounts | undefined): Place => (counts ? { ...place, counts } : place);

const visibleRegions = (
  all: readonly RegionRow[],
  reach: 'all' | readonly string[],
  above: ReadonlySet<string>,
): RegionRow[] => {
  const byId = new Map(all.map((row) => [row.id, row]));
  const ids = new Set<string>();
  for (const row of all) {
    if (reach !== 'all' && !reach.includes(row.id) && !above.has(row.id)) continue;
    for (
      let at: RegionRow | undefined = row;
      at && !ids.has(at.id);
      at = at.parentId ? byId.get(at.parentId) : undefined
    ) {
      ids.add(at.id);
    }
  }
  const depthOf = (row: RegionRow): number => {
    let depth = 0;
    for (let at = row; at.parentId && depth < 32; depth++) {
      const parent = byId.get(at.parentId);
      if (!parent) break;
      at = parent;
    }
    return depth;
  };
  return all.filter((row) => ids.has(row.id)).sort((a, b) => depthOf(a) - depthOf(b));
};
