import { readFileSync } from 'node:fs';
import type { Clock } from '@hallhub/shared';
import type { WireClock } from '@hallhub/shared/wire';
import { desc, eq, lt } from 'drizzle-orm';
import type { Logger } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import { clockSegment } from '../store/schema.js';

/** The wall clock jumped when it moved this far against the monotonic clock. */
const jumpMs = 1_000;
/** What the unit's clock may be off and still be believed. */
const trustedOffsetMs = 2_000;

export interface ClockSegmentsOptions {
  readonly hub: StoreFile;
  readonly clock: Clock;
  readonly bootId: string;
  readonly logger: Logger;
  /** Asked when this table is empty: rows of a file that outlived it may refer to segments up to this one. */
  readonly highestUsed?: () => number;
  /** Names this run of the kernel, whose monotonic clock outlives the agent. */
  readonly kernelBootId?: string;
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
  #errorMs = Number.POSITIVE_INFINITY;
  #learnedAtMonoMs = 0;
  /** Until the server is heard: what the last segment knew, less the jump since. */
  #estimateMs: number | null = null;
  readonly #listeners = new Set<(jumpMs: number) => void>();

  constructor(options: ClockSegmentsOptions) {
    this.#options = options;
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
    } else {
      this.#begin((last?.segment ?? options.highestUsed?.() ?? 0) + 1);
    }
  }

  get current(): number {
    return this.#current;
  }

  /** What the clock is off, learned or reckoned from the last jump; null: not known. Looks for a jump first. */
  get offsetMs(): number | null {
    return this.wire(this.check()).offsetMs ?? this.#estimateMs;
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
      const before = this.wire().offsetMs ?? this.#estimateMs;
      this.#estimateMs = before === null ? null : before - moved;
      this.#begin(this.#current + 1);
      this.#options.logger.warn({ jumpMs: Math.round(moved), segment: this.#current }, 'the wall clock jumped');
      for (const listener of this.#listeners) listener(moved);
    }
    return this.#current;
  }

  onJump(listener: (jumpMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The server's time came in an answer that took `roundTripMs`; the surest answer of the last ten minutes counts. */
  learn(serverTime: number, roundTripMs: number): void {
    this.check();
    const errorMs = roundTripMs / 2;
    const monoMs = this.#options.clock.monotonicMs();
    if (errorMs > this.#errorMs && monoMs - this.#learnedAtMonoMs < 600_000) return;
    const offsetMs = Math.round(serverTime + errorMs - this.#options.clock.now());
    this.#errorMs = errorMs;
    this.#learnedAtMonoMs = monoMs;
    const state = Math.abs(offsetMs) <= trustedOffsetMs ? 'trusted' : 'untrusted';
    const before = this.#known.get(this.#current);
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

  /** Forgets segments below this one: no row that is still here refers to them. */
  forgetBelow(segment: number): void {
    this.#options.hub.orm
      .delete(clockSegment)
      .where(lt(clockSegment.segment, Math.min(segment, this.#current)))
      .run();
    for (const known of this.#known.keys()) if (known < segment && known !== this.#current) this.#known.delete(known);
  }

  #begin(segment: number): void {
    this.#current = segment;
    this.#errorMs = Number.POSITIVE_INFINITY;
    this.#known.set(segment, { offsetMs: null, state: 'untrusted' });
    const { hub, clock, bootId } = this.#options;
    const values = {
      segment,
      bootId,
      kernelBootId: this.#kernelBootId(),
      wallMinusMonoMs: this.#kernelDifference(),
      startedAt: clock.now(),
      offsetMs: null,
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
