import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query';
import { get, type Query } from './request.js';

export interface Listing<T> {
  items: T[];
  nextCursor: string | null;
  total?: number;
}

/** A list that goes on by cursor. The key begins with the resource's name, so that live changes find it. */
export function listing<T>(resource: string, path: string, query: Query) {
  return infiniteQueryOptions({
    queryKey: [resource, 'list', query] as QueryKey,
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      get<Listing<T>>(path, { query: { limit: 100, ...query, cursor: pageParam }, signal }),
    getNextPageParam: (last) => last.nextCursor,
  });
}
