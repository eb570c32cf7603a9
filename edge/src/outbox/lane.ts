import { HubError } from '@hallhub/shared';
import type { Lane, Row } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';
import type { Transaction } from '../store/index.js';
import { chainSeed, newEpoch, nextChain } from './chain.js';
import { type LaneStatements, laneStatements } from './lane-statements.js';
import { SealBook } from './seal-book.js';

/** A row larger than this cannot be sent in any batch. */
export const maxRowBytes = 240_000;

export interface LaneGap {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: 'thinned' | 'restored' | 'damaged';
  readonly chain: Buffer;
}

export interface StoredRow {
  readonly seq: number;
  readonly at: number;
  readonly segment: number;
  /** Of its seal. */
  readonly hour: number;
  readonly body: Buffer;
  readonly chain: Buffer;
}

interface Position {
  readonly seq: number;
  readonly chain: Buffer;
}

export interface LaneOptions {
  readonly lane: Lane;
  readonly db: Database.Database;
  readonly unitId: string;
}

/** One stream on disk: rows numbered without holes, each with its chain hash. All changes are made inside a transaction. */
export class LaneStore {
  readonly lane: Lane;
  readonly seals: SealBook;
  readonly #db: Database.Database;
  #unitId: string;
  readonly #sql: LaneStatements;
  #epoch = '';
  #base: Position = { seq: 0, chain: Buffer.alloc(0) };
  #head: Position = { seq: 0, chain: Buffer.alloc(0) };
  #rows = 0;
  #bytes = 0;
  #gaps: LaneGap[] = [];
  #remembered: Transaction | undefined;

