import type { IntakeDeps } from './intake-deps.js';

/** What could not be done is let be for a while, so that a few do not stand before all others. Bounded: the oldest go first. */
export class LetBe {
  readonly #untilMs = new Map<string, number>();

  constructor(
    private readonly clock: IntakeDeps['clock'],
    private readonly most = 5_000,
  ) {}

  get ids(): string[] {
    const nowMs = this.clock.monotonicMs();
    for (const [id, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(id);
    return [...this.#untilMs.keys()];
  }

  add(id: string, forMs: number): void {
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size >= this.most && oldest !== undefined) this.#untilMs.delete(oldest);
    this.#untilMs.set(id, this.clock.monotonicMs() + forMs);
  }
}
