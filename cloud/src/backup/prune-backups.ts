import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupDeps } from './backups.js';
import { blobListOf, sweepBlobs } from './blobs.js';
import { logFolderOf } from './restore-files.js';
import { expired } from './retention.js';

const namePattern = /^hallhub-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}\.hhb$/;

/** Removes what is no longer kept: backups, their blobs, and the log before the oldest one. Says how many went. */
export const pruneBackups = async ({ settings, ledger, incarnation, key }: BackupDeps): Promise<number> => {
  const rows = await ledger.newest(1_000);
  const byFile = new Map(rows.map((row) => [row.file, row]));
  const found = (await readdir(settings.dir)).flatMap((name) => {
    const [, y, mo, d, h, mi, s] = namePattern.exec(name) ?? [];
    if (!y) return [];
    const file = join(settings.dir, name);
    return [
      { file, atMs: Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`), verified: byFile.get(file)?.state === 'verified' },
    ];
  });
  const gone = expired(found, { daily: settings.keepDaily, weekly: settings.keepWeekly });
  for (const file of gone) {
    await rm(file, { force: true });
    await rm(blobListOf(file), { force: true });
  }
  await ledger.removed(gone);
  const kept = found.map(({ file }) => file).filter((file) => !gone.includes(file));
  await sweepBlobs(settings.dir, kept, key);
  // The log of this life is of use from the start of the oldest backup that is kept.
  const first = kept
    .map((file) => byFile.get(file)?.report)
    .filter((report) => report?.incarnation === incarnation && report.firstSegment !== undefined)
    .map((report) => report!.firstSegment!)
    .sort()[0];
  const folder = logFolderOf(settings.dir, incarnation);
  if (first && existsSync(folder)) {
    for (const name of await readdir(folder))
      if (name.slice(0, 24) < first) await rm(join(folder, name), { force: true });
  }
  return gone.length;
};
