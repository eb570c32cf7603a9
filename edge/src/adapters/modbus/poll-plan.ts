import { type Block, gapsOf, planBlocks, type Span } from './block-planner.js';
import type { DecodedBlock } from './decode-block.js';
import type { Point } from './point.js';

export interface PollBlock extends Block<Point> {
  readonly everyMs: number;
  nextDueMs: number;
  /** What the last read gave. */
  decoded: DecodedBlock | undefined;
  /** Refusals in a row that may pass (busy, failure). */
  refusals: number;
}

export interface PollPlanOptions {
  readonly maxGap: number;
  readonly maxBlock: number;
}

/** A point that the device refuses on its own is asked for again this rarely. */
const refusedPointEveryMs = 300_000;

/** The blocks of one device and when they are due. Learns from refusals which registers must not be touched. */
export class PollPlan {
  #blocks: PollBlock[] = [];
  readonly #holes: Span[] = [];
  readonly #refused = new Set<Point>();

  constructor(
    private readonly points: readonly Point[],
    private readonly options: PollPlanOptions,
  ) {
    this.#replan(0);
  }

  get blocks(): readonly PollBlock[] {
    return this.#blocks;
  }

  /** Points that the device refuses even when read alone. */
  get refused(): ReadonlySet<Point> {
    return this.#refused;
  }

  nextDueMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const block of this.#blocks) if (block.nextDueMs < dueMs) dueMs = block.nextDueMs;
    return dueMs;
  }

  /** The most overdue block. */
  mostDue(): PollBlock | undefined {
    let best: PollBlock | undefined;
    for (const block of this.#blocks) if (!best || block.nextDueMs < best.nextDueMs) best = block;
    return best;
  }

  /** Sets the next due time. True when the bus could not keep up with the interval. */
  done(block: PollBlock, nowMs: number): boolean {
    block.refusals = 0;
    for (const point of block.points) this.#refused.delete(point);
    const nextMs = block.nextDueMs + block.everyMs;
    const late = nextMs < nowMs;
    block.nextDueMs = late ? nowMs : nextMs;
    return late;
  }

  postpone(block: PollBlock, untilMs: number): void {
    block.nextDueMs = untilMs;
  }

  /**
   * The device has no such address. A block with unused registers gives those up, one of many points is halved,
   * a point alone is refused for good and asked for rarely.
   */
  illegalAddress(block: PollBlock, nowMs: number): void {
    const gaps = gapsOf(block);
    if (gaps.length > 0) {
      this.#holes.push(...gaps);
    } else if (block.points.length > 1) {
      const middle = Math.floor(block.points.length / 2);
      const parts = [block.points.slice(0, middle), block.points.slice(middle)];
      this.#blocks = this.#blocks.flatMap((one) =>
        one === block ? parts.flatMap((part) => this.#plan(part, nowMs)) : [one],
      );
      return;
    } else {
      for (const point of block.points) this.#refused.add(point);
      block.nextDueMs = nowMs + Math.max(block.everyMs, refusedPointEveryMs);
      return;
    }
    const parts = this.#plan(block.points, nowMs);
    this.#blocks = this.#blocks.flatMap((one) => (one === block ? parts : [one]));
  }

  /** Everything is due now, as after an outage. */
  restart(nowMs: number): void {
    this.#replan(nowMs);
  }

  #replan(nowMs: number): void {
    this.#blocks = this.#plan(this.points, nowMs);
  }

  #plan(points: readonly Point[], nowMs: number): PollBlock[] {
    const byInterval = new Map<number, Point[]>();
    for (const point of points) byInterval.set(point.everyMs, [...(byInterval.get(point.everyMs) ?? []), point]);
    return [...byInterval].flatMap(([everyMs, some]) =>
      planBlocks(some, { ...this.options, holes: this.#holes }).map((block) => ({
        ...block,
        everyMs,
        nextDueMs: nowMs,
        refusals: 0,
        decoded: undefined,
      })),
    );
  }
}
