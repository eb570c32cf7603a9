import { type Clock, HubError } from '@hallhub/shared';

/** Somebody on the bus who has work of its own from time to time. `C` is the client through which the bus is used. */
export interface BusMember<C> {
  /** Monotonic ms of the next piece of work; Infinity: none. */
  nextDueMs(): number;
  /** Does one request, no more, so that the others get their turn. Never throws but for a lost link. */
  work(client: C, signal: AbortSignal): Promise<void>;
}

export interface BusRequestOptions {
  readonly signal?: AbortSignal;
  /** Monotonic ms before which it may not go. */
  readonly notBeforeMs?: number | (() => number);
  /** Requests of one owner go in their order; owners take turns, so that a slow one delays the others by one request. */
  readonly owner?: object;
  /** Takes turns with the members instead of going before them: nobody waits for it. */
  readonly background?: boolean;
}

interface Job<C> {
  readonly owner: object;
  notBeforeMs(): number;
  run(client: C): Promise<void>;
  reject(error: unknown): void;
}

/** More than this waiting means that the bus cannot keep up: better told than queued. */
const maxWaitingJobs = 256;

/**
 * One request at a time over one bus. What a person waits for goes first, but never twice in a row while somebody's poll is
 * overdue; members are served in the order in which they were served last, so that a busy one never starves the others:
 * whoever is due waits for at most one turn of each other member, with one request of a person before each.
 */
export class FairBus<C> {
  readonly #clock: Clock;
  readonly #members = new Map<BusMember<C>, number>();
  readonly #urgent: Job<C>[] = [];
  readonly #background: Job<C>[] = [];
  readonly #ownerTurns = new WeakMap<object, number>();
  /** Whoever waits for nobody's turn in particular. */
  readonly #anybody = {};
  #backgroundTurn = 0;
  #turn = 0;
  #wake: (() => void) | undefined;
  #down: HubError | undefined = new HubError('unavailable', 'the bus is not connected yet');

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get waitingJobs(): number {
    return this.#urgent.length + this.#background.length;
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
  request<T>(request: (client: C) => Promise<T>, options: BusRequestOptions = {}): Promise<T> {
    const { signal, notBeforeMs = 0, owner = this.#anybody } = options;
    const queue = options.background ? this.#background : this.#urgent;
    return new Promise<T>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#down) throw this.#down;
      if (queue.length >= maxWaitingJobs) {
        throw new HubError('unavailable', `${queue.length} requests already wait for this bus`);
      }
      const done = () => signal?.removeEventListener('abort', onAbort);
      const job: Job<C> = {
        owner,
        notBeforeMs: typeof notBeforeMs === 'number' ? () => notBeforeMs : notBeforeMs,
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
        const at = queue.indexOf(job);
        if (at >= 0) queue.splice(at, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(job);
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
        let job: Job<C> | undefined = jobBefore ? undefined : this.#take(this.#urgent, nowMs);
        const member = job ? undefined : this.#dueMember(nowMs);
        if (!member) job ??= this.#take(this.#urgent, nowMs);
        jobBefore = job !== undefined;
        if (job) await job.run(client);
        else if (member) await member(client, signal);
        else await this.#idle(nowMs, signal);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#down =
        signal.reason instanceof HubError ? signal.reason : new HubError('unavailable', 'the bus is not connected');
      for (const job of [...this.#urgent.splice(0), ...this.#background.splice(0)]) job.reject(this.#down);
    }
  }

  /** The turn of the member that was served longest ago; what runs in the background counts as one more member. */
  #dueMember(nowMs: number): ((client: C, signal: AbortSignal) => Promise<void>) | undefined {
    let best: BusMember<C> | undefined;
    let bestTurn = Number.POSITIVE_INFINITY;
    for (const [member, turn] of this.#members) {
      if (turn < bestTurn && member.nextDueMs() <= nowMs) {
        best = member;
        bestTurn = turn;
      }
    }
    if (this.#background.length > 0 && this.#backgroundTurn < bestTurn) {
      const job = this.#take(this.#background, nowMs);
      if (job) {
        this.#backgroundTurn = ++this.#turn;
        return (client) => job.run(client);
      }
    }
    const member = best;
    if (!member) return undefined;
    return (client, signal) => {
      this.#members.set(member, ++this.#turn);
      return member.work(client, signal);
    };
  }

  /** The first request of the owner who was served longest ago, if its first may go. */
  #take(queue: Job<C>[], nowMs: number): Job<C> | undefined {
    let best = -1;
    let bestTurn = Number.POSITIVE_INFINITY;
    const seen = new Set<object>();
    for (const [at, { owner, notBeforeMs }] of queue.entries()) {
      if (seen.has(owner)) continue;
      seen.add(owner);
      const turn = this.#ownerTurns.get(owner) ?? 0;
      if (turn >= bestTurn || notBeforeMs() > nowMs) continue;
      best = at;
      bestTurn = turn;
    }
    const job = best < 0 ? undefined : queue.splice(best, 1)[0];
    if (job) this.#ownerTurns.set(job.owner, ++this.#turn);
    return job;
  }

  #idle(nowMs: number, signal: AbortSignal): Promise<void> {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const member of this.#members.keys()) dueMs = Math.min(dueMs, member.nextDueMs());
    for (const job of this.#urgent) dueMs = Math.min(dueMs, job.notBeforeMs());
    for (const job of this.#background) dueMs = Math.min(dueMs, job.notBeforeMs());
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
