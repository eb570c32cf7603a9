import type { Lane, SealRow } from '@hallhub/shared/wire';
import type Database from 'better-sqlite3';
import type { Transaction } from '../store/index.js';

const hourMs = 3_600_000;
const keepMs = 400 * 24 * hourMs;

interface OpenSeal {
  readonly epoch: string;
  readonly hour: number;
  readonly firstSeq: number;
  lastSeq: number;
  count: number;
  chain: Buffer;
}

/** docs/protocol.md 1.5: what was appended to a lane in each hour. A seal always covers one unbroken run of rows. */
export class SealBook {
  readonly #lane: Lane;
  readonly #db: Database.Database;
  readonly #put: Database.Statement;
  #open: OpenSeal | undefined;
  #remembered: Transaction | undefined;

  constructor(db: Database.Database, lane: Lane) {
    this.#db = db;
    this.#lane = lane;
    this.#put = db.prepare('INSERT OR REPLACE INTO seal VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#open = db
      .prepare(
        `SELECT epoch, hour, first_seq AS firstSeq, last_seq AS lastSeq, row_count AS count, chain
         FROM seal WHERE lane = ? AND state = 'open' ORDER BY last_seq DESC LIMIT 1`,
      )
      .get(lane) as OpenSeal | undefined;
  }

  /** Counts a row and returns the hour it is counted in. */
  add(tx: Transaction, row: { epoch: string; seq: number; chain: Buffer; now: number }): number {
    const before = this.#open;
    this.#remember(tx);
    const hour = this.#hourFor(row.epoch, row.now);
    if (before && before.epoch === row.epoch && before.hour === hour) {
      before.lastSeq = row.seq;
      before.count += 1;
      before.chain = row.chain;
    } else {
      if (before) this.#save(before, 'closed');
      this.#open = { epoch: row.epoch, hour, firstSeq: row.seq, lastSeq: row.seq, count: 1, chain: row.chain };
    }
    return hour;
  }

  /** Closes the open seal when its hour is over. */
  closePast(tx: Transaction, now: number): void {
    const open = this.#open;
    if (!open || Math.floor(now / hourMs) * hourMs <= open.hour) return;
    this.#remember(tx);
    this.#save(open, 'closed');
    this.#open = undefined;
  }

  /** Seals of hours that are over and that the cloud was not told of. */
  untold(now: number): SealRow[] {
    const rows = this.#db
      .prepare(
        `SELECT lane, epoch, hour, first_seq AS firstSeq, last_seq AS lastSeq, row_count AS count, lower(hex(chain)) AS chain
         FROM seal WHERE lane = ? AND state = 'closed' ORDER BY hour LIMIT 1000`,
      )
      .all(this.#lane) as Omit<SealRow, 'kind' | 'at'>[];
    return rows.map((row) => ({ kind: 'seal', at: now, ...row }));
  }

  /** `now` null: the clock is not to be believed, and nothing is forgotten by it. */
  told(tx: Transaction, seals: readonly Pick<SealRow, 'epoch' | 'hour'>[], now: number | null): void {
    const update = tx.db.prepare("UPDATE seal SET state = 'told' WHERE lane = ? AND epoch = ? AND hour = ?");
    for (const { epoch, hour } of seals) update.run(this.#lane, epoch, hour);
    if (now === null) return;
    tx.db.prepare("DELETE FROM seal WHERE lane = ? AND hour < ? AND state = 'told'").run(this.#lane, now - keepMs);
  }

  #remember(tx: Transaction): void {
    if (this.#remembered === tx) return;
    this.#remembered = tx;
    const before = this.#open && { ...this.#open };
    tx.onRollback(() => {
      this.#open = before;
      this.#remembered = undefined;
    });
    tx.beforeCommit(this, () => {
      if (this.#open) this.#save(this.#open, 'open');
    });
  }

  /** The wall clock may go back: an hour that is sealed already is not opened again, its rows join the open one. */
  #hourFor(epoch: string, now: number): number {
    const hour = Math.floor(now / hourMs) * hourMs;
    const open = this.#open?.epoch === epoch ? this.#open : undefined;
    if (open?.hour === hour || !this.#taken(epoch, hour)) return hour;
    return open?.hour ?? this.#freeHourFrom(epoch, hour);
  }

  #taken(epoch: string, hour: number): boolean {
    const sql = 'SELECT 1 FROM seal WHERE lane = ? AND epoch = ? AND hour = ?';
    return this.#db.prepare(sql).get(this.#lane, epoch, hour) !== undefined;
  }

  #freeHourFrom(epoch: string, from: number): number {
    let hour = from;
    while (this.#taken(epoch, hour)) hour += hourMs;
    return hour;
  }

  #save(seal: OpenSeal, state: 'open' | 'closed'): void {
    this.#put.run(this.#lane, seal.epoch, seal.hour, seal.firstSeq, seal.lastSeq, seal.count, seal.chain, state);
  }
}
