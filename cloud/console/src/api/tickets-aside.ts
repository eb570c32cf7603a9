import { queryOptions } from '@tanstack/react-query';
import { get, post } from './request.js';

/** A ticket that the platform could not work on by itself. */
export interface TicketAside {
  ticket: { id: string; number: string; title: string };
  kind: { code: string; version: number };
  work: 'recompute' | 'note' | 'resume';
  /** The API's own words; never a value of the ticket. */
  reason: string;
  since: string;
  tries: number;
  retryAt: string;
}

export const ticketsAsideQuery = queryOptions({
  queryKey: ['tickets', 'aside'],
  queryFn: ({ signal }) => get<{ total: number; items: TicketAside[] }>('/tickets/aside', { signal }),
  staleTime: 60_000,
  // Whoever supervises some halls only is not told of the whole organisation's.
  retry: false,
});
export const retryAside = () => post<{ tickets: number }>('/tickets/aside/retry');
