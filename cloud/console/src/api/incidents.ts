import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { get, post, type Query } from './request.js';

export interface IncidentRow {
  ticketId: string;
  number: string;
  title: string;
  hallName: string | null;
  level: { id: string; label: Label } | null;
  contract: Label | null;
  nature: Label | null;
  state: Label;
  outcome: 'closed' | 'cancelled' | 'merged' | null;
  madeAt: string;
  restoredAt: string | null;
  endedAt: string | null;
  answerMs: number | null;
  arriveMs: number | null;
  restoreMs: number | null;
  scope: string | null;
  people: number | null;
  handling: string | null;
  cause: string | null;
  prevention: string | null;
  clocks: { clock: string; label: Label; promisedMs: number; usedMs: number; met: boolean | null }[];
  breaches: number;
}
export interface IncidentCounts {
  count: number;
  open: number;
  breached: number;
  breaches: number;
  people: number;
  meanAnswerMs: number | null;
  meanArriveMs: number | null;
  meanRestoreMs: number | null;
}
interface Calls {
  offered: number;
  answered: number;
}
export interface SupportLineDay extends Calls {
  day: string;
  note: string | null;
  at: string;
  by: string;
}
export interface SupportLine extends Calls {
  aim: number;
  before: Calls;
  days: SupportLineDay[];
}
export interface IncidentReport {
  label: Label;
  period: 'day' | 'week' | 'month' | 'quarter' | 'year';
  zone: string;
  firstDay: string;
  lastDay: string;
  levels: { id: string; label: Label }[];
  total: IncidentCounts;
  before: IncidentCounts;
  byLevel: (IncidentCounts & { level: string | null })[];
  byClock: { clock: string; label: Label; runs: number; settled: number; breached: number }[];
  faults: { alarms: number; sources: number };
  supportLine: SupportLine | null;
  rows: IncidentRow[];
  truncated: boolean;
}

export const incidentReportQuery = (query: Query) =>
  queryOptions({
    queryKey: ['tickets', 'incidents', query],
    queryFn: ({ signal }) => get<IncidentReport>('/incidents/report', { query, signal }),
  });

export const writeSupportLine = (body: Calls & { day: string; note?: string }) =>
  post<SupportLineDay>('/incidents/support-line', body);
