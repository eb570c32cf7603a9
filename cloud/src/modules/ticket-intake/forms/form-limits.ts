import { type Clock, HubError } from '@hallhub/shared';
import { RateLimit } from '../../../http/rate-limit.js';
import { networkOf } from './network-of.js';

/** How much one network may ask: a household stands behind it, or an office. Counted in each process. */
export class FormLimits {
  readonly #submits: RateLimit;
  readonly #reads: RateLimit;
  readonly #all: RateLimit;

  constructor(clock: Clock) {
    this.#submits = new RateLimit(clock, { burst: 10, perMinute: 1 });
    this.#reads = new RateLimit(clock, { burst: 60, perMinute: 30 });
    this.#all = new RateLimit(clock, { burst: 300, perMinute: 120 });
  }

  /** Throws `rate_limited`. */
  submit(ip: string | null, slug: string): void {
    this.#submits.take(networkOf(ip));
    this.#all.take(slug);
  }

  read(ip: string | null): void {
    this.#reads.take(networkOf(ip));
  }
}

/** What a robot filled in that nobody sees. It is told that all is well and nothing happens. */
export const isRobot = (website: string | undefined): boolean => website !== undefined && website.trim() !== '';

export const tooLarge = () => new HubError('too_large', 'The files are too large together');
