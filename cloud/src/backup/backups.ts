import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Clock, HubError, toHubError, uuidv7 } from '@hallhub/shared';
import type { Database, DbLogger } from '../db/index.js';
import type { JobDefinition } from '../jobs/index.js';
import { archiveLog, keepLog } from './archive-log.js';
import { BackupLedger } from './backup-ledger.js';
import { backUpBlobs, blobListOf, sweepBlobs } from './blobs.js';
import { checkRestore, type RestoreReport } from './check-restore.js';
import type { BackupDto, BackupHealth } from './contract.js';
import { checkDump, takeDump } from './dumps.js';
import { logFolderOf } from './restore-files.js';
import { expired } from './retention.js';
import type { BackupKey } from './sealed-file.js';
import { takeFiles } from './take-files.js';

export interface BackupSettings {
  /** False: somebody else backs the database up (HALLHUB_BACKUP=off). */
  readonly on: boolean;
  readonly dir: string;
  readonly keyFile: string;
  /** Five fields, UTC. */
  readonly cron: string;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly maxAgeHours: number;
  /** Where restores are tried; beside the data where null. */
  readonly scratchDir: string | null;
  /** Folder of pg_dump and pg_restore; null: looked for. */
  readonly programsDir: string | null;
}

export interface BackupsOptions {
  readonly database: Database;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly settings: BackupSettings;
  /** Null where backups are off. */
  readonly key: BackupKey | null;
  /** HALLHUB_SECRET or what stands in for it: only its fingerprint goes into a backup. */
  readonly secret: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: DbLogger;
}

export interface RunRequest {
  readonly reason: BackupDto['reason'];
  readonly requestedBy?: string | null;
}

export interface RunOutcome {
  readonly file: string;
  readonly bytes: number;
  readonly report: RestoreReport;
}

export interface Backups {
  readonly ledger: BackupLedger;
  readonly jobs: readonly JobDefinition[];
  /** Takes one, restores it beside, compares, and removes what is no longer kept. Errors are in the ledger too. */
  run(request: RunRequest, signal: AbortSignal): Promise<RunOutcome>;
  health(): Promise<BackupHealth>;
}

export const secretPrint = (secret: string): string =>
  createHash('sha256').update(`hallhub ${secret}`).digest('hex').slice(0, 16);

/** Names this life of the data folder; a restored one begins another, whose log is kept apart. */
const loadIncarnation = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'data-life');
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, uuidv7(), { flag: 'wx', flush: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const text = (await readFile(file, 'utf8')).trim();
  if (/^[0-9a-f-]{36}$/.test(text)) return text;
  await writeFile(file, uuidv7(), { flush: true });
  return (await readFile(file, 'utf8')).trim();
};

export const openBackups = async (options: BackupsOptions): Promise<Backups> => {
  const { database, settings, clock, log } = options;
  const ledger = new BackupLedger(database.ownerPool);
  const incarnation = await loadIncarnation(options.dataDir);
  const { key } = options;
  const run = async (request: RunRequest, signal: AbortSignal) => {
    if (!key) throw new HubError('conflict', 'Backups are off', { hint: 'Take HALLHUB_BACKUP=off away.' });
    return runOne({ ...options, key, ledger, incarnation }, request, signal);
  };
  const health = () => readHealth({ ...options, ledger, incarnation });
  const jobs: JobDefinition[] = settings.on
    ? [
        {
          name: 'backup.run',
          cron: settings.cron,
          expireInSeconds: 6 * 3_600,
          retryLimit: 1,
          run: (data, signal) => run(requestOf(data), signal),
        },
        {
          name: 'backup.watch',
          cron: '7 * * * *',
          run: async () => {
            const seen = await health();
            if (seen.state !== 'ok') log.warn({ backups: seen.state, newest: seen.newestVerifiedAt }, adviceOf(seen));
          },
        },
      ]
    : [];
  const { embedded } = database;
  if (settings.on && embedded && key) {
    jobs.push({
      name: 'backup.archive-log',
      cron: '* * * * *',
      run: (_, signal) => archiveLog({ access: embedded, key, backupDir: settings.dir, incarnation, clock, signal }),
    });
  }
  return { ledger, jobs, run, health };
};

