import {
  type Block,
  type Cut,
  cutsOf,
  endOf,
  mayJoin,
  type PlanOptions,
  planBlocks,
  type Span,
} from './block-planner.js';
import type { DecodedBlock } from './decode-block.js';
import { LearnedMap } from './learned-map.js';
import type { Point } from './point.js';

/** Points with one interval that are read together. */
export interface PollBlock extends Block<Point> {
  readonly everyMs: number;
  nextDueMs: number;
  /** What the last read gave. */
  decoded: DecodedBlock | undefined;
  /** Refusals in a row that may pass (busy, failure). */
  refusals: number;
}

/** One request: a block, and other blocks that are due too and fit into the same read. */
export interface PollRead extends Block<Point> {
  readonly blocks: readonly PollBlock[];
}

/**
 * What one device is asked and when. Blocks are as few as its profile and its refusals allow; the block that is nearest to
 * missing its interval comes first, and takes along what else is due and fits.
 */
export class PollPlan {
  #blocks: PollBlock[] = [];
  #nextDueMs = Number.POSITIVE_INFINITY;
  readonly #learned = new LearnedMap<Point>();

  constructor(
    private readonly points: readonly Point[],
    private readonly options: Pick<PlanOptions, 'maxGap' | 'maxBlock' | 'holes'>,
  ) {
    this.#replan(0);
  }

  get blocks(): readonly PollBlock[] {
    return this.#blocks;
  }

  /** Points that the device refuses even when read alone. */
  get refused(): readonly Point[] {
    return [...this.#learned.lacking.keys()];
  }

  /** How reads are joined, as far as is known now. */
  get planOptions(): PlanOptions {
    const { lacking, seams } = this.#learned;
    const { holes = [] } = this.options;
    return { ...this.options, seams, holes: lacking.size > 0 ? [...holes, ...lacking.keys()] : holes };
  }

  nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** What to ask now; undefined: nothing is due. */
  next(nowMs: number): PollRead | undefined {
    if (this.#learned.nextTryMs() <= nowMs) {
      this.#learned.trySeams(nowMs);
      this.#replan(nowMs);
    }
    let first: PollBlock | undefined;
    for (const block of this.#blocks) {
      if (block.nextDueMs > nowMs) continue;
      if (!first || block.nextDueMs + block.everyMs < first.nextDueMs + first.everyMs) first = block;
    }
    return first && this.#takeAlong(first, nowMs);
  }

  /** Sets the next due times. True when the bus could not keep up with an interval. */
  done(read: PollRead, nowMs: number): boolean {
    const lacked = this.#learned.lacking.size;
    this.#learned.readWell(read, read.points);
    let late = false;
    for (const block of read.blocks) {
      block.refusals = 0;
      const nextMs = block.nextDueMs + block.everyMs;
      if (nextMs < nowMs) late = true;
      block.nextDueMs = Math.max(nextMs, nowMs);
    }
    // A register that was lacking is there: it may join its neighbours.
    if (this.#learned.lacking.size < lacked) this.#replan(nowMs);
    else this.#refreshDue();
    return late;
  }

  postpone(read: PollRead, untilMs: number): void {
    for (const block of read.blocks) block.nextDueMs = untilMs;
    this.#refreshDue();
  }

  /** The device has no such address, or takes no read of this length: the read is cut where that is most likely the fault. */
  refuse(read: PollRead, nowMs: number, why: 'address' | 'length' = 'address'): void {
    if (!this.#learned.refusedTry(read, nowMs)) {
      const cut = chooseCut(cutsOf(read), read.points.length, why);
      if (cut) this.#learned.addSeam(read.table, cut.address, nowMs);
      else for (const point of read.points) this.#learned.lacks(point, nowMs);
    }
    this.#replan(nowMs);
  }

  /** The device cannot read this table at all. */
  refuseTable(read: PollRead, nowMs: number): void {
    for (const point of read.points) this.#learned.lacks(point, nowMs);
    this.#replan(nowMs);
  }

  /** Everything is due now, as after an outage. What was learned stays. */
  restart(nowMs: number): void {
    for (const block of this.#blocks) if (!this.#learned.lacking.has(block.points[0] as Point)) block.nextDueMs = nowMs;
    this.#refreshDue();
  }

  #takeAlong(first: PollBlock, nowMs: number): PollRead {
    const blocks = [first];
    let span: Span = first;
    // Few devices have points of several paces; blocks of one pace were joined when they were planned.
    for (const block of this.#blocks) {
      if (block === first || block.nextDueMs > nowMs || block.everyMs === first.everyMs) continue;
      const [low, high] = block.address < span.address ? [block, span] : [span, block];
      if (!mayJoin(low, high, this.planOptions)) continue;
      span = { table: low.table, address: low.address, count: Math.max(endOf(low), endOf(high)) - low.address };
      blocks.push(block);
    }
    const { table, address, count } = span;
    return {
      table,
      address,
      count,
      blocks,
      points: blocks.length === 1 ? first.points : blocks.flatMap((one) => one.points),
    };
  }

  #replan(nowMs: number): void {
    const known = new Map<Point, PollBlock>();
    for (const block of this.#blocks) for (const point of block.points) known.set(point, block);
    const { lacking } = this.#learned;
    const byPace = new Map<number, Point[]>();
    for (const point of this.points) {
      if (lacking.has(point)) continue;
      const pace = byPace.get(point.everyMs);
      if (pace) pace.push(point);
      else byPace.set(point.everyMs, [point]);
    }
    const options = this.planOptions;
    const planned = [...byPace].flatMap(([everyMs, points]) =>
      planBlocks(points, options).map((block) => {
        const before = block.points.map((point) => known.get(point));
        const dueMs = Math.min(...before.map((one) => one?.nextDueMs ?? nowMs));
        const same = before[0]?.points.length === block.points.length && before.every((one) => one === before[0]);
        const [decoded, refusals] = same ? [before[0]?.decoded, before[0]?.refusals ?? 0] : [undefined, 0];
        return { ...block, everyMs, nextDueMs: dueMs, refusals, decoded };
      }),
    );
    const alone = [...lacking].map(([point, { retryAtMs = nowMs }]) => ({
      table: point.table,
      address: point.address,
      count: point.count,
      points: [point],
      everyMs: point.everyMs,
      nextDueMs: retryAtMs,
      refusals: 0,
      decoded: undefined,
    }));
    this.#blocks = [...planned, ...alone];
    this.#refreshDue();
  }

  #refreshDue(): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const block of this.#blocks) if (block.nextDueMs < dueMs) dueMs = block.nextDueMs;
    this.#nextDueMs = dueMs;
  }
}

/** Registers that nobody needs are the likeliest to be missing; without any, halving finds the fault soonest. */
const chooseCut = (cuts: readonly Cut[], points: number, why: 'address' | 'length'): Cut | undefined => {
  const offCentre = (cut: Cut) => Math.abs(cut.before - points / 2);
  const byGap = (a: Cut, b: Cut) => (why === 'address' ? b.gap - a.gap : 0);
  return [...cuts].sort((a, b) => byGap(a, b) || offCentre(a) - offCentre(b))[0];
};
