import type { Value } from '@hallhub/shared/wire';

export type Quality = 'good' | 'uncertain' | 'bad';

export interface ReportLimits {
  readonly minIntervalMs: number;
  readonly maxIntervalMs: number;
}

export interface Reported {
  readonly value: Value;
  readonly quality: Quality;
  readonly monoMs: number;
}

/** What was told of each device. */
export class Reporter {
  readonly #devices = new Map<string, ToldValues>();

  of(deviceId: string): ToldValues {
    let told = this.#devices.get(deviceId);
    if (!told) {
      told = new ToldValues();
      this.#devices.set(deviceId, told);
    }
    return told;
  }

  forget(deviceId: string): void {
    this.#devices.delete(deviceId);
  }
}

/**
 * Decides whether a value is worth telling: its first one, a change of quality or kind, a number that moved by the dead band or
 * more since the last one told (not since the last one seen: slow drift is told), anything else that differs, and what was not told for long.
 */
export class ToldValues {
  readonly #told = new Map<string, { -readonly [K in keyof Reported]: Reported[K] }>();

  /** Whether to tell it; it is noted as told then. */
  offer(property: string, now: Reported, limits: ReportLimits, deadBand = 0): boolean {
    const told = this.#told.get(property);
    if (!told) {
      this.#told.set(property, { ...now });
      return true;
    }
    if (!isNews(told, now, limits, deadBand)) return false;
    told.value = now.value;
    told.quality = now.quality;
    told.monoMs = now.monoMs;
    return true;
  }

  /** These did not reach the disk: whatever they are next is told. */
  takeBack(properties: Iterable<string>): void {
    for (const property of properties) this.#told.delete(property);
  }
}

const isNews = (before: Reported, now: Reported, limits: ReportLimits, deadBand: number): boolean => {
  const sinceMs = now.monoMs - before.monoMs;
  if (sinceMs >= limits.maxIntervalMs || now.quality !== before.quality) return true;
  if (now.value === before.value) return false;
  if (typeof now.value === 'number' && typeof before.value === 'number') {
    if (sinceMs < limits.minIntervalMs) return false;
    // 0.3 - 0.2 is a little less than 0.1: a band of 0.1 means it all the same.
    return Math.abs(now.value - before.value) >= deadBand - 1e-9 * Math.max(1, Math.abs(now.value));
  }
  return true;
};
