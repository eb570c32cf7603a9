import {
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryOptions,
  type UseQueryResult,
  useInfiniteQuery,
} from '@tanstack/react-query';
import type { Listing } from '../../api/listing.js';

/** What a DataTable needs from a list that comes whole. */
export const wholeList = <T>({ data, error, refetch }: UseQueryResult<T[]>) => ({
  rows: data,
  error,
  onRetry: () => void refetch(),
});

/** What a DataTable needs from a cursor listing. */
export function useListing<T>(
  options: UseInfiniteQueryOptions<Listing<T>, Error, InfiniteData<Listing<T>>, QueryKey, string | null>,
) {
  const query = useInfiniteQuery({ ...options, placeholderData: (before) => before });
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    total: query.data?.pages[0]?.total,
    error: query.error,
    onRetry: () => void query.refetch(),
    more: {
      has: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
  };
}
