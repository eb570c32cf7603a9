import { isRetryable } from '@hallhub/shared/errors';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isApiError } from './api-error.js';
import { meQuery } from './session.js';

/** Reads retry twice where that can help; changes never retry by themselves: the person decides with the form still filled. */
export function makeQueryClient(): QueryClient {
  // A session that ended elsewhere brings the sign-in, at the same address.
  const onError = (error: unknown) => {
    if (isApiError(error, 'unauthenticated')) client.setQueryData(meQuery.queryKey, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Without a line a call fails and says so; it does not wait in silence.
      queries: {
        networkMode: 'always',
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 2 && isRetryable(error),
        retryDelay: (attempt) => Math.min(8_000, 400 * 2 ** attempt),
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return client;
}
