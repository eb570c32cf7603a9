import type { Place, PlaceCounts } from '../../api/places.js';

export interface PlaceRow {
  place: Place;
  depth: number;
  hasChildren: boolean;
  counts: PlaceCounts | undefined;
}

const sum = (a: PlaceCounts | undefined, b: PlaceCounts | null | undefined): PlaceCounts | undefined => {
  if (!b) return a;
  if (!a) return b;
  return {
    unitsOnline: a.unitsOnline + b.unitsOnline,
    units: a.units + b.units,
    devicesOnline: a.devicesOnline + b.devicesOnline,
    devices: a.devices + b.devices,
    openAlarms: a.openAlarms + b.openAlarms,
  };
};

/** Parents before children; a place whose parent is out of sight stands at the top. Regions sum their halls. */
export function placeRows(places: Place[], closed: ReadonlySet<string>, textOf: (place: Place) => string): PlaceRow[] {
  const known = new Set(places.map((place) => place.id));
  const children = new Map<string | null, Place[]>();
  for (const place of places) {
    if (place.archivedAt) continue;
    const parent = place.parentId && known.has(place.parentId) ? place.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), place]);
  }
  const countsOf = (place: Place): PlaceCounts | undefined =>
    place.kind === 'hall'
      ? (place.counts ?? undefined)
      : (children.get(place.id) ?? []).reduce<PlaceCounts | undefined>(
          (all, one) => sum(all, countsOf(one)),
          undefined,
        );
  const walk = (parentId: string | null, depth: number): PlaceRow[] =>
    [...(children.get(parentId) ?? [])]
      .sort((a, b) => textOf(a).localeCompare(textOf(b), 'zh', { numeric: true }))
      .flatMap((place) => [
        { place, depth, hasChildren: children.has(place.id), counts: countsOf(place) },
        ...(closed.has(place.id) ? [] : walk(place.id, depth + 1)),
      ]);
  return walk(null, 0);
}
