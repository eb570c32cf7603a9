import { type Clock, type HubError, isHubError } from '@hallhub/shared';
import { RateLimit } from '../http/rate-limit.js';
import { gatewayError } from '../modules/enrolment/index.js';

/** Requests of one unit at one time. */
const maxRunningOfUnit = 8;

export interface RunningLimit {
  readonly name: string;
  /** Of one unit at one time. */
  readonly most: number;
}

/** What one address and one unit may ask for; errors are `too_many_requests` with `retryAfterMs`. */
export class GatewayLimits {
  readonly #enrol: RateLimit;
  readonly #enrolEverywhere: RateLimit;
  readonly #open: RateLimit;
  readonly #renew: RateLimit;
  readonly #running = new Map<string, number>();

  constructor(clock: Clock) {
    this.#enrol = new RateLimit(clock, { burst: 20, perMinute: 10 });
    // Codes have 75 random bits: this bounds work, not luck.
    this.#enrolEverywhere = new RateLimit(clock, { burst: 200, perMinute: 120 });
    this.#open = new RateLimit(clock, { burst: 60, perMinute: 60 });
    this.#renew = new RateLimit(clock, { burst: 6, perMinute: 1 });
  }

  enrol(address: string): void {
    this.#take(this.#enrol, address);
    this.#take(this.#enrolEverywhere, 'all');
  }

  /** What is answered without a certificate. */
  open(address: string): void {
    this.#take(this.#open, address);
  }

  renew(unitId: string): void {
    this.#take(this.#renew, unitId);
  }

  /** Runs as one of the unit's few requests; what lasts long (`apart`) is counted by itself. */
  async ofUnit<T>(unitId: string, run: () => T | Promise<T>, apart?: RunningLimit): Promise<T> {
    const key = apart ? `${unitId} ${apart.name}` : unitId;
    const running = this.#running.get(key) ?? 0;
    if (running >= (apart?.most ?? maxRunningOfUnit)) throw tooMany(1_000);
    this.#running.set(key, running + 1);
    try {
      return await run();
    } finally {
      const left = (this.#running.get(key) ?? 1) - 1;
      if (left > 0) this.#running.set(key, left);
      else this.#running.delete(key);
    }
  }

  #take(limit: RateLimit, key: string): void {
    try {
      limit.take(key);
    } catch (error) {
      if (!isHubError(error, 'rate_limited')) throw error;
      throw tooMany(Number(error.context.retryAfterMs ?? 1_000), error);
    }
  }
}

/** With jitter: those who were refused together do not come back together. */
const tooMany = (retryAfterMs: number, cause?: unknown): HubError =>
  gatewayError('too_many_requests', 'Too many requests', {
    cause,
    context: { retryAfterMs: Math.ceil(retryAfterMs * (1 + Math.random() / 2)) },
  });
