import type { Value } from '@hallhub/shared/wire';
import type { ThresholdRule } from './active-rule.js';

/** Where one rule stands for one source. `sinceMs`: since when the condition holds (pending) or no longer holds (clearing). */
export type ThresholdState =
  | { readonly phase: 'normal' }
  | { readonly phase: 'pending'; readonly sinceMs: number }
  | { readonly phase: 'open' }
  | { readonly phase: 'clearing'; readonly sinceMs: number };

export interface ThresholdStep {
  readonly state: ThresholdState;
  /** `again`: it had begun to clear and came back. */
  readonly action?: 'raise' | 'clear' | 'again';
}

const isBeyond = (rule: ThresholdRule, value: Value): boolean => {
  if (rule.op === 'eq') return value === rule.limit;
  if (typeof value !== 'number' || typeof rule.limit !== 'number') return false;
  return rule.op === 'gt' ? value > rule.limit : value < rule.limit;
};

const isBack = (rule: ThresholdRule, value: Value): boolean => {
  if (rule.op === 'eq') return value !== rule.limit;
  if (typeof value !== 'number' || typeof rule.clearLimit !== 'number') return false;
  return rule.op === 'gt' ? value <= rule.clearLimit : value >= rule.clearLimit;
};

/**
 * One reading. Between limit and clear limit nothing changes but that a condition which has not lasted yet starts over: it has to
 * hold without a break.
 */
export const stepThreshold = (
  state: ThresholdState,
  rule: ThresholdRule,
  reading: { readonly value: Value; readonly atMs: number },
): ThresholdStep => {
  const { value, atMs } = reading;
  switch (state.phase) {
    case 'normal':
    case 'pending': {
      if (!isBeyond(rule, value)) return { state: { phase: 'normal' } };
      const sinceMs = state.phase === 'pending' ? state.sinceMs : atMs;
      if (atMs - sinceMs >= rule.forMs) return { state: { phase: 'open' }, action: 'raise' };
      return { state: { phase: 'pending', sinceMs } };
    }
    case 'open':
    case 'clearing': {
      if (!isBack(rule, value)) {
        if (state.phase === 'open') return { state };
        return isBeyond(rule, value) ? { state: { phase: 'open' }, action: 'again' } : { state: { phase: 'open' } };
      }
      const sinceMs = state.phase === 'clearing' ? state.sinceMs : atMs;
      if (atMs - sinceMs >= rule.clearForMs) return { state: { phase: 'normal' }, action: 'clear' };
      return { state: { phase: 'clearing', sinceMs } };
    }
  }
};
