import { type Clock, HubError } from '@hallhub/shared';
import { type Lane, laneNames, type Row } from '@hallhub/shared/wire';
import type { RowTraces } from '../observe/row-traces.js';
import type { Logger } from '../ports/index.js';
import type { GroupCommit, Store, Transaction } from '../store/index.js';
import type { ClockSegments } from './clock-segments.js';
import { EpochNote } from './epoch-note.js';
import { LaneStore, type RowAside, sweepRows, type Thinned } from './lane.js';
import { LaneKeeper } from './lane-keeper.js';

/** Acknowledged rows wait this long for a commit that comes anyway. */
const acknowledgePatienceMs = 500;
/** What one transaction gives up at most beyond the bound itself. */
const maxSweepBytes = 1_048_576;
/** docs/protocol.md 1.4: live rows behind this many wait in the backlog instead. */
const liveBoundRows = 2_000;

export interface LaneLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

export interface Amount {
  rows: number;
  bytes: number;
}

const mebibyte = 1024 * 1024;
export const defaultLaneLimits: Record<Lane, LaneLimits> = {
  events: { maxRows: 1_000_000, maxBytes: 512 * mebibyte },
  live: { maxRows: 20_000, maxBytes: 64 * mebibyte },
  manifest: { maxRows: 200_000, maxBytes: 128 * mebibyte },
  backlog: { maxRows: 5_000_000, maxBytes: 1024 * mebibyte },
};

export interface OutboxOptions {
  readonly store: Store;
  readonly unitId: string;
  readonly clock: Clock;
  readonly segments: ClockSegments;
  readonly logger: Logger;
  readonly limits?: Partial<Record<Lane, LaneLimits>>;
}

