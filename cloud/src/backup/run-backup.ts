import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HubError, toHubError, uuidv7 } from '@hallhub/shared';
import { keepLog } from './archive-log.js';
import type { BackupDeps, RunOutcome, RunRequest } from './backups.js';
import { backUpBlobs } from './blobs.js';
import { checkRestore } from './check-restore.js';
import { checkDump, takeDump } from './dumps.js';
import { pruneBackups } from './prune-backups.js';
import { takeFiles } from './take-files.js';

export const secretPrint = (secret: string): string =>
  createHash('sha256').update(`hallhub ${secret}`).digest('hex').slice(0, 16);

const stamp = (now: Date): string => now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');

/** Takes one, restores it beside and compares; what came of it is in the ledger. */
export const runBackup = async (deps: BackupDeps, request: RunRequest, signal: AbortSignal): Promise<RunOutcome> => {
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
    const removed = await pruneBackups(deps);
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
  deps: BackupDeps,
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
  deps: BackupDeps,
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

const scratchOf = ({ settings, database, dataDir }: BackupDeps, id: string): string =>
  join(settings.scratchDir ?? database.embedded?.location.serverDir ?? dataDir, `restore-check-${id.slice(-12)}`);

/** What a killed run left. */
const removeDrafts = async (dir: string): Promise<void> => {
  for (const name of await readdir(dir)) if (name.endsWith('.part')) await rm(join(dir, name), { force: true });
};

export const describeRun = ({ file, bytes, report }: RunOutcome): string =>
  `${basename(file)} in ${dirname(file)}: ${(bytes / 2 ** 20).toFixed(1)} MiB, restored and compared in ${((report.restoreMs + report.checkMs) / 1000).toFixed(1)} s: ` +
  `${report.tables} tables and ${report.indexes} indexes sound, ${report.migrations} migrations, audit sealed to ${report.found.counts.auditSealedTo}, ` +
  `${report.found.counts.rowsCommitted} rows committed in ${report.found.counts.streams} streams`;
