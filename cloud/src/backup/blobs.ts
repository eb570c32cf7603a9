import { createHmac } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { HubError } from '@hallhub/shared';
import { type BackupKey, sealStream } from './sealed-file.js';
import { openSealedFile, readSealedText } from './unpack-files.js';

/** One file below DATA/blobs as it was when the backup was taken. */
export interface BlobEntry {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Name in the backup folder's `blobs/`. */
  readonly stored: string;
}

export interface BlobCounts {
  readonly count: number;
  readonly bytes: number;
}

export const blobListOf = (backupFile: string): string => backupFile.replace(/\.hhb$/, '.blobs.hhb');

const nameKey = (key: BackupKey): Buffer =>
  createHmac('sha256', key.master('68616c6c687562206e616d657320310a')).digest();

/** Files of evidence never change once whole, so each is sealed and stored once; the list says which a backup is made of. */
export const backUpBlobs = async (options: {
  readonly blobsDir: string;
  readonly backupDir: string;
  readonly backupFile: string;
  readonly key: BackupKey;
  readonly now: Date;
  readonly signal: AbortSignal;
}): Promise<BlobCounts> => {
  const { blobsDir, backupDir, key, now, signal } = options;
  const store = join(backupDir, 'blobs');
  const entries: BlobEntry[] = [];
  let bytes = 0;
  const secret = nameKey(key);
  for (const path of await filesBelow(blobsDir)) {
    signal.throwIfAborted();
    const seen = await stat(join(blobsDir, path)).catch(() => undefined);
    if (!seen) continue;
    const { size } = seen;
    const mtimeMs = Math.floor(seen.mtimeMs);
    const stored = `${createHmac('sha256', secret).update(`${path}\n${size}\n${mtimeMs}`).digest('hex')}.hhb`;
    entries.push({ path, size, mtimeMs, stored });
    bytes += size;
    const target = join(store, stored.slice(0, 2), stored);
    if (existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await seal(createReadStream(join(blobsDir, path)), target, { key, kind: 'blob', now, signal });
  }
  await seal(Readable.from([JSON.stringify(entries)]), blobListOf(options.backupFile), {
    key,
    kind: 'list',
    now,
    signal,
  });
  return { count: entries.length, bytes };
};

const seal = async (
  source: Readable,
  target: string,
  { key, kind, now, signal }: { key: BackupKey; kind: 'blob' | 'list'; now: Date; signal: AbortSignal },
): Promise<void> => {
  const draft = `${target}.part`;
  try {
    await pipeline(
      source,
      createGzip({ level: 1 }),
      sealStream(key, kind, now),
      createWriteStream(draft, { mode: 0o600, flush: true }),
      {
        signal,
      },
    );
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

const filesBelow = async (folder: string): Promise<string[]> => {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
};

/** Brings the evidence of a backup back. Returns what was brought; errors name the first file that is missing or damaged. */
export const restoreBlobs = async (options: {
  readonly backupFile: string;
  readonly blobsDir: string;
  readonly key: BackupKey;
}): Promise<BlobCounts> => {
  const list = blobListOf(options.backupFile);
  if (!existsSync(list)) return { count: 0, bytes: 0 };
  const entries = JSON.parse(await readSealedText(list, options.key)) as BlobEntry[];
  const store = join(dirname(options.backupFile), 'blobs');
  let bytes = 0;
  for (const { path, size, mtimeMs, stored } of entries) {
    const target = normalize(join(options.blobsDir, path));
    if (!target.startsWith(`${options.blobsDir}/`)) {
      throw new HubError('store_corrupt', `the list of evidence names a file outside of its folder: ${path}`);
    }
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await openSealedFile(join(store, stored.slice(0, 2), stored), options.key, target);
    await utimes(target, mtimeMs / 1000, mtimeMs / 1000);
    bytes += size;
  }
  return { count: entries.length, bytes };
};

/** Removes sealed evidence that no kept backup is made of. */
export const sweepBlobs = async (backupDir: string, kept: readonly string[], key: BackupKey): Promise<number> => {
  const store = join(backupDir, 'blobs');
  if (!existsSync(store)) return 0;
  const needed = new Set<string>();
  for (const file of kept) {
    const list = blobListOf(file);
    if (!existsSync(list)) continue;
    for (const { stored } of JSON.parse(await readSealedText(list, key)) as BlobEntry[]) needed.add(stored);
  }
  let removed = 0;
  for (const path of await filesBelow(store)) {
    if (needed.has(path.slice(path.lastIndexOf('/') + 1))) continue;
    await rm(join(store, path), { force: true });
    removed++;
  }
  return removed;
};
