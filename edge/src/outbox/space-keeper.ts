import { type Clock, isHubError } from '@hallhub/shared';
import type { Lane } from '@hallhub/shared/wire';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import type { Outbox } from './outbox.js';

export interface SpaceKeeperOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** With less free space on the disk, the oldest telemetry is given up. */
  readonly minFreeBytes: number;
  /** Of the data folder's file system; undefined where it cannot be read. */
  readonly freeBytes: () => Promise<number | undefined>;
  /** Lets the oldest files of evidence go, so many bytes of them: after telemetry, before events. Gives how many went. */
  readonly giveUpEvidence?: (bytes: number) => Promise<number>;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

export interface SpaceStatus {
  readonly state: 'unknown' | 'enough' | 'low' | 'exhausted';
  readonly freeBytes: number | undefined;
  readonly minFreeBytes: number;
  /** What the unit's own two files take. */
  readonly fileBytes: number;
  /** Since the start: rows and bytes given up for space, and bytes given back to the file system. */
  readonly thinnedRows: number;
  readonly thinnedBytes: number;
  readonly givenBackBytes: number;
}

/** Bulk first. Evidence and events go only where the unit could not write at all any more. */
const bulk = ['backlog', 'live'] as const satisfies readonly Lane[];
const precious = ['manifest', 'events'] as const satisfies readonly Lane[];
/** Rows are given up in shares of this size; the disk is measured again after each. */
const shareBytes = 4 * 1024 * 1024;
const pageSlack = 1.25;
const again = 1.1;

/**
 * Keeps room on the disk. What the files hold free is given back before anything is thinned, the disk is measured after each step,
 * and no more is given up than was lacking: freed pages that wait to be given back are not lacking.
 */
export class SpaceKeeper {
  readonly #options: SpaceKeeperOptions;
  #freeBytes: number | undefined;
  #state: SpaceStatus['state'] = 'unknown';
  #thinned = { rows: 0, bytes: 0 };
  #givenBack = 0;
  #looking: Promise<void> | undefined;

  constructor(options: SpaceKeeperOptions) {
    this.#options = options;
  }

  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  get status(): SpaceStatus {
    return {
      state: this.#state,
      freeBytes: this.#freeBytes,
      minFreeBytes: this.#options.minFreeBytes,
      fileBytes: this.#options.store.fileBytes,
      thinnedRows: this.#thinned.rows,
      thinnedBytes: this.#thinned.bytes,
      givenBackBytes: this.#givenBack,
    };
  }

  /** Measures, and makes room where it is lacking. One look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#options.logger.error({ error: String(error) }, 'no room could be made on the disk'))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { store, outbox, minFreeBytes, onFault } = this.#options;
    await this.#measure();
    if (this.#freeBytes === undefined) {
      this.#state = 'unknown';
      return;
    }
    const full = () => store.status.state === 'full';
    if (full() && this.#freeBytes >= minFreeBytes) await store.probe();
    if (!full() && this.#freeBytes >= minFreeBytes) {
      store.takeReserve();
      // Not at the very line: a disk that hovers around it would be told about every minute.
      if (this.#state === 'enough' || this.#state === 'unknown' || this.#freeBytes >= minFreeBytes * again) {
        if (this.#state === 'low' || this.#state === 'exhausted') {
          onFault('disk_enough', `${mebibytes(this.#freeBytes)} MiB are free again`, { freeBytes: this.#freeBytes });
        }
        this.#state = 'enough';
      }
      return;
    }
    const before = { free: this.#freeBytes, given: this.#givenBack, ...this.#thinned };
    outbox.holdBulk(full());
    try {
      await this.#giveBack();
      await this.#thinUntilEnough(bulk, () => (this.#freeBytes ?? 0) >= minFreeBytes && !full());
      // Events are worth more than anything, but for the room to write the next one.
      await this.#giveUpEvidence(minFreeBytes / 8);
      await this.#thinUntilEnough(precious, () => (this.#freeBytes ?? 0) >= minFreeBytes / 8 && !full());
      if (full()) await store.probe();
    } finally {
      outbox.holdBulk(false);
    }
    if ((this.#freeBytes ?? 0) >= minFreeBytes) store.takeReserve();
    const rows = this.#thinned.rows - before.rows;
    this.#state = (this.#freeBytes ?? 0) >= minFreeBytes ? 'low' : 'exhausted';
    const what = rows === 0 ? 'nothing was given up' : `${rows} of the oldest rows were given up`;
    onFault('disk_low', `only ${mebibytes(before.free)} MiB were free: ${what}`, {
      freeBytes: this.#freeBytes,
      freeBytesBefore: before.free,
      rows,
      bytes: this.#thinned.bytes - before.bytes,
      givenBackBytes: this.#givenBack - before.given,
    });
  }

  async #giveUpEvidence(leastBytes: number): Promise<void> {
    const { giveUpEvidence, logger } = this.#options;
    const missing = leastBytes - (this.#freeBytes ?? 0);
    if (!giveUpEvidence || missing <= 0) return;
    try {
      if ((await giveUpEvidence(missing)) > 0) await this.#measure();
    } catch (error) {
      logger.warn({ error: String(error) }, 'no evidence could be given up');
    }
  }

  async #thinUntilEnough(lanes: readonly Lane[], isEnough: () => boolean): Promise<void> {
    const { outbox, minFreeBytes } = this.#options;
    for (const lane of lanes) {
      // What may still be given up: the rest of the disk's trouble is somebody else's.
      let allowance = Math.max(shareBytes, (minFreeBytes - (this.#freeBytes ?? 0)) * pageSlack);
      while (!isEnough() && allowance > 0) {
        const gone = await this.#thinShare(() => outbox.thinForSpace(lane, shareBytes));
        if (gone.rows === 0) break;
        allowance -= gone.bytes;
        await this.#giveBack();
      }
    }
  }

  /** A share of a few MiB, in transactions of a bounded number of rows. */
  async #thinShare(thin: () => Promise<{ rows: number; bytes: number }>): Promise<{ rows: number; bytes: number }> {
    const sum = { rows: 0, bytes: 0 };
    while (sum.bytes < shareBytes) {
      const gone = await thin().catch(async (error) => {
        // Deleting needs room in the journal: the store gave its reserve up for that, and the next try has it.
        if (!isHubError(error, 'store_full')) throw error;
        await this.#giveBack();
        return thin();
      });
      sum.rows += gone.rows;
      sum.bytes += gone.bytes;
      this.#thinned = { rows: this.#thinned.rows + gone.rows, bytes: this.#thinned.bytes + gone.bytes };
      if (gone.rows === 0) break;
    }
    return sum;
  }

  async #giveBack(): Promise<void> {
    try {
      this.#givenBack += await this.#options.store.giveBackSpace();
    } catch (error) {
      this.#options.logger.warn({ error: String(error) }, 'space could not be given back yet');
    }
    await this.#measure();
  }

  async #measure(): Promise<void> {
    const free = await this.#options.freeBytes();
    // The reserve that was given up is to have its place again: it is not free.
    this.#freeBytes = free === undefined ? undefined : Math.max(0, free - this.#options.store.reserveMissingBytes);
  }
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1_048_576);
