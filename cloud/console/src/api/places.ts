import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, patch, post } from './request.js';
import type { Time } from './time.js';

export interface PlaceCounts {
  unitsOnline: number;
  units: number;
  devicesOnline: number;
  devices: number;
  openAlarms: number;
}

export interface Place {
  id: string;
  kind: 'region' | 'hall' | 'counter';
  parentId: string | null;
  name: Label | string;
  code: string | null;
  timeZone?: string | null;
  address?: string | null;
  location?: { lon: number; lat: number } | null;
  version: number;
  archivedAt: Time | null;
  counts?: PlaceCounts | null;
}

export const placesQuery = queryOptions({
  queryKey: ['places'],
  staleTime: 60_000,
  queryFn: ({ signal }) => get<{ items: Place[] }>('/places', { signal }).then((answer) => answer.items),
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
