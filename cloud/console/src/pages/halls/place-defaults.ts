import type { Place } from '../../api/places.js';

type Kind = Place['kind'];
type Known = Pick<Place, 'id' | 'kind' | 'archivedAt'>;

/** What a place of this kind stands in. */
export const parentKindOf = (kind: Kind): 'hall' | 'region' => (kind === 'counter' ? 'hall' : 'region');

const inUse = (places: readonly Known[], kind: Kind) =>
  places.filter((place) => place.kind === kind && !place.archivedAt);

/** The kinds that can be made now: a hall wants a region, a counter a hall. */
export function possibleKinds(places: readonly Known[]): Kind[] {
  return (['region', 'hall', 'counter'] as const).filter(
    (kind) => kind === 'region' || inUse(places, parentKindOf(kind)).length > 0,
  );
}

/** What a new place most likely is: the next step down from where one stands, or the first that is missing. */
export function likelyKind(places: readonly Known[], parent: Pick<Place, 'kind'> | undefined): Kind {
  if (parent) return parent.kind === 'region' ? 'hall' : 'counter';
  return inUse(places, 'region').length === 0 ? 'region' : 'hall';
}

/** Where it stands, while that can be but one place: what was chosen if it fits the kind, else the only one there is. */
export function likelyParent(places: readonly Known[], kind: Kind, chosen: string | null | undefined): string | null {
  const fitting = inUse(places, parentKindOf(kind));
  if (fitting.some(({ id }) => id === chosen)) return chosen ?? null;
  return kind !== 'region' && fitting.length === 1 ? (fitting[0]?.id ?? null) : null;
}
