import { type Clock, HubError } from '@hallhub/shared';

/** Somebody on the bus who has work of its own from time to time. `C` is the client through which the bus is used. */
export interface BusMember<C> {
  /** Monotonic ms of the next piece of work; Infinity: none. */
  nextDueMs(): number;
  /** Does one request, no more, so that the others get their turn. Never throws but for a lost link. */
  work(client: C, signal: AbortSignal): Promise<void>;
}

interface Job<C> {
  readonly notBeforeMs: number;
  run(client: C): Promise<void>;
  reject(error: unknown): void;
}

/**
 * One request at a time over one bus. What a person waits for goes first, but never twice in a row while somebody's poll is
 * overdue; members are served in the order in which they were served last, so that a busy one never starves the others.
 */
export class FairBus<C> {
  readonly #clock: Clock;
  readonly #members = new Map<BusMember<C>, number>();
  readonly #jobs: Job<C>[] = [];
  readonly #gapMs: number;
  #turn = 0;
  #wake: (() => void) | undefined;
  #down: HubError | undefined = new HubError('unavailable', 'the bus is not connected yet');

  /** `gapMs`: silence that the line needs between two requests. */
  constructor(clock: Clock, gapMs = 0) {
    this.#clock = clock;
    this.#gapMs = gapMs;
  }

  get waitingJobs(): number {
    return this.#jobs.length;
  }

  join(member: BusMember<C>): void {
    this.#members.set(member, 0);
    this.wake();
  }

  leave(member: BusMember<C>): void {
    this.#members.delete(member);
  }

  /** A member's due time changed. */
  wake(): void {
    this.#wake?.();
  }

  /** Runs `request` alone on the bus as soon as it may. Rejects at once when the bus is down, and when the signal aborts. */
  request<T>(
    request: (client: C) => Promise<T>,
    options: { signal?: AbortSignal; notBeforeMs?: number } = {},
  ): Promise<T> {
    const { signal, notBeforeMs = 0 } = options;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      if (this.#down) {
        reject(this.#down);
        return;
      }
      const done = () => signal?.removeEventListener('abort', onAbort);
      const job: Job<C> = {
        notBeforeMs,
        run: async (client) => {
          done();
          try {
            resolve(await request(client));
          } catch (error) {
            reject(error);
          }
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      const onAbort = () => {
        const at = this.#jobs.indexOf(job);
        if (at >= 0) this.#jobs.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#jobs.push(job);
      this.wake();
    });
  }

  /** Serves until the signal aborts; then whoever still waits gets its reason. */
  async serve(client: C, signal: AbortSignal): Promise<void> {
    this.#down = undefined;
    const onAbort = () => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    let jobBefore = false;
    try {
      while (!signal.aborted) {
        const nowMs = this.#clock.monotonicMs();
        const member = this.#dueMember(nowMs);
        const jobAt: number = jobBefore && member ? -1 : this.#jobs.findIndex((job) => job.notBeforeMs <= nowMs);
        jobBefore = jobAt >= 0;
        if (this.#gapMs > 0 && (jobBefore || member))
          await this.#clock.sleep(this.#gapMs, signal).catch(() => undefined);
        if (signal.aborted) break;
        if (jobAt >= 0) await (this.#jobs.splice(jobAt, 1)[0] as Job<C>).run(client);
        else if (member) await this.#serveMember(member, client, signal);
        else await this.#idle(nowMs, signal);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#down =
        signal.reason instanceof HubError ? signal.reason : new HubError('unavailable', 'the bus is not connected');
      for (const job of this.#jobs.splice(0)) job.reject(this.#down);
    }
  }

  async #serveMember(member: BusMember<C>, client: C, signal: AbortSignal): Promise<void> {
    this.#members.set(member, ++this.#turn);
    await member.work(client, signal);
  }

  #dueMember(nowMs: number): BusMember<C> | undefined {
    let best: BusMember<C> | undefined;
    let bestTurn = Number.POSITIVE_INFINITY;
    for (const [member, turn] of this.#members) {
      if (turn < bestTurn && member.nextDueMs() <= nowMs) {
        best = member;
        bestTurn = turn;
      }
    }
    return best;
  }

  #idle(nowMs: number, signal: AbortSignal): Promise<void> {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const member of this.#members.keys()) dueMs = Math.min(dueMs, member.nextDueMs());
    for (const job of this.#jobs) dueMs = Math.min(dueMs, job.notBeforeMs);
    return new Promise((resolve) => {
      const wake = () => {
        timer?.cancel();
        this.#wake = undefined;
        resolve();
      };
      const timer = Number.isFinite(dueMs)
        ? this.#clock.setTimeout(wake, Math.max(1, Math.ceil(dueMs - nowMs)))
        : undefined;
      this.#wake = wake;
      if (signal.aborted) wake();
    });
  }
}