/**
 * Rows on their way to the cloud. `append` belongs into the transaction of what caused the row: events and manifests in hub.db,
 * samples in telemetry.db. Each lane is bounded; at its bound the oldest rows go and a gap says so.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #lanes: Record<Lane, LaneStore>;
  readonly #limits: Record<Lane, LaneLimits>;
  readonly #listeners = new Set<(lane: Lane) => void>();
  /** Rows up to here are on the wire and must not be thinned. */
  readonly #pinned: Record<Lane, number> = { events: 0, live: 0, manifest: 0, backlog: 0 };
  readonly #thinned: Record<Lane, number> = { events: 0, live: 0, manifest: 0, backlog: 0 };
  readonly #appended: Record<Lane, Amount> = {
    events: { rows: 0, bytes: 0 },
    live: { rows: 0, bytes: 0 },
    manifest: { rows: 0, bytes: 0 },
    backlog: { rows: 0, bytes: 0 },
  };
  /** Who makes spans of rows; undefined where nobody traces. */
  traces: RowTraces | undefined;
  readonly #telling: Partial<Record<Lane, Transaction>> = {};
  readonly #note: EpochNote;
  readonly #keeper: LaneKeeper;
  #linkUp = false;
  #bulkHeld = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#note = new EpochNote(options.store.dataDir, options.logger);
    this.#limits = { ...defaultLaneLimits, ...options.limits };
    const lane = (name: Lane) => new LaneStore({ lane: name, db: this.commitOf(name).db, unitId: options.unitId });
    this.#lanes = { events: lane('events'), live: lane('live'), manifest: lane('manifest'), backlog: lane('backlog') };
    this.#keeper = new LaneKeeper({
      clock: options.clock,
      logger: options.logger,
      lane: (name) => this.#lanes[name],
      commitOf: (name) => this.commitOf(name),
      onChained: (name) => this.#tell(name),
    });
    for (const name of laneNames) this.#keeper.look(name);
  }

  /** Chains begin with the unit's id: lanes written for another one (enrolled anew, copied) start new epochs. */
  async adopt(unitId: string): Promise<void> {
    await this.#closeLostEpochs();
    for (const lane of laneNames) {
      this.#lanes[lane].setUnit(unitId);
      if (this.#lanes[lane].writtenForAnotherUnit) await this.openNewEpoch(lane, undefined);
    }
    this.#noteEpochs();
  }

  commitOf(lane: Lane): GroupCommit {
    return (lane === 'events' || lane === 'manifest' ? this.#options.store.hub : this.#options.store.telemetry).commit;
  }

  lane(name: Lane): LaneStore {
    return this.#lanes[name];
  }

  get limits(): Readonly<Record<Lane, LaneLimits>> {
    return this.#limits;
  }

  /** Rows thinned since the start, by lane. */
  get thinned(): Readonly<Record<Lane, number>> {
    return this.#thinned;
  }

  /** Appended since the start, by lane. */
  get appended(): Readonly<Record<Lane, Readonly<Amount>>> {
    return this.#appended;
  }

  get appendedBytes(): Readonly<Record<Lane, number>> {
    const { events, live, manifest, backlog } = this.#appended;
    return { events: events.bytes, live: live.bytes, manifest: manifest.bytes, backlog: backlog.bytes };
  }

  append(tx: Transaction, lane: Lane, row: Row): number {
    const store = this.#lanes[lane];
    if ((lane === 'live' || lane === 'backlog') && (this.#bulkHeld || this.#options.store.status.state === 'full')) {
      // What little room there is belongs to events, and to making room.
      throw new HubError('store_full', 'the disk is full: readings are not taken until there is room');
    }
    const bytes = store.bytes;
    const segment = this.#options.segments.check();
    const seq = store.append(tx, row, { now: this.#options.clock.now(), segment });
    // Behind rows that wait for their chain, its own is not known yet: such rows are not traced.
    if (this.traces && store.head.seq === seq) {
      this.traces.appended(lane, { seq, chain: store.head.chain, at: row.at, kind: row.kind });
    }
    const appended = this.#appended[lane];
    appended.rows += 1;
    appended.bytes += store.bytes - bytes;
    tx.beforeCommit(this.#limits[lane], () => this.#keepWithinLimits(tx, lane));
    if (this.#telling[lane] !== tx) {
      this.#telling[lane] = tx;
      tx.onCommit(() => this.#tell(lane));
    }
    return seq;
  }

  /** A row of its own, with nothing that caused it in this database. */
  write(lane: Lane, row: Row): Promise<number> {
    return this.commitOf(lane).write((tx) => this.append(tx, lane, row));
  }

  /** While room is made on a full disk no reading takes it away again. */
  holdBulk(held: boolean): void {
    this.#bulkHeld = held;
  }

  setLinkUp(up: boolean): void {
    this.#linkUp = up;
  }

  telemetryLane(): 'live' | 'backlog' {
    return this.#linkUp && this.#lanes.live.rows < liveBoundRows ? 'live' : 'backlog';
  }

  /** Told after each commit that brought rows to the lane. */
  onAppended(listener: (lane: Lane) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  pin(lane: Lane, throughSeq: number): void {
    this.#pinned[lane] = throughSeq;
  }

  /** Goes with the next commit: until then the rows are in nobody's way, and an fsync of their own would cost more than they did. */
  async acknowledge(lane: Lane, cursor: number, chain: Buffer): Promise<void> {
    const more = await this.commitOf(lane).write((tx) => this.#lanes[lane].acknowledge(tx, cursor, chain), {
      patienceMs: acknowledgePatienceMs,
    });
    if (more) this.#keeper.look(lane);
  }

  /** Resolves at once; rows that wait are given their chain in the new epoch little by little, and told as if they were appended then. */
  async openNewEpoch(lane: Lane, reason: 'rollback' | 'damaged' | undefined): Promise<void> {
    const { clock, segments, logger } = this.#options;
    await this.commitOf(lane).write((tx) => {
      const store = this.#lanes[lane];
      const context = { now: clock.now(), segment: segments.check() };
      const first: Row | undefined = reason && {
        ...{ kind: 'gap', at: context.now, reason, previousEpoch: store.epoch },
        // Numbered anew, in the old numbering: what the cloud has up to its cursor of these may be there twice.
        ...(reason === 'rollback' ? { fromSeq: store.base.seq + 1, toSeq: store.tail } : undefined),
      };
      const previousEpoch = store.openNewEpoch(tx, first, context);
      this.traces?.forget(lane);
      logger.warn({ lane, reason, previousEpoch, epoch: store.epoch, rows: store.rows }, 'a new epoch was opened');
    });
    this.#noteEpochs();
    this.#keeper.look(lane);
  }

  /** Gives one row up that the cloud never takes (docs/protocol.md 1.3). False: it is not here any more. */
  putAside(lane: Lane, seq: number, reason: string): Promise<boolean> {
    const now = this.#options.clock.now();
    return this.commitOf(lane).write((tx) => this.#lanes[lane].putAside(tx, seq, reason, now));
  }

  /** The latest rows given up by `putAside`, over all lanes. */
  rowsAside(maxRows: number): RowAside[] {
    return laneNames
      .flatMap((lane) => this.#lanes[lane].aside(maxRows))
      .sort((a, b) => b.putAt - a.putAt)
      .slice(0, maxRows);
  }

  /** A file that was damaged or taken away began new epochs: the first row of each says so and closes the one before. */
  async #closeLostEpochs(): Promise<void> {
    const { store, clock } = this.#options;
    const noted = this.#note.read();
    for (const lane of laneNames) {
      const { epoch, head } = this.#lanes[lane];
      const previousEpoch = noted[lane];
      const lost = previousEpoch !== undefined && previousEpoch !== epoch;
      const damaged = store.wasDamaged(lane === 'events' || lane === 'manifest' ? 'hub.db' : 'telemetry.db');
      if (head.seq > 0 || !(lost || damaged)) continue;
      await this.write(lane, { kind: 'gap', at: clock.now(), reason: 'damaged', ...(lost ? { previousEpoch } : {}) });
    }
  }

  #noteEpochs(): void {
    const { events, live, manifest, backlog } = this.#lanes;
    this.#note.write({ events: events.epoch, live: live.epoch, manifest: manifest.epoch, backlog: backlog.epoch });
  }

  /** Gives up the oldest rows of a lane for disk space: a bounded share in one transaction, with its gap in the same. */
  thinForSpace(lane: Lane, bytes: number): Promise<Thinned> {
    return this.commitOf(lane).write((tx) => this.#thin(tx, lane, { rows: 1, bytes }));
  }

  /** Closes seals of hours that are over and puts them into the events lane. Call it every minute or so. */
  async tellSeals(): Promise<void> {
    const { clock, segments } = this.#options;
    // A clock that jumped to 2099 must not make the unit forget its proofs.
    const forgetBy = segments.wire().state === 'trusted' ? clock.now() : null;
    for (const lane of laneNames) {
      const { seals } = this.#lanes[lane];
      await this.commitOf(lane).write((tx) => seals.closePast(tx, clock.now()));
      const rows = seals.untold(clock.now());
      if (rows.length === 0) continue;
      // Two files, two commits: a seal told twice after a power cut is the same seal.
      await this.commitOf('events').write((tx) => {
        for (const row of rows) this.append(tx, 'events', row);
      });
      await this.commitOf(lane).write((tx) => seals.told(tx, rows, forgetBy));
    }
  }

  #keepWithinLimits(tx: Transaction, lane: Lane): void {
    const { maxRows, maxBytes } = this.#limits[lane];
    const store = this.#lanes[lane];
    if (store.rows <= maxRows && store.bytes <= maxBytes) return;
    // A little more than needed, so that not every append thins; each share is small, so that none holds others up.
    const rows = Math.max(0, store.rows - Math.floor(maxRows * 0.98));
    const bytes = Math.max(0, store.bytes - Math.floor(maxBytes * 0.98));
    const over = () => store.rows > maxRows || store.bytes > maxBytes;
    let { rows: gone } = this.#thin(tx, lane, {
      rows: Math.min(rows, sweepRows),
      bytes: Math.min(bytes, maxSweepBytes),
    });
    while (gone > 0 && over()) gone = this.#thin(tx, lane, { rows: 1, bytes: store.bytes - maxBytes }).rows;
  }

  #thin(tx: Transaction, lane: Lane, free: { rows: number; bytes: number }): Thinned {
    const gone = this.#lanes[lane].thin(tx, this.#pinned[lane], free, this.#options.clock.now());
    if (gone.rows > 0) {
      tx.onCommit(() => {
        this.#thinned[lane] += gone.rows;
        this.#options.logger.warn({ lane, ...gone }, 'the oldest rows were given up for space');
      });
    }
    return gone;
  }

  #tell(lane: Lane): void {
    for (const listener of this.#listeners) listener(lane);
  }
}
