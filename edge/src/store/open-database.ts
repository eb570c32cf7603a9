import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HubError, isHubError } from '@hallhub/shared';
import Database from 'better-sqlite3';
import { makeFolder } from './make-folder.js';
import type { Migration } from './migrations.js';
import { toStoreError } from './store-error.js';

export interface OpenedDatabase {
  readonly db: Database.Database;
  /** Set when a damaged file was moved aside and a new one begun. */
  readonly damage?: { readonly reason: string; readonly movedTo: string };
}

/** Checking a whole file takes about a second for 500 MiB: larger ones are checked only when something went wrong before. */
const checkWholeFileBelowBytes = 128 * 1024 * 1024;

/** Says at the next start that this file has to be checked, whatever its size. */
const suspectFile = (file: string): string => `${file}.suspect`;
export const markSuspect = (file: string): void => writeFileSync(suspectFile(file), '');

/**
 * Opens or makes a database file, brings its structure up to date, and moves it aside when it is damaged.
 * Throws `store_unwritable`, `store_full`, `store_busy`, or `unsupported` for a file of a newer version.
 */
export const openDatabase = (file: string, migrations: readonly Migration[]): OpenedDatabase => {
  try {
    makeFolder(path.dirname(file));
  } catch (error) {
    throw toStoreError(error, path.dirname(file));
  }
  try {
    return { db: openOnce(file, migrations) };
  } catch (error) {
    const failure = toStoreError(error, file);
    if (!isHubError(failure, 'store_corrupt')) throw failure;
    const movedTo = moveAside(file);
    return { db: openOnce(file, migrations), damage: { reason: failure.message, movedTo } };
  }
};

const openOnce = (file: string, migrations: readonly Migration[]): Database.Database => {
  const suspect = existsSync(suspectFile(file));
  const bytes = existsSync(file) ? statSync(file).size : 0;
  keepPrivate(file);
  const db = new Database(file, { timeout: 2_000 });
  try {
    if (bytes === 0) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('journal_size_limit = 16777216');
    db.pragma('temp_store = MEMORY');
    if (bytes > 0 && (suspect || bytes < checkWholeFileBelowBytes)) {
      const verdict = db.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new HubError('store_corrupt', `${file}: ${String(verdict)}`, { context: { file } });
    }
    migrate(db, migrations, file);
    rmSync(suspectFile(file), { force: true });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** It holds what devices and people said: SQLite would make it readable by all, and gives its journal the same rights. */
const keepPrivate = (file: string): void => {
  closeSync(openSync(file, 'a', 0o600));
  for (const one of [file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(one) && (statSync(one).mode & 0o077) !== 0) chmodSync(one, 0o600);
  }
};

const migrate = (db: Database.Database, migrations: readonly Migration[], file: string): void => {
  const have = db.pragma('user_version', { simple: true }) as number;
  const newest = migrations.at(-1)?.version ?? 0;
  if (have > newest) {
    throw new HubError('unsupported', `${file} was written by a newer version of the agent (${have} > ${newest})`, {
      hint: 'Install that version again, or start with another data folder.',
      context: { file, have, newest },
    });
  }
  for (const { version, sql } of migrations) {
    if (version <= have) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
    })();
  }
};

/** The damaged file and its journal keep their content under a name with the time, for whoever wants to look. */
const moveAside = (file: string): string => {
  const movedTo = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, movedTo + suffix);
  }
  rmSync(suspectFile(file), { force: true });
  return movedTo;
};
