import { isRetryable } from '@hallhub/shared/errors';
import { QueryClient } from '@tanstack/react-query';

/** Reads retry twice where that can help; changes never retry by themselves: the person decides with the form still filled. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && isRetryable(error),
        retryDelay: (attempt) => Math.min(8_000, 400 * 2 ** attempt),
      },
      mutations: { retry: false },
    },
  });
}
