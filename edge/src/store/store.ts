import { statSync } from 'node:fs';
import path from 'node:path';
import type { Clock, HubError } from '@hallhub/shared';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import type { Logger } from '../ports/index.js';
import { giveBack, reclaimableBytes } from './give-back.js';
import { GroupCommit } from './group-commit.js';
import { hubMigrations, telemetryMigrations } from './migrations.js';
import { markSuspect, openDatabase } from './open-database.js';
import { SpaceReserve } from './space-reserve.js';

export interface StoreStatus {
  readonly state: 'ok' | 'full' | 'unwritable' | 'recovered';
  readonly reason?: string;
}

export interface StoreDamage {
  readonly file: string;
  readonly reason: string;
  readonly movedTo: string;
}

export interface StoreFile {
  readonly commit: GroupCommit;
  readonly orm: BetterSQLite3Database;
}

export interface StoreOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxDelayMs?: number;
  /** A file turned out damaged while in use: nothing more can be written to it; the process should end and start anew. */
  readonly onDamage?: (error: HubError) => void;
  readonly onStatus?: (status: StoreStatus) => void;
}

/** The unit's two files: `hub.db` (registry, inbox, events) and `telemetry.db` (bulk), so that bulk never harms the rest. */
export class Store {
  readonly hub: StoreFile;
  readonly telemetry: StoreFile;
  /** What was found damaged at this start. */
  readonly damages: readonly StoreDamage[];
  readonly #options: StoreOptions;
  readonly #reserve: SpaceReserve;
  readonly #failing = new Map<string, StoreStatus>();
  #status: StoreStatus;

  constructor(options: StoreOptions) {
    this.#options = options;
    const damages: StoreDamage[] = [];
    const open = (name: string, migrations: typeof hubMigrations): StoreFile => {
      const file = path.join(options.dataDir, name);
      const { db, damage } = openDatabase(file, migrations);
      if (damage) damages.push({ file: name, ...damage });
      const commit = new GroupCommit(db, {
        file,
        clock: options.clock,
        maxDelayMs: options.maxDelayMs,
        onOutcome: (error) => this.#outcome(file, error),
      });
      return { commit, orm: drizzle(db) };
    };
    this.hub = open('hub.db', hubMigrations);
    try {
      this.telemetry = open('telemetry.db', telemetryMigrations);
    } catch (error) {
      this.hub.commit.close();
      throw error;
    }
    this.#reserve = new SpaceReserve(path.join(options.dataDir, '.reserve'));
    this.#reserve.take();
    this.damages = damages;
    this.#status = damages[0] ? { state: 'recovered', reason: damages[0].reason } : { state: 'ok' };
  }

  get status(): StoreStatus {
    return this.#status;
  }

  flush(): void {
    this.hub.commit.flush();
    this.telemetry.commit.flush();
  }

  /** What the reserve, given up on a full disk, will take again. */
  get reserveMissingBytes(): number {
    return this.#reserve.missingBytes;
  }

  /** Puts the reserve back, where there is room for it: not in the middle of making room. */
  takeReserve(): void {
    this.#reserve.take();
  }

  /** A full store is believed to be full until something was written: tries whether it takes writes again. */
  async probe(): Promise<void> {
    for (const { commit } of [this.hub, this.telemetry]) {
      await commit.write((tx) => void tx.db.exec('UPDATE lane_state SET row_count = row_count')).catch(() => undefined);
    }
  }

  /** Bytes of the files that hold nothing and can be given back. */
  get reclaimableBytes(): number {
    return reclaimableBytes(this.hub.commit.db) + reclaimableBytes(this.telemetry.commit.db);
  }

  /** What the two files and their journals take on the disk. */
  get fileBytes(): number {
    let bytes = 0;
    for (const name of ['hub.db', 'telemetry.db'])
      for (const suffix of ['', '-wal']) {
        const file = statSync(path.join(this.#options.dataDir, name + suffix), { throwIfNoEntry: false });
        bytes += file?.size ?? 0;
      }
    return bytes;
  }

  /** Gives freed pages back to the file system, a little at a time. Returns bytes. */
  async giveBackSpace(): Promise<number> {
    let given = 0;
    for (const { commit } of [this.telemetry, this.hub]) given += await giveBack(commit.db, () => commit.closed);
    return given;
  }

  get dataDir(): string {
    return this.#options.dataDir;
  }

  /** Whether this file was found damaged at this start and begun anew. */
  wasDamaged(name: 'hub.db' | 'telemetry.db'): boolean {
    return this.damages.some(({ file }) => file === name);
  }

  close(): void {
    this.telemetry.commit.close();
    this.hub.commit.close();
  }

  #outcome(file: string, error: HubError | undefined): void {
    if (error === undefined) {
      this.#failing.delete(file);
      this.#set([...this.#failing.values()][0] ?? { state: 'ok' });
      return;
    }
    this.#options.logger.error({ error: error.message, hint: error.hint }, 'the store refused a write');
    if (error.code === 'store_corrupt') {
      markSuspect(file);
      this.#options.onDamage?.(error);
    }
    const isFull = error.code === 'store_full';
    // The reserve lets deletions through, which need space themselves before they give any.
    if (isFull) this.#reserve.release();
    const status: StoreStatus = { state: isFull ? 'full' : 'unwritable', reason: error.message };
    this.#failing.set(file, status);
    this.#set(status);
  }

  #set(status: StoreStatus): void {
    if (status.state === this.#status.state && status.reason === this.#status.reason) return;
    this.#status = status;
    this.#options.onStatus?.(status);
  }
}
