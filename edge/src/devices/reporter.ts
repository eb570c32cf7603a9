import type { Property } from '@hallhub/shared/thing';
import type { Value } from '@hallhub/shared/wire';

export type Quality = 'good' | 'uncertain' | 'bad';

export interface ReportRule {
  readonly deadBand: number;
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
}

interface Reported {
  readonly value: Value;
  readonly quality: Quality;
  readonly monoMs: number;
}

/**
 * Decides whether a value is worth telling: its first one, a change of quality or kind, a number that moved by the dead band or
 * more since the last one told (not since the last one seen: slow drift is told), anything else that differs, and what was not told for long.
 */
export class Reporter {
  readonly #told = new Map<string, Reported>();

  /** Notes the value as told where it is to be; `undo` takes that back when it did not reach the disk. */
  offer(
    key: string,
    value: Value,
    options: { quality: Quality; rule: ReportRule; monoMs: number },
  ): { report: boolean; undo: () => void } {
    const before = this.#told.get(key);
    const { quality, rule, monoMs } = options;
    if (before && !isNews(before, { value, quality, monoMs }, rule)) return { report: false, undo: () => {} };
    this.#told.set(key, { value, quality, monoMs });
    return {
      report: true,
      undo: () => {
        if (before) this.#told.set(key, before);
        else this.#told.delete(key);
      },
    };
  }

  forget(prefix: string): void {
    for (const key of this.#told.keys()) if (key.startsWith(prefix)) this.#told.delete(key);
  }
}

const isNews = (before: Reported, now: Reported, rule: ReportRule): boolean => {
  const sinceMs = now.monoMs - before.monoMs;
  if (sinceMs >= rule.maxIntervalMs || now.quality !== before.quality) return true;
  if (typeof now.value === 'number' && typeof before.value === 'number') {
    if (sinceMs < rule.minIntervalMs) return false;
    const moved = Math.abs(now.value - before.value);
    // 0.3 - 0.2 is a little less than 0.1: a band of 0.1 means it all the same.
    return moved > 0 && moved >= rule.deadBand - 1e-9 * Math.max(1, Math.abs(now.value));
  }
  return now.value !== before.value;
};

export const reportRule = (property: Property | undefined, defaults: Omit<ReportRule, 'deadBand'>): ReportRule => ({
  ...defaults,
  deadBand: property?.deadBand ?? 0,
});