  constructor({ lane, db, unitId }: LaneOptions) {
    this.lane = lane;
    this.#db = db;
    this.#unitId = unitId;
    this.#sql = laneStatements(db, lane);
    this.seals = new SealBook(db, lane);
    this.#open();
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The last acknowledged row. */
  get base(): Position {
    return this.#base;
  }

  get head(): Position {
    return this.#head;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get gaps(): readonly LaneGap[] {
    return this.#gaps;
  }

  /** The lowest seq still here; head + 1 when there is none, so that `oldest - 1` is where this unit's knowledge begins. */
  get oldest(): number {
    return (this.#sql.oldest.get() as { seq: number } | undefined)?.seq ?? this.#head.seq + 1;
  }

  oldestAt(): number | null {
    return (this.#sql.oldest.get() as { at: number } | undefined)?.at ?? null;
  }

  /** Clock segment of the oldest row; segments only grow along the lane. */
  oldestSegment(): number | undefined {
    return (this.#sql.oldest.get() as { segment: number } | undefined)?.segment;
  }

  /** Appends one row and returns its seq. Throws `too_large` where no batch could ever carry it. */
  append(tx: Transaction, row: Row, context: { now: number; segment: number }): number {
    const body = Buffer.from(JSON.stringify(row));
    if (body.length > maxRowBytes) {
      throw new HubError('too_large', `the ${row.kind} row of ${body.length} bytes is over ${maxRowBytes}`, {
        context: { lane: this.lane, kind: row.kind },
      });
    }
    this.#remember(tx);
    const seq = this.#head.seq + 1;
    const chain = nextChain(this.#head.chain, body);
    const hour = this.seals.add(tx, { epoch: this.#epoch, seq, chain, now: context.now });
    this.#sql.insert.run(seq, context.now, context.segment, hour, body, chain);
    this.#head = { seq, chain };
    this.#rows += 1;
    this.#bytes += body.length;
    return seq;
  }

  /** The chain at a seq that this unit can vouch for, or undefined. */
  chainAt(seq: number): Buffer | undefined {
    if (seq === this.#base.seq) return this.#base.chain;
    if (seq === this.#head.seq) return this.#head.chain;
    const gap = this.#gaps.find((one) => one.toSeq === seq);
    return gap?.chain ?? (this.#sql.chainAt.get(seq) as { chain: Buffer } | undefined)?.chain;
  }

  /** Rows from `fromSeq` on, in order, without a hole, at most `maxRows`. */
  read(fromSeq: number, maxRows: number): IterableIterator<StoredRow> {
    return this.#sql.read.iterate(fromSeq, this.#nextGapAfter(fromSeq), maxRows) as IterableIterator<StoredRow>;
  }

  /** The same for a batch: `[seq, segment, hour, body]`. */
  readBodies(fromSeq: number, maxRows: number): IterableIterator<[number, number, number, Buffer]> {
    return this.#sql.bodies.iterate(fromSeq, this.#nextGapAfter(fromSeq), maxRows) as IterableIterator<
      [number, number, number, Buffer]
    >;
  }

  gapAt(seq: number): LaneGap | undefined {
    return this.#gaps.find((gap) => gap.fromSeq <= seq && seq <= gap.toSeq);
  }

  /** The cloud committed everything up to here: rows and gaps up to it go. */
  acknowledge(tx: Transaction, cursor: number, chain: Buffer): void {
    if (cursor <= this.#base.seq) return;
    if (cursor > this.#head.seq) throw new HubError('bug', 'acknowledged beyond the head', { context: { cursor } });
    this.#remember(tx);
    const gone = this.#sql.weigh.get(0, cursor) as { count: number; bytes: number };
    this.#sql.deleteRange.run(0, cursor);
    this.#sql.deleteGaps.run(cursor);
    this.#gaps = this.#gaps.filter((gap) => gap.toSeq > cursor);
    this.#base = { seq: cursor, chain };
    this.#rows -= gone.count;
    this.#bytes -= gone.bytes;
  }

  /**
   * Drops rows after `afterSeq`, oldest first, until `bytes` and `rows` are freed; at most one call's worth of 20,000.
   * What went is kept as a gap, which joins the one before it. Returns how many rows went.
   */
  thin(tx: Transaction, afterSeq: number, free: { rows: number; bytes: number }, now: number): number {
    const from = this.#sql.oldestAfter.get(Math.max(afterSeq, this.#base.seq)) as { seq: number } | undefined;
    if (!from) return 0;
    this.#remember(tx);
    let [rows, bytes, to] = [0, 0, from.seq - 1];
    const end = this.#nextGapAfter(from.seq);
    for (const row of this.#sql.sizes.iterate(from.seq, end, 20_000) as IterableIterator<{
      seq: number;
      bytes: number;
    }>) {
      if (rows >= free.rows && bytes >= free.bytes) break;
      rows += 1;
      bytes += row.bytes;
      to = row.seq;
    }
    const chain = this.chainAt(to);
    if (rows === 0 || !chain) return 0;
    this.#sql.deleteRange.run(from.seq - 1, to);
    const before = this.#gaps.find((gap) => gap.toSeq === from.seq - 1 && gap.reason === 'thinned');
    const gap: LaneGap = { fromSeq: before?.fromSeq ?? from.seq, toSeq: to, reason: 'thinned', chain };
    this.#gaps = [...this.#gaps.filter((one) => one !== before), gap].sort((a, b) => a.fromSeq - b.fromSeq);
    this.#sql.putGap.run(gap.fromSeq, gap.toSeq, gap.reason, gap.chain, now);
    this.#rows -= rows;
    this.#bytes -= bytes;
    // It may run as the last thing before the commit, when this lane's state was saved already.
    this.#save();
    return rows;
  }

  /**
   * docs/protocol.md 1.1: the database was rolled back or copied. Rows not acknowledged are numbered anew in a new
   * epoch, after `first` (a gap row that says why).
   */
  openNewEpoch(tx: Transaction, first: Row | undefined, context: { now: number; segment: number }): string {
    this.#remember(tx);
    const previous = this.#epoch;
    // In place, through negative numbers: a second copy of a full backlog would not fit.
    this.#db.exec(`UPDATE lane_${this.lane} SET seq = -seq`);
    this.#sql.deleteGaps.run(Number.MAX_SAFE_INTEGER);
    this.#reset(newEpoch());
    if (first) this.append(tx, first, context);
    for (let row = this.#sql.moved.get(); row; row = this.#sql.moved.get()) {
      const { seq: old, body } = row as StoredRow;
      const [seq, chain] = [this.#head.seq + 1, nextChain(this.#head.chain, body)];
      const hour = this.seals.add(tx, { epoch: this.#epoch, seq, chain, now: context.now });
      this.#sql.renumber.run(seq, chain, hour, old);
      this.#head = { seq, chain };
      this.#rows += 1;
      this.#bytes += body.length;
    }
    return previous;
  }

  #open(): void {
    const state = this.#sql.getState.get() as
      | {
          unit_id: string;
          epoch: string;
          base_seq: number;
          base_chain: Buffer;
          row_count: number;
          byte_count: number;
          head_seq: number;
          head_chain: Buffer;
        }
      | undefined;
    if (!state) {
      this.#reset(newEpoch());
      this.#save();
      return;
    }
    this.#epoch = state.epoch;
    this.#base = { seq: state.base_seq, chain: state.base_chain };
    this.#head = { seq: state.head_seq, chain: state.head_chain };
    this.#rows = state.row_count;
    this.#bytes = state.byte_count;
    this.#gaps = this.#sql.gaps.all() as LaneGap[];
  }

  /** The unit this lane was written for: another one (enrolled anew, copied) needs a new epoch, for its chain begins elsewhere. */
  get writtenForAnotherUnit(): boolean {
    return (this.#sql.getState.get() as { unit_id: string }).unit_id !== this.#unitId;
  }

  setUnit(unitId: string): void {
    this.#unitId = unitId;
  }

  #reset(epoch: string): void {
    this.#epoch = epoch;
    this.#base = { seq: 0, chain: chainSeed(this.#unitId, this.lane, epoch) };
    this.#head = this.#base;
    this.#rows = 0;
    this.#bytes = 0;
    this.#gaps = [];
  }

  /** Once a transaction: what it undoes goes back to where this lane stood before its first change. */
  #remember(tx: Transaction): void {
    if (this.#remembered === tx) return;
    this.#remembered = tx;
    const [epoch, base, head, rows, bytes, gaps] = [
      this.#epoch,
      this.#base,
      this.#head,
      this.#rows,
      this.#bytes,
      this.#gaps,
    ];
    tx.onRollback(() => {
      this.#remembered = undefined;
      [this.#epoch, this.#base, this.#head, this.#rows, this.#bytes, this.#gaps] = [
        epoch,
        base,
        head,
        rows,
        bytes,
        gaps,
      ];
    });
    tx.beforeCommit(this, () => this.#save());
  }

  #save(): void {
    const { seq, chain } = this.#base;
    this.#sql.putState.run(
      this.#unitId,
      this.#epoch,
      seq,
      chain,
      this.#rows,
      this.#bytes,
      this.#head.seq,
      this.#head.chain,
    );
  }

  #nextGapAfter(seq: number): number {
    return this.#gaps.find((gap) => gap.fromSeq >= seq)?.fromSeq ?? Number.MAX_SAFE_INTEGER;
  }
}
