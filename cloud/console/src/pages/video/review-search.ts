import { visionAlgorithms } from '@hallhub/shared/vision';
import * as z from 'zod/mini';
import type { Query } from '../../api/request.js';
import { decisions } from '../../api/review.js';
import { anyText, oneOf } from '../../app/search-state.js';

export const severities = ['critical', 'warning', 'notice', 'info'] as const;
export const states = ['open', 'decided', 'all'] as const;
export const orders = ['newest', 'oldest'] as const;

/** The desk's state in its address. Times are instants: what was shared shows the same to everybody. */
export const reviewSearchSchema = z.object({
  state: oneOf(states),
  severity: oneOf(severities),
  decision: oneOf(decisions),
  algorithm: oneOf(visionAlgorithms),
  region: anyText,
  device: anyText,
  rule: anyText,
  /** Of an older address: a number is found by `q`. */
  number: anyText,
  q: anyText,
  from: anyText,
  to: anyText,
  order: oneOf(orders),
  id: anyText,
});
export type ReviewSearch = z.infer<typeof reviewSearchSchema>;

const instant = (text: string | undefined): string | undefined =>
  text !== undefined && Number.isFinite(Date.parse(text)) ? new Date(text).toISOString() : undefined;

/** What the API is asked for. A number is looked for in all states. */
export function reviewFilter(search: ReviewSearch, hallId: string | undefined): Query {
  const state = search.state ?? (search.number ? 'all' : 'open');
  return {
    hallId,
    regionId: search.region,
    deviceId: search.device,
    ruleId: search.rule,
    algorithm: search.algorithm,
    severity: search.severity,
    decision: state === 'open' ? undefined : search.decision,
    number: search.number,
    q: search.q,
    from: instant(search.from),
    to: instant(search.to),
    state: state === 'all' ? undefined : state,
  };
}

/** What is narrowed beside the state: to say so, and to take it away. */
export const narrowing = [
  'severity',
  'decision',
  'algorithm',
  'region',
  'device',
  'rule',
  'number',
  'q',
  'from',
  'to',
] as const satisfies readonly (keyof ReviewSearch)[];

export const countNarrowing = (search: ReviewSearch): number =>
  narrowing.filter((key) => key !== 'to' && search[key] !== undefined).length;
