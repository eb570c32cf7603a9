import type { Severity } from '@hallhub/shared/thing';
import { queryOptions } from '@tanstack/react-query';
import { get } from './request.js';
import type { Decision } from './review.js';
import type { Time } from './time.js';
import type { VisionStatistics } from './vision-statistics.js';

/** What stands out. Shares are of 1. */
export type Remark =
  | { kind: 'nothing' }
  | { kind: 'more' | 'fewer'; share: number; before: number }
  | { kind: 'most'; algorithm: string; findings: number; share: number }
  | { kind: 'place'; name: string; findings: number; share: number }
  | { kind: 'hour'; hour: number; findings: number; share: number }
  | { kind: 'waiting'; findings: number; share: number }
  | { kind: 'rule'; name: string; camera: string; precision: number; decided: number; to: number | null }
  | { kind: 'camera'; name: string; hallName: string; uptime: number; outages: number }
  | { kind: 'allUp'; cameras: number }
  | { kind: 'refused'; rows: number };

export interface RunReport {
  kind: 'day' | 'month';
  period: string;
  timeZone: string;
  organisation: string;
  place: string | null;
  isOver: boolean;
  madeAt: Time;
  madeBy: string;
  totals: VisionStatistics;
  before: { findings: number; reviewRate: number | null; precision: number | null };
  topHours: { hour: number; findings: number }[];
  cameras: {
    deviceId: string;
    name: string;
    hallName: string;
    findings: number;
    uptime: number | null;
    downMs: number;
    outages: number;
  }[];
  uptime: number | null;
  flow: {
    in: number | null;
    out: number | null;
    days: { day: string; in: number; out: number }[];
    busiest: { at: Time; in: number } | null;
  };
  remarks: Remark[];
  findings: {
    id: string;
    itemId: string;
    number: string;
    startedAt: Time;
    timeZone: string;
    severity: Severity;
    algorithm: string;
    ruleName: string;
    deviceName: string;
    decision: Decision | null;
  }[];
  findingsAll: number;
}

export interface ReportChoice {
  /** `2026-11` or `2026-11-22`. */
  period: string;
  hallId: string | undefined;
}

export const runReportQuery = ({ period, hallId }: ReportChoice) =>
  queryOptions({
    queryKey: ['vision', 'report', period, hallId ?? null],
    queryFn: ({ signal }) => get<RunReport>('/vision/report', { query: { period, hallId }, signal, timeoutMs: 60_000 }),
    staleTime: 60_000,
  });

export function reportFileUrl(format: 'pdf' | 'xlsx', { period, hallId }: ReportChoice, language: string): string {
  const query = new URLSearchParams({ period, language: language === 'en' ? 'en' : 'zh' });
  if (hallId) query.set('hallId', hallId);
  return `/api/v1/vision/report.${format}?${query}`;
}
