import type { Label } from '@hallhub/shared';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Listing } from './listing.js';
import { get, post } from './request.js';

export interface Notice {
  id: string;
  ticketId: string | null;
  rule: string;
  text: Label;
  madeAt: string;
  readAt: string | null;
}

export const noticesQuery = infiniteQueryOptions({
  queryKey: ['notices', 'list'],
  queryFn: ({ pageParam, signal }) =>
    get<Listing<Notice>>('/me/notices', { query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
  initialPageParam: '',
  getNextPageParam: ({ nextCursor }) => nextCursor,
});

export const noticeCountQuery = queryOptions({
  queryKey: ['notices', 'count'],
  queryFn: ({ signal }) => get<{ unread: number }>('/me/notices/count', { signal }),
  staleTime: 30_000,
});

export const readNotices = (ids: 'all' | readonly string[]) => post<void>('/me/notices/read', { ids });
