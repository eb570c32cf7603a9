import type { RequestFacts } from '../access/verb-context.js';
import { type CountedAttempt, FailureLocks, type FailureLocksOptions } from './failure-locks.js';
import type { IdentityKeys } from './identity-keys.js';
import { recogniseBrowser } from './known-browsers.js';
import { addressKey, type SignInLimits } from './sign-in-limits.js';

export interface SignInGuardOptions extends FailureLocksOptions {
  readonly keys: IdentityKeys;
  readonly limits: SignInLimits;
}

/** Who tries, and for whom. */
export interface Attempting {
  readonly request: RequestFacts;
  /** Normalised; somebody's or nobody's. */
  readonly userName: string;
  readonly user: { readonly id: string; readonly locksLiftedAt: Date | null } | null;
  /** The person's stored hash, if any. */
  readonly credential: string | null;
  /** The cookie of `known-browsers.ts`. */
  readonly browser: string | undefined;
}

/** Counts as a failure unless it is said otherwise. */
export interface Attempt extends CountedAttempt {
  readonly lockMs: number;
  /** Right so far: nothing is counted, and earlier failures stay. */
  giveBack(): Promise<void>;
  /** Came in: earlier failures are forgotten. */
  forget(): Promise<void>;
}

/**
 * How fast passwords and codes may be guessed. A browser known for the person has a counter of its own. Everybody else
 * shares one by name and network, and over all networks a pace by name that delays but never locks: so strangers
 * neither guess without end nor keep the person out. Names that nobody has are counted alike, or it would tell.
 */
export class SignInGuard {
  readonly #locks: FailureLocks;

  constructor(readonly options: SignInGuardOptions) {
    this.#locks = new FailureLocks(options);
  }

  /** Errors: `rate_limited` with `retryAfterMs`, `reason` `locked` where it is a lock. */
  async begin(who: Attempting): Promise<Attempt> {
    const { keys, limits } = this.options;
    const { user, userName, request } = who;
    const known = user && recogniseBrowser(keys, who.browser, { userId: user.id, credential: who.credential });
    const key = known
      ? keys.hash('limit-browser', known.toString('hex'))
      : keys.hash('limit-network', `${userName}\0${addressKey(request.ip)}`);
    if (!known) await limits.takeAddress(request.ip);
    const counted = await this.#locks.count(key, user?.locksLiftedAt?.getTime() ?? 0);
    try {
      // After the lock: a network that is locked out uses up nothing of others.
      if (!known) await limits.takeAccount(userName);
    } catch (error) {
      await this.#locks.giveBack(key, counted);
      throw error;
    }
    const refund = async () => {
      if (!known) await limits.giveBackAccount(userName);
    };
    return {
      ...counted,
      lockMs: this.options.lockMs,
      giveBack: async () => {
        await this.#locks.giveBack(key, counted);
        await refund();
      },
      forget: async () => {
        await this.#locks.forget(key);
        await refund();
      },
    };
  }
}
