import { queryOptions } from '@tanstack/react-query';
import { get, type Query } from './request.js';
import type { Time } from './time.js';

interface Judged {
  findings: number;
  decided: number;
  accepted: number;
  false: number;
}

export interface VisionStatistics extends Judged {
  from: Time;
  to: Time;
  duplicates: number;
  open: number;
  reviewRate: number | null;
  precision: number | null;
  decideMedianMs: number | null;
  byAlgorithm: (Judged & { algorithm: string })[];
  byCamera: (Judged & { deviceId: string; name: string; hallName: string })[];
  byHall: (Judged & { hallId: string; name: string })[];
  byRegion: (Judged & { regionId: string; name: string })[];
  byDay: (Judged & { day: string })[];
  byHour: number[];
  refused: number;
}

export const statisticsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['vision', 'statistics', query],
    queryFn: ({ signal }) => get<VisionStatistics>('/vision/statistics', { query, signal }),
  });

interface FlowSums {
  in: number | null;
  out: number | null;
  occupancyMean: number | null;
  occupancyMost: number | null;
  dwellMeanMs: number | null;
}

export interface PeopleFlow {
  step: 'minute' | 'hour' | 'day';
  points: (FlowSums & { at: Time })[];
  rules: (FlowSums & { ruleId: string; deviceId: string; deviceName: string; name: string | null })[];
}

export const flowQuery = (query: Query) =>
  queryOptions({
    queryKey: ['vision', 'flow', query],
    queryFn: ({ signal }) => get<PeopleFlow>('/vision/flow', { query, signal }),
  });

export interface HeatMap {
  columns: number;
  rows: number;
  hours: number;
  seconds: number[];
}

export const heatQuery = (deviceId: string, query: Query) =>
  queryOptions({
    queryKey: ['vision', 'heat', deviceId, query],
    queryFn: ({ signal }) => get<HeatMap>(`/vision/cameras/${deviceId}/heat`, { query, signal }),
  });
