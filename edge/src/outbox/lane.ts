import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import type { Lane, Row } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';
import type { Transaction } from '../store/index.js';
import { chainSeed, newEpoch, nextChain } from './chain.js';
import { type LaneStatements, laneStatements } from './lane-statements.js';
import { SealBook } from './seal-book.js';

/** A row larger than this cannot be sent in any batch. */
export const maxRowBytes = 240_000;
/** Rows that one transaction deletes at most: a larger share would hold up whatever else the agent does. */
export const sweepRows = 2_000;

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

export interface Thinned {
  readonly rows: number;
  readonly bytes: number;
}

/** A row that was given up because the cloud never took it. */
export interface RowAside {
  readonly lane: Lane;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly putAt: number;
  readonly reason: string;
  readonly body: Buffer;
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

/**
 * One stream on disk: rows numbered without holes, each with its chain hash. All changes are made inside a transaction.
 * A row's place in the table is its seq plus `origin`: a new epoch moves the origin, not the rows. Their chain is then computed anew
 * little by little (`chainMore`); what lies beyond `head` has none yet and is sent by nobody.
 */
export class LaneStore {
  readonly lane: Lane;
  readonly seals: SealBook;
  #unitId: string;
  readonly #sql: LaneStatements;
  #epoch = '';
  #origin = 0;
  #base: Position = { seq: 0, chain: Buffer.alloc(0) };
  #head: Position = { seq: 0, chain: Buffer.alloc(0) };
  #tail = 0;
  #rows = 0;
  #bytes = 0;
  #gaps: LaneGap[] = [];
  #remembered: Transaction | undefined;

