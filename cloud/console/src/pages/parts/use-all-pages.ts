import { useEffect } from 'react';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Of a list that nobody scrolls to its end, a wall or a picker: page after page until there are so many. */
export function useAllPages(query: Pages, loaded: number, most = 500): void {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const goesOn = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && loaded < most;
  useEffect(() => {
    if (goesOn) void fetchNextPage();
  }, [goesOn, fetchNextPage]);
}
