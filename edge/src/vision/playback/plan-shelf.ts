import type { Clock, Timer } from '@hallhub/shared';
import type { DownloadPlan } from '../recording/index.js';

interface Kept {
  readonly plan: DownloadPlan;
  timer: Timer;
}

/** Each holds files of the ring open, and with them their space on the disk. */
const most = 4;
const keepMs = 120_000;

/** Planned files while somebody fetches them; one that nobody asked of for two minutes, or that is one too many, is let go. */
export class PlanShelf {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#kept.size;
  }

  async keep(plan: DownloadPlan): Promise<void> {
    const id = plan.answer.plan;
    this.#kept.set(id, { plan, timer: this.#later(id) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > most && oldest !== undefined) await this.#drop(oldest);
  }

  /** The longer from now. */
  get(id: string): DownloadPlan | undefined {
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    kept.timer.cancel();
    this.#kept.delete(id);
    this.#kept.set(id, { plan: kept.plan, timer: this.#later(id) });
    return kept.plan;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((id) => this.#drop(id)));
  }

  #later(id: string): Timer {
    return this.#clock.setTimeout(() => void this.#drop(id), keepMs);
  }

  async #drop(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    kept.timer.cancel();
    await kept.plan[Symbol.asyncDispose]();
  }
}
