import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Clock, HubError } from '@hallhub/shared';
import pg, { type Client } from 'pg';
import type { EmbeddedAccess } from '../db/index.js';
import { type BookMarks, readMarks } from './book-marks.js';
import { packCluster, packFile, packText } from './copy-cluster.js';
import { type BackupKey, sealStream } from './sealed-file.js';

/** The last entry of a backup: what it is and how to tell that a restore is right. */
export interface BackupManifest {
  readonly v: 1;
  readonly kind: 'files';
  readonly version: string;
  readonly postgresMajor: number;
  readonly systemIdentifier: string;
  /** Names the life of the data folder: logs of another life do not fit. */
  readonly incarnation: string;
  readonly timeline: number;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly firstSegment: string;
  readonly lastSegment: string;
  readonly before: BookMarks;
  readonly after: BookMarks;
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of HALLHUB_SECRET, or of what stands in its file, shortened: it is not in the backup, and what it seals is. */
  readonly secretPrint: string;
}

export interface TakeFilesOptions {
  readonly access: EmbeddedAccess;
  readonly key: BackupKey;
  /** Where the finished file lies. */
  readonly file: string;
  readonly version: string;
  readonly incarnation: string;
  readonly secretPrint: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Holds the log from here on, for recovery to a later moment. */
  readonly onStarted?: (client: Client) => Promise<void>;
}

/** Writes one backup of the private server's files, whole or not at all. Also beside a running HallHub. */
export const takeFiles = async (options: TakeFilesOptions): Promise<{ manifest: BackupManifest; bytes: number }> => {
  const { access, clock, file } = options;
  const client = new pg.Client({ ...access.admin, application_name: 'hallhub-backup' });
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
  });
  await client.connect();
  const draft = `${file}.part`;
  try {
    const lock = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [backupLock]);
    if (!lock.rows[0]?.got) throw new HubError('conflict', 'Another backup of this database is being taken now');
    await options.onStarted?.(client);
    // Of this session only: the log from here on stays until it is in the file.
    await client.query(`SELECT pg_create_physical_replication_slot('hallhub_backup_' || pg_backend_pid(), true, true)`);
    const before = await readMarks(client, new Date(clock.now()));
    const manifest = await write({ ...options, client, before, draft });
    if (lost) throw lost;
    await syncFile(draft);
    await rename(draft, file);
    await syncFile(dirname(file));
    return { manifest, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(draft, { force: true });
    throw asBackupFault(lost ?? error, file);
  } finally {
    await client.end().catch(() => undefined);
  }
};

export const backupLock = 4_702_111_238;

const write = async (
  options: TakeFilesOptions & { readonly client: Client; readonly before: BookMarks; readonly draft: string },
): Promise<BackupManifest> => {
  const { access, client, key, clock, signal } = options;
  const { pgData } = access.location;
  const { rows: started } = await client.query<{ lsn: string; segment: string }>(
    `SELECT lsn::text, pg_walfile_name(lsn + 1) AS segment FROM (SELECT pg_backup_start($1, true) AS lsn) s`,
    [`hallhub ${options.incarnation}`],
  );
  const start = started[0]!;
  const { pack: openPack } = await import('tar-stream');
  const pack = openPack();
  const written = pipeline(
    pack,
    createGzip({ level: 4 }),
    sealStream(key, 'files', new Date(clock.now())),
    createWriteStream(options.draft, { mode: 0o600 }),
    { signal },
  );
  // Heard where it is awaited; a fault before that must not end the process.
  written.catch((error: unknown) => pack.destroy(error as Error));
  const fill = async (): Promise<BackupManifest> => {
    const copied = await packCluster(pack, pgData, signal);
    const stopped = await client.query<{ lsn: string; segment: string; label: string; spaces: string }>(
      `SELECT lsn::text, pg_walfile_name(lsn) AS segment, labelfile AS label, spcmapfile AS spaces FROM pg_backup_stop(false)`,
    );
    const stop = stopped.rows[0]!;
    if (stop.spaces.trim() !== '') throw new HubError('unsupported', 'The database has tablespaces outside its folder');
    packText(pack, 'data/backup_label', stop.label);
    const after = await readMarks(client, new Date(clock.now()));
    for (const segment of segmentsBetween(start.segment, stop.segment)) {
      const size = await packFile(pack, { name: `log/${segment}`, path: join(pgData, 'pg_wal', segment) });
      if (size === undefined) throw new HubError('bug', `the log ${segment} went while the backup was taken`);
    }
    const { rows } = await client.query<{ id: string; timeline: number }>(
      'SELECT system_identifier::text AS id, (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline FROM pg_control_system()',
    );
    const manifest: BackupManifest = {
      ...{ v: 1, kind: 'files', version: options.version, postgresMajor: access.binaries.major },
      ...{ systemIdentifier: rows[0]!.id, timeline: rows[0]!.timeline, incarnation: options.incarnation },
      ...{ startLsn: start.lsn, stopLsn: stop.lsn, firstSegment: start.segment, lastSegment: stop.segment },
      ...{ before: options.before, after, ...copied, secretPrint: options.secretPrint },
    };
    packText(pack, 'manifest.json', JSON.stringify(manifest));
    pack.finalize();
    return manifest;
  };
  const filled = fill();
  filled.catch((error: unknown) => pack.destroy(error as Error));
  const [manifest] = await Promise.all([filled, written]);
  return manifest;
};

const segmentsPerLog = 0x100;

/** Names of log files from one to another, both included, of one timeline (24 hex digits: timeline, log, segment of 16 MiB). */
export const segmentsBetween = (from: string, to: string): string[] => {
  const timeline = from.slice(0, 8);
  const numberOf = (name: string) =>
    Number.parseInt(name.slice(8, 16), 16) * segmentsPerLog + Number.parseInt(name.slice(16), 16);
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0');
  const names: string[] = [];
  for (let n = numberOf(from); n <= numberOf(to); n++) {
    names.push(`${timeline}${hex(Math.floor(n / segmentsPerLog))}${hex(n % segmentsPerLog)}`);
  }
  return names;
};

export const syncFile = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const asBackupFault = (error: unknown, file: string): unknown => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') {
    return new HubError('store_full', `The disk of ${dirname(file)} is full`, {
      cause: error,
      hint: 'Free some space.',
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOENT') {
    return new HubError('store_unwritable', `The backup folder ${dirname(file)} cannot be written`, {
      cause: error,
      hint: 'Make it writable for the account of the cloud, or name another with HALLHUB_BACKUP_DIR.',
    });
  }
  return error;
};
