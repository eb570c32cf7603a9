import type { Clock } from '@hallhub/shared';

/** This much without one frame, for this long, is no disturbance any more. */
const enoughBytes = 64;
const enoughMs = 10_000;

/** Counts what comes over a line and makes no frame: a wrong baud rate looks just so. */
export class GarbageWatch {
  #bytes = 0;
  #sinceMs: number | undefined;

  constructor(
    private readonly clock: Clock,
    /** Called again and again while it lasts; whoever hears it limits how often it is told. */
    private readonly tell: (bytes: number) => void,
  ) {}

  /** Bytes since the last good frame. */
  get bytes(): number {
    return this.#bytes;
  }

  /** So much for so long, that it is no disturbance. */
  get lasts(): boolean {
    const sinceMs = this.#sinceMs;
    return sinceMs !== undefined && this.#bytes >= enoughBytes && this.clock.monotonicMs() - sinceMs >= enoughMs;
  }

  good(): void {
    this.#bytes = 0;
    this.#sinceMs = undefined;
  }

  garbage(bytes: number): void {
    this.#sinceMs ??= this.clock.monotonicMs();
    this.#bytes += bytes;
    if (this.lasts) this.tell(this.#bytes);
  }
}
