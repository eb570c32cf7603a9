import { type Clock, HubError, type Timer } from '@hallhub/shared';
import type Database from 'better-sqlite3';
import { toStoreError } from './store-error.js';

/** One unit of work inside a group's transaction. Work is synchronous. */
export interface Transaction {
  readonly db: Database.Database;
  /** Runs once a group, just before it commits, however many units asked for the same key. */
  beforeCommit(key: object, action: (tx: Transaction) => void): void;
  /** Puts memory back when this unit, or the whole group, does not make it to disk. Last registered runs first. */
  onRollback(undo: () => void): void;
  /** Runs when the unit is safe on disk, before its promise resolves. */
  onCommit(action: () => void): void;
}

interface Job {
  readonly work: (tx: Transaction) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  readonly file: string;
  readonly clock: Clock;
  /** How long the first unit of a group waits for company. At most 50 ms are promised outside. */
  readonly maxDelayMs?: number;
  readonly maxJobs?: number;
  /** Told of every group that failed and of the first that succeeded after. */
  readonly onOutcome?: (error: HubError | undefined) => void;
}

/**
 * Many appends, one fsync: units of work queue up and run together in one transaction. When one throws, the group is undone
 * and run again with a savepoint around each, so that it leaves its neighbours alone: a unit may run twice, and whatever it changes
 * in memory it puts back by `onRollback`. The promise of `write` resolves only after the commit. Between groups nothing is open,
 * so reading on the same connection sees committed rows only.
 */
export class GroupCommit {
  readonly #db: Database.Database;
  readonly #options: GroupCommitOptions;
  readonly #statements: Statements;
  #jobs: Job[] = [];
  #timer: Timer | undefined;
  /** When the timer runs out, monotonic. */
  #dueMs = 0;
  #delayMs: number;
  #failing = false;
  #closed = false;

  constructor(db: Database.Database, options: GroupCommitOptions) {
    this.#db = db;
    this.#options = options;
    this.#delayMs = options.maxDelayMs ?? 10;
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      save: db.prepare('SAVEPOINT unit'),
      release: db.prepare('RELEASE unit'),
    };
  }

  get db(): Database.Database {
    return this.#db;
  }

  get pending(): number {
    return this.#jobs.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** With `patienceMs` nobody waits for the answer: the unit goes with the next group, and makes one of its own only after that time. */
  write<T>(work: (tx: Transaction) => T, options: { patienceMs?: number } = {}): Promise<T> {
    if (this.#closed) return Promise.reject(new HubError('store_unwritable', `${this.#options.file} is closed`));
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (this.#jobs.length >= (this.#options.maxJobs ?? 2_000)) this.flush();
      else this.#flushWithin(Math.max(this.#delayMs, options.patienceMs ?? 0));
    });
  }

  #flushWithin(delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs;
    if (this.#timer && this.#dueMs <= dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    this.#timer = clock.setTimeout(() => this.flush(), delayMs);
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const jobs = this.#jobs;
    if (jobs.length === 0) return;
    this.#jobs = [];
    const startedMs = performance.now();
    const changes = this.#failing ? this.#changes() : 0;
    let settle: (() => void)[];
    try {
      // Savepoints cost as much as the rows: they are used only when a unit of this group threw.
      settle = this.#attempt(jobs, false) ?? this.#attempt(jobs, true) ?? [];
    } catch (error) {
      const failure = toStoreError(error, this.#options.file);
      this.#failing = true;
      for (const job of jobs) job.reject(failure);
      this.#options.onOutcome?.(failure);
      return;
    }
    for (const action of settle) settled(action);
    // A group that wrote nothing proves nothing about the disk.
    if (this.#failing && this.#changes() > changes) {
      this.#failing = false;
      this.#options.onOutcome?.(undefined);
    }
    // A slow disk gets larger groups; the promise of 50 ms to the devices includes the commit itself.
    const tookMs = performance.now() - startedMs;
    this.#delayMs = Math.min(25, Math.max(this.#options.maxDelayMs ?? 10, Math.ceil(tookMs * 2)));
  }

  #changes(): number {
    return this.#db.prepare('SELECT total_changes()').pluck().get() as number;
  }

  /** Undefined: a unit threw and everything was undone. Throws where the store itself failed, everything undone as well. */
  #attempt(jobs: readonly Job[], savepoints: boolean): (() => void)[] | undefined {
    const group = new Group(this.#db, this.#statements);
    const settle: (() => void)[] = [];
    try {
      this.#statements.begin.run();
      for (const job of jobs) settle.push(savepoints ? group.runApart(job) : group.run(job));
      group.finish();
      this.#statements.commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      group.rollBack();
      if (error instanceof UnitError) return undefined;
      throw error;
    }
    return [...group.committed(), ...settle];
  }

  /** Commits what waits and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#db.close();
  }
}

interface Statements {
  readonly begin: Database.Statement;
  readonly commit: Database.Statement;
  readonly save: Database.Statement;
  readonly release: Database.Statement;
}

/** A unit threw for reasons of its own: its neighbours are to go on without it. */
class UnitError extends Error {}

class Group {
  readonly #db: Database.Database;
  readonly #statements: Statements;
  readonly #before = new Map<object, (tx: Transaction) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #after: (() => void)[] = [];
  readonly #shared: Transaction;

  constructor(db: Database.Database, statements: Statements) {
    this.#db = db;
    this.#statements = statements;
    this.#shared = this.#transaction(this.#undo, this.#after);
  }

  run(job: Job): () => void {
    try {
      const value = job.work(this.#shared);
      return () => job.resolve(value);
    } catch (error) {
      throw isStoreFailure(error) ? error : new UnitError('a unit of work threw', { cause: error });
    }
  }

  /** In a savepoint: a unit that throws is undone alone. */
  runApart(job: Job): () => void {
    const undo: (() => void)[] = [];
    const after: (() => void)[] = [];
    this.#statements.save.run();
    try {
      const value = job.work(this.#transaction(undo, after));
      this.#statements.release.run();
      this.#undo.push(...undo);
      this.#after.push(...after);
      return () => job.resolve(value);
    } catch (error) {
      if (isStoreFailure(error)) {
        this.#undo.push(...undo);
        throw error;
      }
      this.#db.exec('ROLLBACK TO unit; RELEASE unit');
      for (const action of undo.reverse()) action();
      return () => job.reject(error);
    }
  }

  finish(): void {
    for (const action of this.#before.values()) action(this.#shared);
  }

  committed(): readonly (() => void)[] {
    return this.#after;
  }

  rollBack(): void {
    for (const action of this.#undo.reverse()) action();
  }

  #transaction(undo: (() => void)[], after: (() => void)[]): Transaction {
    return {
      db: this.#db,
      beforeCommit: (key, action) => {
        if (!this.#before.has(key)) this.#before.set(key, action);
      },
      onRollback: (action) => void undo.push(action),
      onCommit: (action) => void after.push(action),
    };
  }
}

/** The rows are on disk whatever a listener does: what it throws is a bug, told as one, and not a failed write. */
const settled = (action: () => void): void => {
  try {
    action();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};

const isStoreFailure = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|BUSY)/.test(code);
};
