import type { Label } from '@hallhub/shared';
import type { PartyView } from '@hallhub/shared/ticket';
import { queryOptions } from '@tanstack/react-query';
import { get, type Query } from './request.js';
import type { TicketRow } from './tickets.js';

export interface SupervisedTask {
  ticket: TicketRow;
  basis: Label | null;
  requirement: string | null;
  dueOn: string | null;
  contact: string | null;
  percent: number | null;
  progress: string | null;
  obstacles: string | null;
  nextSteps: string | null;
  result: string | null;
  verdict: Label | null;
  reported: { at: string; by: string } | null;
  parties: (PartyView & { lead: boolean; state: 'waiting' | 'open' | 'signed' | 'done' })[];
  children: { of: number; done: number };
  instructed: { times: number; at: string; by: string; words: string } | null;
  extended: number;
}

export interface SupervisionLedger {
  kind: string;
  label: Label;
  zone: string;
  sums: { running: number; late: number; ended: number; judged: number; onTime: number };
  items: SupervisedTask[];
  truncated: boolean;
}

export const supervisionQuery = (query: Query) =>
  queryOptions({
    queryKey: ['tickets', 'supervision', query],
    queryFn: ({ signal }) => get<SupervisionLedger>('/supervision/tasks', { query, signal }),
  });
