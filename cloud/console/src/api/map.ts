import { queryOptions } from '@tanstack/react-query';
import { get } from './request.js';

export interface MapTiles {
  url: string;
  attribution: string;
  maxZoom: number;
  coordinates: 'wgs84' | 'gcj02';
}

/** Where the operator gets map tiles from; null: nowhere. Set at the start of the cloud. */
export const mapQuery = queryOptions({
  queryKey: ['map'],
  queryFn: ({ signal }) => get<{ tiles: MapTiles | null }>('/map', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
