import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, patch, post } from './request.js';
import type { Overview, Place } from './types.js';

export const placesQuery = queryOptions({
  queryKey: ['places'],
  staleTime: 60_000,
  queryFn: ({ signal }) => get<{ items: Place[] }>('/places', { signal }).then((answer) => answer.items),
});

export const overviewQuery = (hallId: string | undefined) =>
  queryOptions({
    queryKey: ['overview', hallId ?? null],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => get<Overview>('/overview', { query: { hallId }, signal }),
  });

export interface PlaceInput {
  kind: Place['kind'];
  parentId: string | null;
  name: string;
  code?: string | undefined;
  timeZone?: string | undefined;
  address?: string | undefined;
}

export const createPlace = (input: PlaceInput) => post<Place>('/places', input);
export const changePlace = (place: Place, input: Partial<PlaceInput>) =>
  patch<Place>(`/places/${place.id}`, input, { ifMatch: etagOf(place) });
export const archivePlace = (place: Place) => del<void>(`/places/${place.id}`, { ifMatch: etagOf(place) });
