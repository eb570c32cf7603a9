import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, HubError } from '@hallhub/shared';
import {
  findNativeBinaries,
  locateData,
  makeSocketFolder,
  PostgresProcess,
  rememberLocation,
  serverAccount,
} from '../db/embedded/index.js';
import type { DbLogger } from '../db/index.js';
import type { BackupKey } from './sealed-file.js';
import type { BackupManifest } from './take-files.js';
import { openSealedFile, unpackFiles } from './unpack-files.js';

export interface RestoreOptions {
  readonly file: string;
  readonly key: BackupKey;
  /** Empty, or not there yet. */
  readonly dataDir: string;
  /** `backup`: as the backup stands by itself; `end`: everything that was carried away since; a moment: up to it. */
  readonly until: 'backup' | 'end' | Date;
  readonly clock: Clock;
  readonly logger: DbLogger;
  readonly signal?: AbortSignal | undefined;
}

export interface Restored {
  readonly manifest: BackupManifest;
  /** Segments of the log beyond those in the backup itself. */
  readonly segments: number;
}

/** Folder beside a backup that holds the logs of the life it was taken in. */
export const logFolderOf = (backupDir: string, incarnation: string): string => join(backupDir, `log-${incarnation}`);

/** Only these may lie in a folder that is restored into: what the operator had to bring by hand. */
const broughtByHand = new Set(['session-secret', 'backup-key', 'native']);

/**
 * Makes a data folder from a backup: unpacks it, lets a server replay the log, stops that server. The cloud is then started on
 * it as on any other. Nothing is left behind by one that fails.
 */
export const restoreFiles = async (options: RestoreOptions): Promise<Restored> => {
  const { dataDir, logger } = options;
  requireEmpty(dataDir);
  const account = serverAccount();
  const location = locateData(dataDir, account, logger);
  const draft = join(location.serverDir, `restore-${randomBytes(4).toString('hex')}`);
  try {
    const manifest = await unpackFiles({ ...options, into: draft, account });
    const segments =
      options.until === 'backup' ? 0 : await fetchLog(options, { manifest, into: join(draft, 'log'), account });
    const binaries = findNativeBinaries({
      ...{ account, logger, copyFolders: location.copyFolders, major: manifest.postgresMajor },
    });
    await replay(options, { draft, account, binaries, manifest });
    await rename(join(draft, 'data'), location.pgData);
    rememberLocation(location);
    return { manifest, segments };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

const requireEmpty = (dataDir: string): void => {
  if (!existsSync(dataDir)) return;
  const found = readdirSync(dataDir).filter((name) => !broughtByHand.has(name));
  if (found.length === 0) return;
  throw new HubError('conflict', `The data folder ${dataDir} is not empty: it holds ${found.slice(0, 5).join(', ')}`, {
    hint: 'Name a new folder with --data; a backup is never restored over data that is there.',
  });
};

type Unpacked = {
  readonly manifest: BackupManifest;
  readonly into: string;
  readonly account: { uid: number; gid: number; lent: boolean };
};

const fetchLog = async (options: RestoreOptions, { manifest, into, account }: Unpacked): Promise<number> => {
  const folder = logFolderOf(dirname(options.file), manifest.incarnation);
  if (!existsSync(folder)) return 0;
  const own = new Set(await readdir(into));
  let expected = manifest.lastSegment;
  let fetched = 0;
  for (const name of (await readdir(folder)).sort()) {
    const segment = /^([0-9A-F]{24})\.hhb$/.exec(name)?.[1];
    if (!segment || segment < manifest.firstSegment || own.has(segment)) continue;
    // What follows a missing one cannot be replayed; whether that matters is for the server to say.
    const [next] = segmentAfter(expected);
    if (segment !== next) break;
    const path = join(into, segment);
    await openSealedFile(join(folder, name), options.key, path);
    if (account.lent) await chown(path, account.uid, account.gid);
    expected = segment;
    fetched++;
  }
  return fetched;
};

const segmentAfter = (name: string): [string] => {
  const number = Number.parseInt(name.slice(8, 16), 16) * 256 + Number.parseInt(name.slice(16), 16) + 1;
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0');
  return [`${name.slice(0, 8)}${hex(Math.floor(number / 256))}${hex(number % 256)}`];
};

interface Replay {
  readonly draft: string;
  readonly account: ReturnType<typeof serverAccount>;
  readonly binaries: ReturnType<typeof findNativeBinaries>;
  readonly manifest: BackupManifest;
}

const replay = async (options: RestoreOptions, { draft, account, binaries, manifest }: Replay): Promise<void> => {
  const { until, clock, logger, signal } = options;
  const pgData = join(draft, 'data');
  const signalFile = join(pgData, 'recovery.signal');
  await writeFile(signalFile, '', { mode: 0o600 });
  if (account.lent) await chown(signalFile, account.uid, account.gid);
  const socketDir = makeSocketFolder(pgData, account);
  const quoted = join(draft, 'log').replaceAll("'", `'\\''`).replaceAll('%', '%%');
  try {
    const server = await PostgresProcess.start({
      ...{ binaries, account, pgData, socketDir, clock, logger, signal },
      settings: {
        restore_command: `cp '${quoted}/%f' "%p"`,
        recovery_target_action: 'promote',
        recovery_target_timeline: 'current',
        // Nobody is let in before the end, so "ready" means: replayed, and open for writing.
        hot_standby: 'off',
        shared_buffers: '64MB',
        ...(until === 'backup' ? { recovery_target: 'immediate' } : undefined),
        ...(until instanceof Date
          ? { recovery_target_time: until.toISOString().replace('T', ' ').replace('Z', '+00') }
          : undefined),
      },
    });
    await server.stop(60_000);
  } catch (error) {
    throw asReplayFault(error, options, manifest);
  } finally {
    await rm(socketDir, { recursive: true, force: true });
  }
};

const asReplayFault = (error: unknown, { until, file }: RestoreOptions, manifest: BackupManifest): unknown => {
  const text = `${(error as Error).message} ${JSON.stringify((error as { context?: unknown }).context ?? '')}`;
  if (until instanceof Date && /before configured recovery target was reached/.test(text)) {
    return new HubError(
      'invalid_input',
      `The log beside ${basename(file)} does not reach ${until.toISOString()} (the backup itself was finished at ${manifest.after.at})`,
      { cause: error, hint: 'Name an earlier moment, or leave --until out to restore everything there is.' },
    );
  }
  if (until instanceof Date && /recovery target|requested/.test(text)) {
    return new HubError('invalid_input', `${until.toISOString()} lies before the end of this backup`, {
      cause: error,
      hint: `Choose an older backup, or a moment after ${manifest.after.at}.`,
    });
  }
  return error;
};
