import type { Clock } from '@hallhub/shared';
import { type Lane, laneNames } from '@hallhub/shared/wire';
import type { Logger } from '../ports/index.js';
import type { GroupCommit } from '../store/index.js';
import type { LaneStore } from './lane.js';

export interface LaneKeeperOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lane: (name: Lane) => LaneStore;
  readonly commitOf: (name: Lane) => GroupCommit;
  /** More rows can be sent. */
  readonly onChained: (name: Lane) => void;
}

/** What one share of the work may hold the process up, beside its commit. */
const shareMs = 8;
const firstShareRows = 200;
const retryMs = 5_000;

/**
 * Work on a lane that is too much for one transaction: rows of a new epoch get their chain, acknowledged rows are deleted.
 * In shares of a few milliseconds; what is done is on disk with each, so that a restart goes on there.
 */
export class LaneKeeper {
  readonly #options: LaneKeeperOptions;
  readonly #busy = new Set<Lane>();
  readonly #share: Record<Lane, number>;

  constructor(options: LaneKeeperOptions) {
    this.#options = options;
    this.#share = Object.fromEntries(laneNames.map((lane) => [lane, firstShareRows])) as Record<Lane, number>;
  }

  /** There may be something to do. */
  look(lane: Lane): void {
    const store = this.#options.lane(lane);
    if (this.#busy.has(lane) || (store.unchained === 0 && !store.unswept)) return;
    this.#busy.add(lane);
    void this.#work(lane);
  }

  async #work(lane: Lane): Promise<void> {
    const { clock, logger, commitOf, lane: laneOf, onChained } = this.#options;
    const commit = commitOf(lane);
    const [store, total, startedMs] = [laneOf(lane), laneOf(lane).unchained, clock.monotonicMs()];
    try {
      while (await commit.write((tx) => this.#step(lane, tx))) if (store.unchained < total) onChained(lane);
      if (total > 0) {
        onChained(lane);
        const tookMs = Math.round(clock.monotonicMs() - startedMs);
        logger.info({ lane, epoch: store.epoch, rows: total, tookMs }, 'the new epoch is complete');
      }
      this.#busy.delete(lane);
      this.look(lane);
    } catch (error) {
      this.#busy.delete(lane);
      if (commit.closed) return;
      logger.error({ lane, error: String(error) }, 'a lane could not be put in order; it is tried again');
      clock.setTimeout(() => !commit.closed && this.look(lane), retryMs);
    }
  }

  /** True: there is more. */
  #step(lane: Lane, tx: Parameters<Parameters<GroupCommit['write']>[0]>[0]): boolean {
    const store = this.#options.lane(lane);
    const startedMs = performance.now();
    const moreChain = store.chainMore(tx, this.#share[lane], this.#options.clock.now());
    const tookMs = performance.now() - startedMs;
    // Towards the time it may take; a share that grew too slow is halved at once.
    const factor = Math.min(1.5, Math.max(0.5, shareMs / Math.max(0.5, tookMs)));
    if (moreChain) this.#share[lane] = Math.round(Math.min(4_000, Math.max(20, this.#share[lane] * factor)));
    return moreChain || store.sweep(tx);
  }
}
