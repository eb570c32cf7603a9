export interface CameraEvent {
  readonly topic: string;
  /** Source items: which rule, input, relay or video source. */
  readonly about: Readonly<Record<string, string>>;
  /** Data items. */
  readonly items: Readonly<Record<string, string>>;
  readonly at: number;
  readonly operation: 'Initialized' | 'Changed';
}

interface Subscription {
  readonly queue: CameraEvent[];
  until: number;
  wake: (() => void) | undefined;
}

const maxQueued = 100;
const maxSubscriptions = 10;
const maxStates = 100;

/** The pull points of a camera. A new one is told the last state of each subject first, as the standard says. */
export class EventQueues {
  readonly #now: () => number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #last = new Map<string, CameraEvent>();
  #nextId = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  get count(): number {
    this.#expire();
    return this.#subscriptions.size;
  }

  /** Undefined where there are too many already. */
  subscribe(lifeMs: number): { id: string; until: number } | undefined {
    this.#expire();
    if (this.#subscriptions.size >= maxSubscriptions) return undefined;
    const id = String(this.#nextId++);
    const until = this.#now() + lifeMs;
    const queue = [...this.#last.values()].map((event) => ({ ...event, operation: 'Initialized' as const }));
    this.#subscriptions.set(id, { queue, until, wake: undefined });
    return { id, until };
  }

  /** When it ends now; undefined for one that is not known (any more). */
  renew(id: string, lifeMs: number): number | undefined {
    this.#expire();
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return undefined;
    subscription.until = this.#now() + lifeMs;
    return subscription.until;
  }

  unsubscribe(id: string): boolean {
    this.#subscriptions.get(id)?.wake?.();
    return this.#subscriptions.delete(id);
  }

  dropSubscriptions(): void {
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
  }

  /** The clock was set: what ends at a time of it ends as much later or earlier. */
  shift(byMs: number): void {
    for (const subscription of this.#subscriptions.values()) subscription.until += byMs;
  }

  tell(event: Omit<CameraEvent, 'at' | 'operation'>): void {
    const full = { ...event, at: this.#now(), operation: 'Changed' as const };
    const subject = JSON.stringify([event.topic, event.about]);
    if (this.#last.has(subject) || this.#last.size < maxStates) this.#last.set(subject, full);
    for (const { queue, wake } of this.#subscriptions.values()) {
      queue.push(full);
      if (queue.length > maxQueued) queue.shift();
      wake?.();
    }
  }

  /** Waits up to `timeoutMs` for messages; undefined when the subscription is not known (expired, or the camera restarted). */
  async pull(
    id: string,
    timeoutMs: number,
    limit: number,
  ): Promise<{ events: CameraEvent[]; until: number } | undefined> {
    this.#expire();
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return undefined;
    if (subscription.queue.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        subscription.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      subscription.wake = undefined;
    }
    if (!this.#subscriptions.has(id)) return undefined;
    return { events: subscription.queue.splice(0, limit), until: subscription.until };
  }

  #expire(): void {
    for (const [id, { until }] of this.#subscriptions) if (until < this.#now()) this.unsubscribe(id);
  }
}
