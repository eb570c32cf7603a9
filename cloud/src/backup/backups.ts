import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, HubError, uuidv7 } from '@hallhub/shared';
import type { Database, DbLogger } from '../db/index.js';
import type { JobDefinition } from '../jobs/index.js';
import { archiveLog } from './archive-log.js';
import { adviceOf, readHealth } from './backup-health.js';
import { BackupLedger } from './backup-ledger.js';
import type { RestoreReport } from './check-restore.js';
import type { BackupDto, BackupHealth } from './contract.js';
import { runBackup } from './run-backup.js';
import type { BackupKey } from './sealed-file.js';

export { describeRun, secretPrint } from './run-backup.js';

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

/** What every part of it works with. */
export type BackupState = BackupsOptions & { readonly ledger: BackupLedger; readonly incarnation: string };
export type BackupDeps = BackupState & { readonly key: BackupKey };

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
    return runBackup({ ...options, key, ledger, incarnation }, request, signal);
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