const requestOf = (data: object): RunRequest => {
  const { by } = data as { by?: unknown };
  return typeof by === 'string' ? { reason: 'person', requestedBy: by } : { reason: 'schedule' };
};

const adviceOf = (health: BackupHealth): string =>
  ({
    ok: 'backups are well',
    off: 'backups are off',
    never: 'no backup of this database has been taken and proved yet',
    late: `the newest proved backup is older than ${health.maxAgeHours} hours`,
    failed: 'the newest backup failed',
    log_lost:
      'the log was not carried away in time: only the moments of whole backups can be restored until the next one',
  })[health.state];

type State = BackupsOptions & { readonly ledger: BackupLedger; readonly incarnation: string };
type Deps = State & { readonly key: BackupKey };

const stamp = (now: Date): string => now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');

const runOne = async (deps: Deps, request: RunRequest, signal: AbortSignal): Promise<RunOutcome> => {
  const { database, settings, clock, ledger, log } = deps;
  const id = uuidv7();
  const startedAt = new Date(clock.now());
  const kind = database.embedded ? 'files' : 'dump';
  await ledger.begin({
    id,
    kind,
    reason: request.reason,
    requested_by: request.requestedBy ?? null,
    started_at: startedAt,
  });
  try {
    await mkdir(settings.dir, { recursive: true, mode: 0o700 }).catch((cause) => {
      throw new HubError(
        'store_unwritable',
        `The backup folder ${settings.dir} cannot be made: ${(cause as Error).message}`,
        {
          cause,
          hint: 'Make it writable for the account of the cloud, or name another with HALLHUB_BACKUP_DIR.',
        },
      );
    });
    await removeDrafts(settings.dir);
    const file = join(settings.dir, `hallhub-${stamp(startedAt)}-${deps.incarnation.slice(-8)}.hhb`);
    const outcome = await (database.embedded ? runFiles : runDump)(deps, { id, file, signal });
    if (!outcome.report.ok) {
      throw new HubError('store_corrupt', 'What was restored from the backup is not what was backed up', {
        context: { faults: outcome.report.faults.slice(0, 10) },
        hint: 'Check the disk and the memory of this machine, then take another backup.',
      });
    }
    const removed = await prune(deps);
    log.info(
      { file, bytes: outcome.bytes, restoreMs: outcome.report.restoreMs, removed },
      'a backup was taken and proved',
    );
    return outcome;
  } catch (error) {
    const hubError = toHubError(error);
    await ledger
      .failed(id, hubError)
      .catch((cause: unknown) => log.warn({ err: cause }, 'the failed backup could not be noted'));
    throw hubError;
  }
};

const runFiles = async (
  deps: Deps,
  { id, file, signal }: { readonly id: string; readonly file: string; readonly signal: AbortSignal },
): Promise<RunOutcome> => {
  const { database, settings, clock, ledger, key, incarnation } = deps;
  const { manifest, bytes } = await takeFiles({
    ...{ access: database.embedded!, key, file, incarnation, clock, signal, version: deps.version },
    secretPrint: secretPrint(deps.secret),
    onStarted: async (client) => {
      await keepLog(client);
      await ledger.logBegins(incarnation);
    },
  });
  const blobs = await backUpBlobs({
    ...{ blobsDir: join(deps.dataDir, 'blobs'), backupDir: settings.dir, backupFile: file, key, signal },
    now: new Date(clock.now()),
  });
  await ledger.written(id, {
    ...{ file, bytes, blobs, at: new Date(clock.now()) },
    report: { incarnation, firstSegment: manifest.firstSegment },
    lsn: { start: manifest.startLsn, stop: manifest.stopLsn },
  });
  const report = await checkRestore({
    ...{ file, key, clock, logger: deps.log, signal, databaseBytes: manifest.bytes },
    scratch: scratchOf(deps, id),
  });
  await ledger.checked(id, report, new Date(clock.now()));
  return { file, bytes, report };
};

