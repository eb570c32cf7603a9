import { setImmediate as turn } from 'node:timers/promises';
import type Database from 'better-sqlite3';

/** Left free in the file for the next rows: giving all back and asking again costs more than it saves. */
const keptPages = 500;
/** What one step may hold the process up. */
const stepMs = 10;
const firstStepPages = 64;

/** Bytes of a file that hold nothing, beyond what is kept for the next rows. */
export const reclaimableBytes = (db: Database.Database): number => {
  const pages = (db.pragma('freelist_count', { simple: true }) as number) - keptPages;
  return Math.max(0, pages) * (db.pragma('page_size', { simple: true }) as number);
};

/**
 * Gives pages that hold nothing back to the file system, a few at a time with the loop turning in between, then writes the journal
 * into the file and cuts both: until then the file system has nothing of it. Returns bytes given back. Stops when `isClosed`.
 */
export const giveBack = async (db: Database.Database, isClosed: () => boolean): Promise<number> => {
  let [given, step] = [0, firstStepPages];
  // On a full disk the journal has to make room first: writing it into the file takes none.
  if (!isClosed()) checkpoint(db);
  for (;;) {
    if (isClosed()) return given;
    const before = reclaimableBytes(db);
    if (before === 0) break;
    const startedMs = performance.now();
    db.pragma(`incremental_vacuum(${step})`);
    const tookMs = performance.now() - startedMs;
    step = Math.round(Math.min(256, Math.max(8, step * Math.min(2, stepMs / Math.max(1, tookMs)))));
    const gone = before - reclaimableBytes(db);
    if (gone <= 0) break;
    given += gone;
    await turn();
  }
  if (given > 0) checkpoint(db);
  return given;
};

const checkpoint = (db: Database.Database): void => void db.pragma('wal_checkpoint(TRUNCATE)');