  constructor({ lane, db, unitId }: LaneOptions) {
    this.lane = lane;
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

  /** The last row whose chain is known: the last one written, but after a change of epoch. */
  get head(): Position {
    return this.#head;
  }

  /** The last row written. */
  get tail(): number {
    return this.#tail;
  }

  /** Rows that wait for their chain in a new epoch. */
  get unchained(): number {
    return this.#tail - this.#head.seq;
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
    const place = this.#oldest()?.seq;
    return place === undefined ? this.#head.seq + 1 : Math.min(place - this.#origin, this.#head.seq + 1);
  }

  oldestAt(): number | null {
    return this.#oldest()?.at ?? null;
  }

  /** Clock segment of the oldest row; segments only grow along the lane. */
  oldestSegment(): number | undefined {
    return this.#oldest()?.segment;
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
    const seq = this.#tail + 1;
    if (this.#tail === this.#head.seq) {
      this.#insertNext(tx, body, context);
    } else {
      // Behind rows that wait for their chain: it gets its own, and its hour, when its turn comes.
      this.#sql.insert.run(this.#origin + seq, context.now, context.segment, 0, body, stopgapChain(body));
    }
    this.#tail = seq;
    this.#rows += 1;
    this.#bytes += body.length;
    return seq;
  }

  /** The chain at a seq that this unit can vouch for, or undefined. */
  chainAt(seq: number): Buffer | undefined {
    if (seq > this.#head.seq) return undefined;
    if (seq === this.#base.seq) return this.#base.chain;
    if (seq === this.#head.seq) return this.#head.chain;
    const gap = this.#gaps.find((one) => one.toSeq === seq);
    return gap?.chain ?? this.#storedChain(seq);
  }

  /** Rows from `fromSeq` on, in order, without a hole, at most `maxRows`. */
  read(fromSeq: number, maxRows: number): IterableIterator<StoredRow> {
    const [from, to] = this.#run(fromSeq);
    return this.#sql.read.iterate(this.#origin, from, to, maxRows) as IterableIterator<StoredRow>;
  }

  /** The same for a batch: `[seq, segment, hour, body]`. */
  readBodies(fromSeq: number, maxRows: number): IterableIterator<[number, number, number, Buffer]> {
    const [from, to] = this.#run(fromSeq);
    return this.#sql.bodies.iterate(this.#origin, from, to, maxRows) as IterableIterator<
      [number, number, number, Buffer]
    >;
  }

  gapAt(seq: number): LaneGap | undefined {
    return this.#gaps.find((gap) => gap.fromSeq <= seq && seq <= gap.toSeq);
  }

  /** The cloud committed everything up to here: rows and gaps up to it go. True: some are still to be swept. */
  acknowledge(tx: Transaction, cursor: number, chain: Buffer): boolean {
    if (cursor <= this.#base.seq) return false;
    if (cursor > this.#head.seq) throw new HubError('bug', 'acknowledged beyond the head', { context: { cursor } });
    this.#remember(tx);
    if (this.#gaps.length > 0) {
      this.#sql.deleteGaps.run(this.#origin + cursor);
      this.#gaps = this.#gaps.filter((gap) => gap.toSeq > cursor).map((gap) => after(cursor, gap));
    }
    this.#base = { seq: cursor, chain };
    return this.sweep(tx);
  }

  /** Deletes acknowledged rows, a bounded share of them. True: there are more. */
  sweep(tx: Transaction): boolean {
    const last = this.#origin + this.#base.seq;
    const { count, bytes, to } = this.#sql.weigh.get(last, sweepRows) as { count: number; bytes: number; to: number };
    if (count === 0) return false;
    this.#remember(tx);
    this.#sql.deleteUpTo.run(to);
    this.#rows -= count;
    this.#bytes -= bytes;
    // Where the disk lost rows the sums would stay off for ever.
    if (count < sweepRows && this.#base.seq === this.#tail) [this.#rows, this.#bytes] = [0, 0];
    return count === sweepRows;
  }

  /** Whether acknowledged rows are still on the disk. */
  get unswept(): boolean {
    return this.#sql.anyUpTo.get(this.#origin + this.#base.seq) !== undefined;
  }

  /**
   * Drops rows after `afterSeq`, oldest first, until `bytes` and `rows` are freed; a bounded share in one call.
   * What went is kept as a gap, which joins the one before it. Returns what went.
   */
  thin(tx: Transaction, afterSeq: number, free: { rows: number; bytes: number }, now: number): Thinned {
    const first = this.#sql.oldestAfter.get(this.#origin + Math.max(afterSeq, this.#base.seq)) as Oldest | undefined;
    if (!first) return nothingThinned;
    const from = first.seq - this.#origin;
    let [rows, bytes, to] = [0, 0, from - 1];
    const end = this.#origin + this.#nextGapAfter(from);
    for (const row of this.#sql.sizes.iterate(first.seq, end, sweepRows) as IterableIterator<RowSize>) {
      if ((rows >= free.rows && bytes >= free.bytes) || row.seq - this.#origin !== to + 1) break;
      rows += 1;
      bytes += row.bytes;
      to += 1;
    }
    const chain = this.chainAt(to) ?? this.#storedChain(to);
    if (rows === 0 || !chain) return nothingThinned;
    this.#remember(tx);
    this.#sql.deleteRange.run(first.seq - 1, this.#origin + to);
    const before = this.#gaps.find((gap) => gap.toSeq === from - 1 && gap.reason === 'thinned');
    this.#putGap({ fromSeq: before?.fromSeq ?? from, toSeq: to, reason: 'thinned', chain }, now, before);
    // Beyond the head rows have no chain that anybody knows: any will do, for the gap says which one follows it.
    if (to > this.#head.seq && from <= this.#head.seq + 1) this.#head = { seq: to, chain };
    this.#rows -= rows;
    this.#bytes -= bytes;
    // It may run as the last thing before the commit, when this lane's state was saved already.
    this.#save();
    return { rows, bytes };
  }

  /** Gives one row up that the cloud never takes: out of the stream, kept aside with its reason. False: it is not here. */
  putAside(tx: Transaction, seq: number, reason: string, now: number): boolean {
    const chain = this.chainAt(seq);
    const row = this.#sql.rowAt.get(this.#origin + seq) as { at: number; body: Buffer } | undefined;
    if (!chain || !row) return false;
    this.#remember(tx);
    this.#sql.putAside.run(this.#epoch, seq, row.at, now, reason, row.body);
    this.#sql.trimAside.run();
    this.#sql.deleteRange.run(this.#origin + seq - 1, this.#origin + seq);
    this.#putGap({ fromSeq: seq, toSeq: seq, reason: 'damaged', chain }, now, undefined);
    this.#rows -= 1;
    this.#bytes -= row.body.length;
    return true;
  }

  /** The latest rows given up by `putAside`. */
  aside(maxRows: number): RowAside[] {
    return this.#sql.aside.all(maxRows) as RowAside[];
  }

  /**
   * docs/protocol.md 1.1: the database was rolled back or copied. Rows not acknowledged go on in a new epoch, after `first` (a gap row
   * that says why). They get their numbers at once and their chain by `chainMore`; gaps not yet told go with them.
   */
  openNewEpoch(tx: Transaction, first: Row | undefined, context: { now: number; segment: number }): string {
    this.#remember(tx);
    const previous = this.#epoch;
    const shift = this.#base.seq - (first ? 1 : 0);
    this.#gaps = this.#gaps.map((gap) => after(this.#base.seq, gap)).map((gap) => moved(gap, -shift));
    this.#origin += shift;
    this.#tail -= shift;
    this.#epoch = newEpoch();
    this.#base = { seq: 0, chain: chainSeed(this.#unitId, this.lane, this.#epoch) };
    this.#head = this.#base;
    if (first) {
      const body = Buffer.from(JSON.stringify(first));
      // Where the last acknowledged row stood; it may still be there to be swept.
      this.#sql.deleteRange.run(this.#origin, this.#origin + 1);
      this.#insertNext(tx, body, context);
      this.#rows += 1;
      this.#bytes += body.length;
    }
    return previous;
  }

  /** Computes the chain of up to `maxRows` rows that wait for it. A hole that no gap explains becomes one (`damaged`). */
  chainMore(tx: Transaction, maxRows: number, now: number): boolean {
    if (this.unchained === 0) return false;
    this.#remember(tx);
    let left = maxRows;
    while (left > 0 && this.unchained > 0) {
      const next = this.#head.seq + 1;
      const gap = this.gapAt(next);
      if (gap) {
        this.#head = { seq: gap.toSeq, chain: gap.chain };
        left -= 1;
        continue;
      }
      const end = Math.min(this.#nextGapAfter(next), this.#tail + 1);
      const rows = this.#sql.unchained.all(this.#origin + next, this.#origin + end, left) as [number, Buffer][];
      const found = rows[0] ? rows[0][0] - this.#origin : end;
      if (found > next) {
        this.#putGap(
          { fromSeq: next, toSeq: found - 1, reason: 'damaged', chain: stopgapChain(this.#head.chain) },
          now,
        );
        this.#rows = Math.max(rows.length, this.#rows - (found - next));
        continue;
      }
      left -= this.#chainRows(tx, rows, now);
    }
    return this.unchained > 0;
  }

  /** Up to the first hole. Returns how many. */
  #chainRows(tx: Transaction, rows: readonly [number, Buffer][], now: number): number {
    let done = 0;
    for (const [place, body] of rows) {
      const seq = this.#head.seq + 1;
      if (place !== this.#origin + seq) break;
      const chain = nextChain(this.#head.chain, body);
      const hour = this.seals.add(tx, { epoch: this.#epoch, seq, chain, now });
      this.#sql.setChain.run(chain, hour, place);
      this.#head = { seq, chain };
      done += 1;
    }
    return done;
  }

  #insertNext(tx: Transaction, body: Buffer, { now, segment }: { now: number; segment: number }): void {
    const seq = this.#head.seq + 1;
    const chain = nextChain(this.#head.chain, body);
    const hour = this.seals.add(tx, { epoch: this.#epoch, seq, chain, now });
    this.#sql.insert.run(this.#origin + seq, now, segment, hour, body, chain);
    this.#head = { seq, chain };
  }

  #putGap(gap: LaneGap, now: number, instead?: LaneGap): void {
    this.#gaps = [...this.#gaps.filter((one) => one !== instead), gap].sort((a, b) => a.fromSeq - b.fromSeq);
    if (instead) this.#sql.deleteGap.run(this.#origin + instead.toSeq);
    this.#sql.putGap.run(this.#origin + gap.fromSeq, this.#origin + gap.toSeq, gap.reason, gap.chain, now);
  }

  #open(): void {
    const state = this.#sql.getState.get() as LaneState | undefined;
    if (!state) {
      this.#epoch = newEpoch();
      this.#base = { seq: 0, chain: chainSeed(this.#unitId, this.lane, this.#epoch) };
      this.#head = this.#base;
      this.#save();
      return;
    }
    this.#epoch = state.epoch;
    this.#origin = state.origin;
    this.#base = { seq: state.base_seq, chain: state.base_chain };
    this.#head = { seq: state.head_seq, chain: state.head_chain };
    this.#tail = state.tail_seq ?? state.head_seq;
    this.#rows = state.row_count;
    this.#bytes = state.byte_count;
    const gaps = this.#sql.gaps.all() as LaneGap[];
    this.#gaps = gaps.map((gap) => after(this.#base.seq, moved(gap, -this.#origin)));
  }

  /** The unit this lane was written for: another one (enrolled anew, copied) needs a new epoch, for its chain begins elsewhere. */
  get writtenForAnotherUnit(): boolean {
    return (this.#sql.getState.get() as LaneState).unit_id !== this.#unitId;
  }

  setUnit(unitId: string): void {
    this.#unitId = unitId;
  }

  /** Once a transaction: what it undoes goes back to where this lane stood before its first change. */
  #remember(tx: Transaction): void {
    if (this.#remembered === tx) return;
    this.#remembered = tx;
    const [epoch, origin, base, head, tail] = [this.#epoch, this.#origin, this.#base, this.#head, this.#tail];
    const [rows, bytes, gaps] = [this.#rows, this.#bytes, this.#gaps];
    tx.onRollback(() => {
      this.#remembered = undefined;
      [this.#epoch, this.#origin, this.#base, this.#head, this.#tail] = [epoch, origin, base, head, tail];
      [this.#rows, this.#bytes, this.#gaps] = [rows, bytes, gaps];
    });
    tx.beforeCommit(this, () => this.#save());
  }

  #save(): void {
    this.#sql.putState.run(
      this.#unitId,
      this.#epoch,
      this.#base.seq,
      this.#base.chain,
      this.#rows,
      this.#bytes,
      this.#head.seq,
      this.#head.chain,
      this.#origin,
      this.#tail,
    );
  }

  #oldest(): Oldest | undefined {
    return this.#sql.oldestAfter.get(this.#origin + this.#base.seq) as Oldest | undefined;
  }

  #storedChain(seq: number): Buffer | undefined {
    return (this.#sql.chainAt.get(this.#origin + seq) as { chain: Buffer } | undefined)?.chain;
  }

  /** Places of the unbroken run of chained rows that begins there: from, and up to but without. */
  #run(fromSeq: number): [number, number] {
    const end = Math.min(this.#nextGapAfter(fromSeq), this.#head.seq + 1);
    return [this.#origin + fromSeq, this.#origin + end];
  }

  #nextGapAfter(seq: number): number {
    return this.#gaps.find((gap) => gap.fromSeq >= seq)?.fromSeq ?? this.#tail + 1;
  }
}

interface Oldest {
  readonly seq: number;
  readonly at: number;
  readonly segment: number;
}

interface RowSize {
  readonly seq: number;
  readonly bytes: number;
}

interface LaneState {
  readonly unit_id: string;
  readonly epoch: string;
  readonly base_seq: number;
  readonly base_chain: Buffer;
  readonly row_count: number;
  readonly byte_count: number;
  readonly head_seq: number;
  readonly head_chain: Buffer;
  readonly origin: number;
  /** Null: written by a version that had no rows beyond the head. */
  readonly tail_seq: number | null;
}

const nothingThinned: Thinned = { rows: 0, bytes: 0 };

/** What stands in a row until its chain is known; never all zeros, which means a closed epoch. */
const stopgapChain = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update('hallhub.stopgap').update(bytes).digest();

/** The part of a gap behind what is acknowledged. */
const after = (cursor: number, gap: LaneGap): LaneGap => (gap.fromSeq > cursor ? gap : { ...gap, fromSeq: cursor + 1 });

const moved = (gap: LaneGap, by: number): LaneGap => ({ ...gap, fromSeq: gap.fromSeq + by, toSeq: gap.toSeq + by });
