import { readFileSync } from 'node:fs';
import type { Clock } from '@hallhub/shared';
import type { WireClock } from '@hallhub/shared/wire';
import { desc, eq, lt } from 'drizzle-orm';
import type { Logger } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import { clockSegment } from '../store/schema.js';
import { OffsetSamples } from './offset-samples.js';

/** The wall clock jumped when it moved this far against the monotonic clock. */
const jumpMs = 1_000;
/** What the unit's clock may be off and still be believed. */
const trustedOffsetMs = 2_000;
/** An offset that crept so far from what this segment's rows were told is a new segment's. */
const driftMs = 1_000;
/** Nobody runs this software before or after. */
const plausible = { from: Date.UTC(2025, 0, 1), to: Date.UTC(2100, 0, 1) };

/** Why the clock is believed or not. */
export type ClockReason = 'not_compared' | 'agrees' | 'off' | 'cloud_disagrees' | 'implausible';

export interface ClockSegmentsOptions {
  readonly hub: StoreFile;
  readonly clock: Clock;
  readonly bootId: string;
  readonly logger: Logger;
  /** Asked when this table is empty: rows of a file that outlived it may refer to segments up to this one. */
  readonly highestUsed?: () => number;
  /** Names this run of the kernel, whose monotonic clock outlives the agent. */
  readonly kernelBootId?: string;
  /** Time since boot, sleep included, which the monotonic clock leaves out; asked only when the two clocks part. */
  readonly bootTimeMs?: () => number;
}

interface Segment {
  readonly offsetMs: number | null;
  readonly state: 'trusted' | 'untrusted';
}

/** docs/protocol.md 1.4: runs of time in which the wall clock did not jump, and what each is off from the server's. */
export class ClockSegments {
  readonly #options: ClockSegmentsOptions;
  readonly #known = new Map<number, Segment>();
  #current = 0;
  #wallMinusMonoMs = 0;
  readonly #samples: OffsetSamples;
  /** Boot time less monotonic time: grows by what the machine slept. */
  #sleptMs = 0;
  /** Whether the server was heard in this segment; until then its offset is reckoned from the segment before and the jump. */
  #isCompared = false;
  readonly #listeners = new Set<(jumpMs: number) => void>();

