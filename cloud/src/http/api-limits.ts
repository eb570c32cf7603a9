import type { Clock } from '@hallhub/shared';
import { RateLimit } from './rate-limit.js';

export interface ApiRates {
  /** Requests a minute from one address: a whole hall may stand behind it. */
  readonly addressPerMinute: number;
  /** Requests a minute by one person or API key. */
  readonly accountPerMinute: number;
}

/** Far above what a console with every page open asks for; far below what hurts the database. */
export const defaultApiRates: ApiRates = { addressPerMinute: 6_000, accountPerMinute: 1_800 };

export interface ApiLimits {
  readonly address: RateLimit;
  readonly account: RateLimit;
}

/** Counted in this process: N processes allow up to N times as much. A third of a minute's share may come at once. */
export const makeApiLimits = (clock: Clock, rates: ApiRates = defaultApiRates): ApiLimits => {
  const bucket = (perMinute: number) => new RateLimit(clock, { burst: Math.ceil(perMinute / 3), perMinute });
  return { address: bucket(rates.addressPerMinute), account: bucket(rates.accountPerMinute) };
};
