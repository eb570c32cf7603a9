import type { Clock } from '@hallhub/shared';

export interface MotionLeaseOptions<Speed> {
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  /** The camera is to end it by itself after `forMs`: nobody may be here to end it. */
  readonly begin: (speed: Speed, forMs: number) => Promise<void>;
  readonly end: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** What the camera is told; said again while it goes on, well before that is over. */
const tellForMs = 3_000;
const tellEveryMs = 1_500;
const endTries = 5;
const endAgainMs = 300;
/** Then said to be so, and tried on: the line to a camera that turns and turns may come back. */
const stubbornEveryMs = 5_000;
const stubbornTries = 60;
/** While the unit stops. */
const closeWithinMs = 4_000;

/**
 * What moves as long as somebody says so. The newest word counts, older ones that the camera had no time for are left out; when
 * the words stop it is ended, tried again where that fails.
 */
export class MotionLease<Speed> {
  readonly #options: MotionLeaseOptions<Speed>;
  readonly #key: (speed: Speed) => string;
  #wanted: { speed: Speed; untilMs: number } | undefined;
  #running: Promise<void> | undefined;
  #wake = new AbortController();
  #closing = false;
  /** Until it is told anything else. */
  #stubborn = new AbortController();

  constructor(options: MotionLeaseOptions<Speed>) {
    this.#options = options;
    this.#key = (speed) => JSON.stringify(speed);
  }

  get isMoving(): boolean {
    return this.#running !== undefined;
  }

  /** Until it is said again, or for `holdMs`. */
  want(speed: Speed, holdMs: number): void {
    if (this.#closing) return;
    this.leave();
    const isNew = this.#key(speed) !== (this.#wanted && this.#key(this.#wanted.speed));
    this.#wanted = { speed, untilMs: this.#options.clock.monotonicMs() + holdMs };
    if (isNew) this.#wake.abort();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Something else is told to the camera, which ends what it does: no stop may come into it. */
  leave(): void {
    this.#stubborn.abort();
  }

  /** Resolves when it stands, or cannot be stopped. */
  async stop(): Promise<void> {
    this.#wanted = undefined;
    this.#wake.abort();
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.leave();
    const enough = new AbortController();
    const limit = this.#options.clock.sleep(closeWithinMs, enough.signal).catch(() => undefined);
    await Promise.race([this.stop(), limit]);
    enough.abort();
  }

  async #run(): Promise<void> {
    const { clock, begin, onFailure } = this.#options;
    let told: { key: string; atMs: number } | undefined;
    for (;;) {
      this.#wake = new AbortController();
      const wanted = this.#wanted;
      const nowMs = clock.monotonicMs();
      if (!wanted || nowMs >= wanted.untilMs) {
        this.#wanted = undefined;
        await this.#end();
        if (this.#wanted === undefined) return;
        told = undefined;
        continue;
      }
      const key = this.#key(wanted.speed);
      if (told?.key !== key || nowMs - told.atMs >= tellEveryMs) {
        told = { key, atMs: nowMs };
        try {
          await begin(wanted.speed, tellForMs);
        } catch (error) {
          // It may have heard it all the same: it is ended whatever it said.
          this.#wanted = undefined;
          onFailure(error);
        }
        continue;
      }
      const waitMs = Math.min(wanted.untilMs, told.atMs + tellEveryMs) - nowMs;
      await clock.sleep(Math.max(1, waitMs), this.#wake.signal).catch(() => undefined);
    }
  }

  async #end(): Promise<void> {
    const { clock, end, onFailure } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return await end();
      } catch (error) {
        if (tries >= endTries) {
          if (!this.#closing && this.#wanted === undefined) void this.#endStubbornly();
          return onFailure(error);
        }
        await clock.sleep(endAgainMs * tries).catch(() => undefined);
      }
    }
  }

  async #endStubbornly(): Promise<void> {
    const { clock, end } = this.#options;
    this.#stubborn = new AbortController();
    const { signal } = this.#stubborn;
    for (let tries = 0; tries < stubbornTries; tries++) {
      try {
        await clock.sleep(stubbornEveryMs, signal);
      } catch {
        return;
      }
      const hasEnded = await end().then(
        () => true,
        () => false,
      );
      if (hasEnded) return;
    }
  }
}