  constructor(options: ClockSegmentsOptions) {
    this.#options = options;
    this.#samples = new OffsetSamples(options.clock);
    this.#sleptMs = this.#sleep();
    const last = options.hub.orm.select().from(clockSegment).orderBy(desc(clockSegment.segment)).limit(1).get();
    this.#wallMinusMonoMs = this.#difference();
    const continues =
      last &&
      last.kernelBootId === this.#kernelBootId() &&
      last.kernelBootId !== '' &&
      Math.abs(last.wallMinusMonoMs - this.#kernelDifference()) < jumpMs;
    if (continues) {
      this.#current = last.segment;
      this.#known.set(last.segment, { offsetMs: last.offsetMs, state: last.state });
      this.#isCompared = last.state === 'trusted';
    } else {
      this.#begin((last?.segment ?? options.highestUsed?.() ?? 0) + 1);
    }
  }

  get current(): number {
    return this.#current;
  }

  /** What the clock is off, learned or reckoned from the last jump; null: not known. Looks for a jump first. */
  get offsetMs(): number | null {
    return this.wire(this.check()).offsetMs;
  }

  /** As rows of this segment are sent. */
  wire(segment: number = this.#current): WireClock {
    let known = this.#known.get(segment);
    if (!known) {
      const row = this.#options.hub.orm.select().from(clockSegment).where(eq(clockSegment.segment, segment)).get();
      known = row ? { offsetMs: row.offsetMs, state: row.state } : { offsetMs: null, state: 'untrusted' };
      this.#known.set(segment, known);
    }
    return { segment, offsetMs: known.offsetMs, state: known.state };
  }

  /** Looks whether the wall clock jumped; called before every append and every second. */
  check(): number {
    const difference = this.#difference();
    const moved = difference - this.#wallMinusMonoMs;
    if (Math.abs(moved) > jumpMs) {
      this.#wallMinusMonoMs = difference;
      const sleptMs = this.#sleep();
      const asleepMs = sleptMs - this.#sleptMs;
      this.#sleptMs = sleptMs;
      this.#samples.forget();
      if (asleepMs > jumpMs && Math.abs(moved - asleepMs) <= jumpMs) {
        // The machine slept and the wall clock went on, as it should: what was known of it holds.
        this.#options.logger.info({ asleepMs: Math.round(asleepMs) }, 'the machine slept');
        return this.#current;
      }
      // The monotonic clock knows how far it jumped: rows of a hall without a line are corrected too.
      const before = this.wire().offsetMs;
      this.#begin(this.#current + 1, before === null ? null : Math.round(before - moved));
      this.#options.logger.warn({ jumpMs: Math.round(moved), segment: this.#current }, 'the wall clock jumped');
      for (const listener of this.#listeners) listener(moved);
    }
    return this.#current;
  }

  onJump(listener: (jumpMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Why the clock is believed or not, for people. */
  get reason(): ClockReason {
    const now = this.#options.clock.now();
    const { offsetMs, state } = this.wire();
    if (offsetMs === null || !this.#isCompared)
      return now < plausible.from || now > plausible.to ? 'implausible' : 'not_compared';
    if (state === 'trusted') return 'agrees';
    return this.#samples.spreadMs > trustedOffsetMs ? 'cloud_disagrees' : 'off';
  }

  /**
   * The server's time came in an answer that took `roundTripMs`. Of the last answers the quick ones count, and of those the median: one slow
   * answer, or one cloud process with a wrong clock, moves nothing. What is known is moved halfway towards it, so that corrected times do not leap.
   */
  learn(serverTime: number, roundTripMs: number): void {
    const estimate = this.#samples.add(serverTime + roundTripMs / 2 - this.#wall(), roundTripMs);
    const before = this.#known.get(this.check());
    const known = before?.offsetMs ?? null;
    const parted = known === null ? 0 : Math.abs(estimate - known);
    if (known !== null && parted > driftMs && this.#samples.isSettled) {
      // It crept away without a jump: earlier rows keep what was true for them.
      const kept = this.#samples.take();
      this.#begin(this.#current + 1);
      this.#samples.give(kept);
      this.#note(Math.round(estimate), before);
      return;
    }
    const isFirst = known === null || !this.#samples.isSettled;
    this.#note(Math.round(isFirst ? estimate : known + (estimate - known) / 2), before);
  }

  #note(offsetMs: number, before: Segment | undefined): void {
    this.#isCompared = true;
    const agrees = Math.abs(offsetMs) <= trustedOffsetMs && this.#samples.spreadMs <= trustedOffsetMs;
    const state = agrees ? 'trusted' : 'untrusted';
    this.#known.set(this.#current, { offsetMs, state });
    if (before?.state === state && Math.abs((before.offsetMs ?? Number.POSITIVE_INFINITY) - offsetMs) < 50) return;
    const segment = this.#current;
    void this.#options.hub.commit
      .write((tx) =>
        tx.db
          .prepare('UPDATE clock_segment SET offset_ms = ?, state = ? WHERE segment = ?')
          .run(offsetMs, state, segment),
      )
      .catch((error) => this.#options.logger.warn({ error: String(error) }, 'clock offset not stored'));
  }

  /** The wall clock, after a look whether it jumped. */
  #wall(): number {
    this.check();
    return this.#options.clock.now();
  }

  #sleep(): number {
    const { bootTimeMs, clock } = this.#options;
    return bootTimeMs ? bootTimeMs() - clock.monotonicMs() : 0;
  }

  /** Forgets segments below this one: no row that is still here refers to them. */
  forgetBelow(segment: number): void {
    this.#options.hub.orm
      .delete(clockSegment)
      .where(lt(clockSegment.segment, Math.min(segment, this.#current)))
      .run();
    for (const known of this.#known.keys()) if (known < segment && known !== this.#current) this.#known.delete(known);
  }

  #begin(segment: number, offsetMs: number | null = null): void {
    this.#current = segment;
    this.#isCompared = false;
    this.#samples.forget();
    this.#known.set(segment, { offsetMs, state: 'untrusted' });
    const { hub, clock, bootId } = this.#options;
    const values = {
      segment,
      bootId,
      kernelBootId: this.#kernelBootId(),
      wallMinusMonoMs: this.#kernelDifference(),
      startedAt: clock.now(),
      offsetMs,
      state: 'untrusted' as const,
    };
    // At once: rows of this segment must not reach the disk before it.
    hub.orm.insert(clockSegment).values(values).onConflictDoUpdate({ target: clockSegment.segment, set: values }).run();
  }

  #difference(): number {
    return this.#options.clock.now() - this.#options.clock.monotonicMs();
  }

  /** Against the kernel's monotonic clock, which a restart of the agent does not begin anew. */
  #kernelDifference(): number {
    return this.#options.clock.now() - Number(process.hrtime.bigint() / 1_000_000n);
  }

  #kernelBootId(): string {
    if (this.#options.kernelBootId !== undefined) return this.#options.kernelBootId;
    try {
      return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    } catch {
      return '';
    }
  }
}