const runDump = async (
  deps: Deps,
  { id, file, signal }: { readonly id: string; readonly file: string; readonly signal: AbortSignal },
): Promise<RunOutcome> => {
  const { settings, clock, ledger, key } = deps;
  const { bytes, before, after } = await takeDump({
    ...{ databaseUrl: deps.databaseUrl!, key, file, clock, signal, programsDir: settings.programsDir },
  });
  const blobs = await backUpBlobs({
    ...{ blobsDir: join(deps.dataDir, 'blobs'), backupDir: settings.dir, backupFile: file, key, signal },
    now: new Date(clock.now()),
  });
  await ledger.written(id, { file, bytes, blobs, at: new Date(clock.now()), report: {} });
  const report = await checkDump({
    ...{
      file,
      key,
      clock,
      logger: deps.log,
      signal,
      programsDir: settings.programsDir,
      databaseUrl: deps.databaseUrl!,
      marks: { before, after },
    },
    scratch: scratchOf(deps, id),
  });
  await ledger.checked(id, report, new Date(clock.now()));
  return { file, bytes, report };
};

const scratchOf = ({ settings, database, dataDir }: Deps, id: string): string =>
  join(settings.scratchDir ?? database.embedded?.location.serverDir ?? dataDir, `restore-check-${id.slice(-12)}`);

/** What a killed run left. */
const removeDrafts = async (dir: string): Promise<void> => {
  for (const name of await readdir(dir)) if (name.endsWith('.part')) await rm(join(dir, name), { force: true });
};

const namePattern = /^hallhub-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}\.hhb$/;

const prune = async ({ settings, ledger, incarnation, key }: Deps): Promise<number> => {
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

const isBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || !(way.startsWith('..') || way.startsWith('/'));
};

const readHealth = async ({
  settings,
  ledger,
  database,
  dataDir,
  incarnation,
  clock,
}: State): Promise<BackupHealth> => {
  const facts = await ledger.facts(incarnation);
  const old = facts.verifiedAt === null || clock.now() - facts.verifiedAt.getTime() > settings.maxAgeHours * 3_600_000;
  const state = ((): BackupHealth['state'] => {
    if (!settings.on) return 'off';
    if (facts.lastState === null) return 'never';
    if (facts.lastState === 'failed') return 'failed';
    if (facts.broken) return 'log_lost';
    return old ? 'late' : 'ok';
  })();
  return {
    state,
    mode: settings.on ? (database.embedded ? 'files' : 'dump') : 'off',
    folder: settings.dir,
    keyFile: settings.keyFile,
    keyBesideData: isBelow(dataDir, settings.keyFile) || isBelow(settings.dir, settings.keyFile),
    folderBesideData: isBelow(dataDir, settings.dir),
    schedule: settings.cron,
    ...{ keepDaily: settings.keepDaily, keepWeekly: settings.keepWeekly, maxAgeHours: settings.maxAgeHours },
    newestVerifiedAt: facts.verifiedAt?.toISOString() ?? null,
    logArchivedAt: facts.logAt?.toISOString() ?? null,
  };
};

export const describeRun = ({ file, bytes, report }: RunOutcome): string =>
  `${basename(file)} in ${dirname(file)}: ${(bytes / 2 ** 20).toFixed(1)} MiB, restored and compared in ${((report.restoreMs + report.checkMs) / 1000).toFixed(1)} s: ` +
  `${report.tables} tables and ${report.indexes} indexes sound, ${report.migrations} migrations, audit sealed to ${report.found.counts.auditSealedTo}, ` +
  `${report.found.counts.rowsCommitted} rows committed in ${report.found.counts.streams} streams`;
