import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Clock, HubError } from '@hallhub/shared';
import pg from 'pg';
import { adminRole, EmbeddedServer } from '../db/embedded/index.js';
import { databaseName, prepareEmbedded } from '../db/prepare-roles.js';
import { type BookMarks, compareMarks, readMarks } from './book-marks.js';
import { type CheckOptions, type RestoreReport, readEverything, requireRoom } from './check-restore.js';
import { findDumpPrograms, programEnd, run, withoutPassword } from './dump-programs.js';
import { type BackupKey, openStream, sealStream } from './sealed-file.js';
import { asBackupFault, syncFile } from './take-files.js';

export const needsPrograms = (serverVersion: string): HubError =>
  new HubError('configuration', `No pg_dump for PostgreSQL ${serverVersion} was found on this machine`, {
    hint: 'Install the client programs of that version (Debian: apt-get install postgresql-client), or name their folder with HALLHUB_BACKUP_PROGRAMS. Or back the server up by its own means and say so with HALLHUB_BACKUP=off.',
  });

export interface TakenDump {
  readonly bytes: number;
  readonly before: BookMarks;
  readonly after: BookMarks;
}

/** One sealed pg_dump of a database that somebody else keeps. */
export const takeDump = async (options: {
  readonly databaseUrl: string;
  readonly key: BackupKey;
  readonly file: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly programsDir: string | null;
}): Promise<TakenDump> => {
  const { databaseUrl, key, file, clock, signal } = options;
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'hallhub-backup' });
  client.on('error', () => undefined);
  await client.connect();
  const draft = `${file}.part`;
  try {
    const { rows } = await client.query<{ v: string }>(`SELECT current_setting('server_version_num') AS v`);
    const major = Math.floor(Number(rows[0]?.v ?? 0) / 10_000);
    const programs = findDumpPrograms(major, options.programsDir);
    if (!programs) throw needsPrograms(String(major));
    const before = await readMarks(client, new Date(clock.now()));
    const { url, env } = withoutPassword(databaseUrl);
    const child = run(programs.dump, ['--format=custom', '--compress=0', '--no-owner', `--dbname=${url}`], env);
    await Promise.all([
      programEnd(child, 'pg_dump'),
      pipeline(
        child.stdout!,
        createGzip({ level: 4 }),
        sealStream(key, 'dump', new Date(clock.now())),
        createWriteStream(draft, { mode: 0o600 }),
        { signal },
      ),
    ]);
    const after = await readMarks(client, new Date(clock.now()));
    await syncFile(draft);
    await rename(draft, file);
    await syncFile(dirname(file));
    return { bytes: (await stat(file)).size, before, after };
  } catch (error) {
    await rm(draft, { force: true });
    throw asBackupFault(error, file);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Feeds a sealed dump to pg_restore. `databaseUrl` names an empty database whose roles are there. */
export const restoreDump = async (options: {
  readonly file: string;
  readonly key: BackupKey;
  readonly databaseUrl: string;
  readonly serverMajor: number;
  readonly programsDir: string | null;
  /** Into a database that lives as long as its check only. */
  readonly signal?: AbortSignal | undefined;
}): Promise<void> => {
  const { file, key, databaseUrl, serverMajor } = options;
  const programs = findDumpPrograms(serverMajor, options.programsDir);
  if (!programs) throw needsPrograms(String(serverMajor));
  const { url, env } = withoutPassword(databaseUrl);
  const child = run(
    programs.restore,
    ['--no-owner', '--exit-on-error', '--single-transaction', `--dbname=${url}`],
    env,
  );
  const ended = programEnd(child, 'pg_restore');
  ended.catch(() => undefined);
  const fed = pipeline(
    createReadStream(file, { highWaterMark: 1024 * 1024 }),
    openStream(key, basename(file)),
    createGunzip(),
    child.stdin!,
    ...(options.signal ? [{ signal: options.signal }] : []),
  ).catch((error: unknown) => {
    // pg_restore that gave up closes its end: its own words say more.
    child.kill('SIGTERM');
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  });
  await fed;
  await ended;
};

/** Restores a dump into a private server of its own, reads everything, and compares the books where they are known. */
export const checkDump = async (
  options: CheckOptions & {
    readonly programsDir: string | null;
    /** Whose database was dumped: rights in the dump name that role. */
    readonly databaseUrl: string;
    readonly marks: { readonly before: BookMarks; readonly after: BookMarks } | null;
  },
): Promise<RestoreReport> => {
  const { scratch, clock, logger, signal, marks } = options;
  await requireRoom(scratch, options.databaseBytes ?? 0);
  const startMs = clock.monotonicMs();
  let server: EmbeddedServer | undefined;
  try {
    server = await EmbeddedServer.open({
      ...{ dataDir: scratch, clock, logger, signal, durable: false },
      settings: { shared_buffers: '32MB', max_connections: '10' },
    });
    const { adminPassword } = server.secret;
    const at = { host: server.socketDir, port: 5432, user: adminRole, password: adminPassword };
    await withClient({ ...at, database: 'postgres' }, async (client) => {
      await prepareEmbedded(client, server!.secret);
      await makeOwner(client, options.databaseUrl);
    });
    const url = new URL(`postgres://${adminRole}@localhost/${databaseName}`);
    url.password = adminPassword;
    url.searchParams.set('host', server.socketDir);
    await restoreDump({ ...options, databaseUrl: url.toString(), serverMajor: server.binaries.major });
    const restoreMs = Math.round(clock.monotonicMs() - startMs);
    return await withClient({ ...at, database: databaseName }, async (client) => {
      const found = await readMarks(client, new Date(clock.now()));
      const faults = marks ? compareMarks({ ...marks, found }) : [];
      const counted = await readEverything(client, faults, signal);
      const checkMs = Math.round(clock.monotonicMs() - startMs) - restoreMs;
      return {
        ok: faults.length === 0,
        faults,
        found,
        migrations: found.migrations.length,
        ...counted,
        restoreMs,
        checkMs,
      };
    });
  } finally {
    await server?.close();
    await rm(scratch, { recursive: true, force: true });
  }
};

const makeOwner = async (client: pg.Client, databaseUrl: string): Promise<void> => {
  const user = decodeURIComponent(new URL(databaseUrl).username);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user]);
  if (user !== '' && rowCount === 0) await client.query(`CREATE ROLE ${client.escapeIdentifier(user)} NOLOGIN`);
};

const withClient = async <T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};
