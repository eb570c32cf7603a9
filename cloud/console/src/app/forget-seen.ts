import type { QueryClient } from '@tanstack/react-query';
import { type Me, meQuery } from '../api/session.js';

/** Nothing that one person saw is left for the next one. */
export const forgetSeen = (client: QueryClient): void =>
  client.removeQueries({ predicate: ({ queryKey }) => queryKey.length > 1 || queryKey[0] !== meQuery.queryKey[0] });

/** Somebody signed in: after a session that ended by itself it may be another person than the one before. */
export const enterAs = (client: QueryClient, me: Me): void => {
  forgetSeen(client);
  client.setQueryData(meQuery.queryKey, me);
};
