import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '@hallhub/shared';
import pg, { type Client } from 'pg';
import type { EmbeddedAccess } from '../db/index.js';
import { logFolderOf } from './restore-files.js';
import { type BackupKey, sealStream } from './sealed-file.js';
import { asBackupFault, segmentsBetween, syncFile } from './take-files.js';

const slot = 'hallhub_archive';
const archiveLock = 4_702_111_236;
/** What is written waits this long at most before its segment is closed and carried away. */
const closeAfterMs = 300_000;

export interface ArchiveOptions {
  readonly access: EmbeddedAccess;
  readonly key: BackupKey;
  readonly backupDir: string;
  readonly incarnation: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Closes the segment that is being written, however young. */
  readonly now?: boolean;
}

export interface ArchiveOutcome {
  /** `off`: no backup has been taken yet; `lost`: the server had to drop logs that were not carried away: a new backup is needed. */
  readonly state: 'off' | 'running' | 'lost' | 'elsewhere';
  readonly segments: number;
}

/** From the first backup on, the server keeps its log until it has been carried to the backup folder. */
export const keepLog = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{ wal_status: string }>(
    'SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1',
    [slot],
  );
  if (rows[0] && rows[0].wal_status !== 'lost') return;
  if (rows[0]) await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
  await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
};

interface SlotRow {
  wal_status: string;
  oldest: string | null;
  current: string;
  got: boolean;
  closed_ms: number | null;
}

/** Carries every finished segment of the log into the backup folder, sealed; the server may then reuse it. */
export const archiveLog = async (options: ArchiveOptions): Promise<ArchiveOutcome> => {
  const { access, clock, signal, incarnation } = options;
  const client = new pg.Client({ ...access.admin, application_name: 'hallhub-archive' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<SlotRow>(
      `SELECT wal_status, pg_walfile_name(restart_lsn + 1) AS oldest, pg_walfile_name(pg_current_wal_flush_lsn() + 1) AS current,
         pg_try_advisory_lock($2) AS got,
         (SELECT extract(epoch FROM now() - archived_at) * 1000 FROM backup_logs WHERE incarnation = $3)::float8 AS closed_ms
       FROM pg_replication_slots WHERE slot_name = $1`,
      [slot, archiveLock, incarnation],
    );
    const found = rows[0];
    if (!found) return { state: 'off', segments: 0 };
    if (!found.got) return { state: 'elsewhere', segments: 0 };
    if (found.wal_status === 'lost' || found.oldest === null) {
      await client.query(
        `UPDATE backup_logs SET broken_at = coalesce(broken_at, now()), broken_reason = 'the backup folder was away for too long' WHERE incarnation = $1`,
        [incarnation],
      );
      return { state: 'lost', segments: 0 };
    }
    let { current } = found;
    if (options.now || found.closed_ms === null || found.closed_ms >= closeAfterMs) {
      // Does nothing where nothing was written since the last time.
      await client.query('SELECT pg_switch_wal()');
      const after = await client.query<{ current: string }>(
        // A position just between two segments counts as the end of the first one: one byte on, it names the one being written.
        'SELECT pg_walfile_name(pg_current_wal_insert_lsn() + 1) AS current',
      );
      current = after.rows[0]?.current ?? current;
    }
    const finished = segmentsBetween(found.oldest, current).filter((name) => name !== current);
    const folder = logFolderOf(options.backupDir, incarnation);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of finished) {
      signal.throwIfAborted();
      await carry(options, { from: join(access.location.pgData, 'pg_wal', name), to: join(folder, `${name}.hhb`) });
      await release(client, { name, incarnation, now: new Date(clock.now()) });
    }
    return { state: 'running', segments: finished.length };
  } finally {
    await client.end().catch(() => undefined);
  }
};

const carry = async (
  { key, clock, signal }: ArchiveOptions,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> => {
  const draft = `${to}.part`;
  try {
    await pipeline(
      createReadStream(from),
      createGzip({ level: 4 }),
      sealStream(key, 'log', new Date(clock.now())),
      createWriteStream(draft, { mode: 0o600 }),
      { signal },
    );
    await syncFile(draft);
    await rename(draft, to);
  } catch (error) {
    await rm(draft, { force: true });
    throw asBackupFault(error, to);
  }
};

/** The position just behind a segment of 16 MiB. */
const endOf = (name: string): string => {
  const next = Number.parseInt(name.slice(16), 16) + 1;
  const log = Number.parseInt(name.slice(8, 16), 16) + Math.floor(next / 256);
  return `${log.toString(16).toUpperCase()}/${((next % 256) * 0x100_0000).toString(16).toUpperCase()}`;
};

const release = async (
  client: Client,
  { name, incarnation, now }: { readonly name: string; readonly incarnation: string; readonly now: Date },
): Promise<void> => {
  const lsn = endOf(name);
  await client.query('SELECT pg_replication_slot_advance($1, $2::pg_lsn)', [slot, lsn]);
  await client.query(
    `INSERT INTO backup_logs AS l (incarnation, archived_to, archived_at, segments) VALUES ($1, $2::pg_lsn, $3, 1)
     ON CONFLICT (incarnation) DO UPDATE SET archived_to = excluded.archived_to, archived_at = excluded.archived_at, segments = l.segments + 1`,
    [incarnation, lsn, now],
  );
};
