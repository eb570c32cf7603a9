import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { get, type Query } from './request.js';

interface Share {
  n: number;
  of: number;
}

export interface TicketCountsOf {
  made: number;
  ended: number;
  closed: number;
  running: number;
  returned: number;
  reopened: number;
  extended: number;
  supervised: number;
  onTime: Share;
  firstTime: Share;
  closedLoop: Share;
  satisfied: Share;
  satisfactionMean: number | null;
  signedMeanS: number | null;
  solvedMeanS: number | null;
  endedMeanS: number | null;
}

export type TicketGroup = TicketCountsOf & { key: string | null; label: Label | null; before: number };

export interface TicketStatistics {
  from: string;
  to: string;
  total: TicketCountsOf;
  before: TicketCountsOf;
  yearBefore: TicketCountsOf;
  groups: TicketGroup[];
}

export const ticketStatisticsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['tickets', 'statistics', query],
    queryFn: ({ signal }) => get<TicketStatistics>('/ticket-statistics', { query, signal }),
    // Counting is work for the server: what a minute changes nobody sees here.
    staleTime: 60_000,
  });
