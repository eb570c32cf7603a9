import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';

/** Folders whose content a server makes anew (PostgreSQL 15, 26.3.3): the folder itself is kept. */
const emptied = new Set([
  ...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans'],
]);
const leftOut =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|pg_internal\.init(\.\d+)?|pgsql_tmp.*|.*\.lock)$/;

export interface CopiedFiles {
  readonly files: number;
  readonly bytes: number;
}

/** Packs the files of a running server between pg_backup_start and pg_backup_stop. Files may change, grow and go meanwhile. */
export const packCluster = async (pack: Pack, pgData: string, signal: AbortSignal): Promise<CopiedFiles> => {
  let files = 0;
  let bytes = 0;
  const visit = async (folder: string): Promise<void> => {
    signal.throwIfAborted();
    let entries: Dirent[];
    try {
      entries = await readdir(join(pgData, folder), { withFileTypes: true });
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (leftOut.test(entry.name)) continue;
      if (entry.isDirectory()) {
        pack.entry({ name: `data/${path}`, type: 'directory', mode: 0o700 });
        if (!(folder === '' && emptied.has(entry.name))) await visit(path);
        else if (path === 'pg_wal') pack.entry({ name: 'data/pg_wal/archive_status', type: 'directory', mode: 0o700 });
      } else if (entry.isFile()) {
        const size = await packFile(pack, { name: `data/${path}`, path: join(pgData, path) });
        if (size === undefined) continue;
        files++;
        bytes += size;
      }
    }
  };
  await visit('');
  return { files, bytes };
};

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** As long as it was when it was opened: what grows is in the log, what shrank is filled up and cut again by the log. */
export const packFile = async (
  pack: Pack,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<number | undefined> => {
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  const entry = pack.entry({ name, size, mode: 0o600, type: 'file' });
  if (size === 0) {
    entry.end(undefined);
    return 0;
  }
  await pipeline(Readable.from(exactly(path, size)), entry);
  return size;
};

const exactly = async function* (path: string, size: number): AsyncGenerator<Buffer> {
  let left = size;
  try {
    for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 256 * 1024 })) {
      left -= (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  for (; left > 0; left -= Math.min(left, 65_536)) yield Buffer.alloc(Math.min(left, 65_536));
};

/** A small file made in memory. */
export const packText = (pack: Pack, name: string, text: string): void => {
  pack.entry({ name, mode: 0o600 }, text);
};
