import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HubError, systemClock } from '@hallhub/shared';
import pg from 'pg';
import { loadSessionSecret } from '../config/session-secret.js';
import { attachDatabase } from '../db/attach-database.js';
import { type Database, type DbLogger, openDatabase } from '../db/index.js';
import { prepareExternal } from '../db/prepare-roles.js';
import { loadBackupKey } from './backup-key.js';
import { type BackupSettings, describeRun, openBackups, secretPrint } from './backups.js';
import { restoreBlobs } from './blobs.js';
import { checkRestore } from './check-restore.js';
import { checkDump, restoreDump } from './dumps.js';
import { restoreFiles } from './restore-files.js';
import { kindOf } from './unpack-files.js';

export interface BackupCommandOptions {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly settings: BackupSettings;
  readonly secret: string | null;
  readonly version: string;
  readonly log: DbLogger;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** To be pasted into a shell. */
const shellWord = (text: string): string => (/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const clock = systemClock;

/** `--backup-now`: also beside a running cloud. */
export const backupNow = async (options: BackupCommandOptions): Promise<void> => {
  const { dataDir, databaseUrl, settings, log, signal, say } = options;
  const source = await loadBackupKey(settings.keyFile, { make: true });
  if (source.made)
    say(`A key was made: ${source.file}. Keep a copy away from this machine: without it no backup can be read.`);
  const database = await openOrAttach({ dataDir, databaseUrl, log, signal });
  try {
    const secret = options.secret ?? (await loadSessionSecret(dataDir));
    const backups = await openBackups({ ...options, database, key: source.key, secret, clock });
    say(describeRun(await backups.run({ reason: 'command' }, signal)));
  } finally {
    await database.close();
  }
};

/** The database of a data folder, beside a running cloud or alone. */
export const openOrAttach = async (options: {
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly log: DbLogger;
  readonly signal: AbortSignal;
}): Promise<Database> => {
  const { dataDir, databaseUrl, log: logger, signal } = options;
  if (databaseUrl !== null) return openDatabase({ dataDir, databaseUrl, logger, signal });
  if (!existsSync(dataDir))
    throw new HubError('not_found', `There is no data folder ${dataDir}`, { hint: 'Name it with --data.' });
  return (await attachDatabase({ dataDir, logger })) ?? openDatabase({ dataDir, logger, signal });
};

/** `--check-backup FILE`: restores it beside, compares, and leaves nothing behind. */
export const checkBackup = async (options: BackupCommandOptions, file: string): Promise<void> => {
  const { settings, dataDir, databaseUrl, log: logger, signal, say } = options;
  const { key } = await loadBackupKey(settings.keyFile, { make: false });
  const folder = settings.scratchDir ?? dataDir;
  await mkdir(folder, { recursive: true });
  const at = { file, key, scratch: join(folder, `restore-check-${process.pid}`), clock, logger, signal };
  const isDump = (await kindOf(file, key)) === 'dump';
  if (isDump && databaseUrl === null) throw needsDatabaseUrl(file);
  const report = isDump
    ? await checkDump({ ...at, programsDir: settings.programsDir, databaseUrl: databaseUrl ?? '', marks: null })
    : await checkRestore(at);
  for (const { what, expected, found } of report.faults) say(`${what}: ${expected} expected, ${found} found`);
  if (!report.ok) throw new HubError('store_corrupt', `${basename(file)} does not restore to what was backed up`);
  say(
    `${basename(file)} restores: ${report.tables} tables and ${report.indexes} indexes are sound${isDump ? '' : ', the books agree'}`,
  );
};

/** `--restore FILE --data NEWDIR [--until TIME]`; a dump goes into the empty database that DATABASE_URL names. */
export const restoreBackup = async (
  options: BackupCommandOptions,
  { file, until }: { readonly file: string; readonly until: Date | null },
): Promise<void> => {
  const { settings, dataDir, databaseUrl, log: logger, signal, say } = options;
  const { key } = await loadBackupKey(settings.keyFile, { make: false });
  if ((await kindOf(file, key)) === 'dump') {
    await intoDatabase(options, { file, key, until });
  } else {
    const { manifest, segments } = await restoreFiles({
      file,
      key,
      dataDir,
      until: until ?? 'end',
      clock,
      logger,
      signal,
    });
    say(
      `The database of ${manifest.after.at}${segments > 0 ? `, and ${segments} log files after it` : ''}, is restored into ${dataDir}.`,
    );
    const secret =
      options.secret ?? (existsSync(join(dataDir, 'session-secret')) ? await loadSessionSecret(dataDir) : null);
    if (secret === null || secretPrint(secret) !== manifest.secretPrint) {
      say(
        `Before it is started: copy the file session-secret of the old data folder into ${dataDir}, or set the HALLHUB_SECRET of the old cloud. The keys of the certificate authority are sealed with it.`,
      );
    }
  }
  const blobs = await restoreBlobs({ backupFile: file, blobsDir: join(dataDir, 'blobs'), key });
  if (blobs.count > 0) say(`${blobs.count} files of evidence are restored.`);
  say(
    `Start: node cloud/dist/main.js --data ${shellWord(dataDir)}${databaseUrl === null ? '' : ' (with the same DATABASE_URL)'}`,
  );
};

const needsDatabaseUrl = (file: string): HubError =>
  new HubError('configuration', `${basename(file)} was dumped from a PostgreSQL of your own`, {
    hint: 'Set DATABASE_URL: to restore, to an empty database of a role of the same name, made as docs/operations.md says.',
  });

const intoDatabase = async (
  { databaseUrl, settings: { programsDir }, signal, say }: BackupCommandOptions,
  {
    file,
    key,
    until,
  }: {
    readonly file: string;
    readonly key: Awaited<ReturnType<typeof loadBackupKey>>['key'];
    readonly until: Date | null;
  },
): Promise<void> => {
  if (databaseUrl === null) throw needsDatabaseUrl(file);
  if (until) {
    throw new HubError('invalid_input', 'A dump holds one moment only: --until does not apply', {
      hint: 'Restore to a moment by the means of your own PostgreSQL.',
    });
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  let serverMajor: number;
  try {
    await prepareExternal(client);
    const { rows } = await client.query<{ v: string; tables: string }>(
      `SELECT current_setting('server_version_num') AS v, (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r') AS tables`,
    );
    if (Number(rows[0]?.tables) > 0) {
      throw new HubError('conflict', 'The database that DATABASE_URL names is not empty', {
        hint: 'Make a new one; a backup is never restored over data that is there.',
      });
    }
    serverMajor = Math.floor(Number(rows[0]?.v) / 10_000);
  } finally {
    await client.end();
  }
  await restoreDump({ file, key, databaseUrl, serverMajor, signal, programsDir });
  say('The database is restored.');
};
