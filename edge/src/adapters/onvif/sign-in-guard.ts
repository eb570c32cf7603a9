import { type Clock, HubError, isHubError } from '@hallhub/shared';

const maxRefusals = 3;

/**
 * Keeps one account of one camera from being locked: while no sign-in was ever accepted they are tried one at a time, and
 * after a refusal none is tried for a while. Shared by everything that signs in there: SOAP, snapshots, streams.
 */
export class SignInGuard {
  #isProven = false;
  #refusals = 0;
  #waitMs: number;
  #blockedUntilMs: number | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    private readonly retryMs: number,
    private readonly onRefused: (error: HubError, retryInMs: number) => void = () => undefined,
  ) {
    this.#waitMs = retryMs;
  }

  get isBlocked(): boolean {
    return this.#blockedUntilMs !== undefined && this.clock.monotonicMs() < this.#blockedUntilMs;
  }

  /**
   * Runs a signed request. Throws what it throws; `unauthenticated` at once, with nothing sent, while it must wait.
   * `isProof`: every account may do this, so that a refusal can only mean the password.
   */
  async attempt<T>(signal: AbortSignal, work: () => Promise<T>, isProof = false): Promise<T> {
    if (this.#isProven) return this.#run(work, isProof);
    const mine = this.#turn.then(() => {
      signal.throwIfAborted();
      return this.#run(work, isProof);
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Another account or another clock: what was refused may be taken now. */
  reset(): void {
    this.#blockedUntilMs = undefined;
    this.#refusals = 0;
    this.#waitMs = this.retryMs;
  }

  async #run<T>(work: () => Promise<T>, isProof: boolean): Promise<T> {
    if (this.isBlocked) throw this.#held();
    try {
      const result = await work();
      this.#isProven = true;
      this.reset();
      return result;
    } catch (error) {
      if (isHubError(error, 'unauthenticated')) this.#refused(error, isProof);
      throw error;
    }
  }

  #refused(error: HubError, isProof: boolean): void {
    // An account that was accepted may lack the right for one operation: that is no reason to stop.
    if (this.#isProven && !isProof) {
      this.#refusals++;
      this.#isProven = this.#refusals < maxRefusals;
      return;
    }
    this.#isProven = false;
    this.#blockedUntilMs = this.clock.monotonicMs() + this.#waitMs;
    this.onRefused(error, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, 3_600_000);
  }

  #held(): HubError {
    const inMs = Math.max(0, (this.#blockedUntilMs ?? 0) - this.clock.monotonicMs());
    return new HubError('unauthenticated', 'the camera refuses to be signed in to', {
      hint: `check user name and password in edge.yaml; so that it does not lock the account they are next tried in ${Math.ceil(inMs / 60_000)} min`,
      context: { heldBack: true },
    });
  }
}
