import type { VisionAlgorithm } from '@hallhub/shared/vision';
import { queryOptions } from '@tanstack/react-query';
import { get, post, type Query } from './request.js';

export interface RulePrecision {
  ruleId: string;
  name: string;
  algorithm: VisionAlgorithm;
  experimental: boolean;
  deviceId: string;
  deviceName: string;
  hallName: string;
  findings: number;
  decided: number;
  accepted: number;
  belowStandard: number;
  alreadyLeft: number;
  duplicates: number;
  false: number;
  precision: number | null;
  low: number | null;
  high: number | null;
  minConfidence: number | null;
  suggestion:
    | { minConfidence: number; falseGone: number; falseAll: number; trueKept: number; trueAll: number }
    | { none: 'too_few' | 'no_confidence' | 'too_few_false' | 'not_separable'; needed: number };
}

export const precisionQuery = (query: Query) =>
  queryOptions({
    queryKey: ['review', 'precision', query],
    queryFn: ({ signal }) => get<{ items: RulePrecision[] }>('/review/precision', { query, signal }),
  });

export const setThreshold = (rule: RulePrecision, minConfidence: number) =>
  post<{ minConfidence: number }>(`/review/precision/${rule.deviceId}/${rule.ruleId}/threshold`, {
    minConfidence,
    was: rule.minConfidence,
  });
