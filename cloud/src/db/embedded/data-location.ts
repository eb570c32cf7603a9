import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HubError } from '@hallhub/shared';
import type { DbLogger } from '../logger.js';
import { blockingFolder } from './reachability.js';
import type { ServerAccount } from './server-account.js';

/** Where things that must leave a private home live when started as root. */
const systemFolder = '/var/lib/hallhub';
const maxSocketPathBytes = 107;
const socketName = '.s.PGSQL.5432';

export interface DataLocation {
  /** HallHub's own folder: secret and pointer files, owned by this process's user. */
  readonly hubDir: string;
  /** The folder that holds `postgres/`; differs from hubDir only where that cannot be reached by the server's account. */
  readonly serverDir: string;
  /** PGDATA. May not exist yet. */
  readonly pgData: string;
  readonly copyFolders: readonly string[];
}

export const unwritable = (path: string, cause: unknown): HubError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC') {
    return new HubError('store_full', `the disk of ${path} is full`, {
      cause,
      hint: 'free some space, then start again',
    });
  }
  return new HubError('store_unwritable', `the data folder ${path} cannot be written: ${reason}`, {
    cause,
    hint: `choose another folder with --data DIR, or give this user the right to write ${path}`,
  });
};

export const writeFileAtomically = (path: string, text: string, mode = 0o600): void => {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode, flush: true });
    renameSync(draft, path);
  } catch (error) {
    throw unwritable(path, error);
  }
};

/** Step by step: Node's own `recursive` never returns where a file system answers ENOENT to every mkdir (/proc). */
const makeFolder = (path: string, mode: number): void => {
  const missing: string[] = [];
  let folder = path;
  for (; !existsSync(folder) && folder !== dirname(folder); folder = dirname(folder)) missing.unshift(folder);
  try {
    for (const step of missing) mkdirSync(step, mode);
    if (!statSync(path).isDirectory()) throw new Error('it is a file');
  } catch (error) {
    // Made by another process meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory())
      return;
    throw unwritable(path, error);
  }
};

/** A folder below /var/lib named after the data folder; one that holds a removed data folder's database is never reused. */
const relocation = (hubDir: string): string => {
  const hash = createHash('sha256').update(hubDir).digest('hex').slice(0, 12);
  const folders = Array.from({ length: 1000 }, (_, i) => join(systemFolder, i === 0 ? hash : `${hash}-${i + 1}`));
  return (
    folders.find((folder) => !existsSync(join(folder, 'postgres'))) ??
    join(systemFolder, `${hash}-${randomBytes(4).toString('hex')}`)
  );
};

/** Decides where the server's files live, and remembers it beside the rest of the data. Creates folders, not PGDATA. */
export const locateData = (dataDir: string, account: ServerAccount, logger: DbLogger): DataLocation => {
  makeFolder(resolve(dataDir), account.lent ? 0o711 : 0o700);
  const hubDir = realpathSync(resolve(dataDir));
  const pointer = join(hubDir, 'postgres-location.json');
  const at = (serverDir: string): DataLocation => ({
    hubDir,
    serverDir,
    pgData: join(serverDir, 'postgres'),
    copyFolders: account.lent ? [join(hubDir, 'native'), join(systemFolder, 'native')] : [join(hubDir, 'native')],
  });

  const own = at(hubDir);
  const blocked = blockingFolder(hubDir, account);
  if (existsSync(own.pgData)) {
    if (blocked) {
      throw new HubError('configuration', `PostgreSQL's account cannot pass ${blocked} to reach ${own.pgData}`, {
        hint: `run as the plain user who owns the data, or: chmod o+x ${blocked}`,
      });
    }
    return own;
  }
  if (existsSync(pointer)) {
    const { serverDir } = JSON.parse(readFileSync(pointer, 'utf8')) as { serverDir: string };
    if (!existsSync(join(serverDir, 'postgres', 'PG_VERSION'))) {
      throw new HubError('store_corrupt', `${pointer} says the database is in ${serverDir}, and it is not there`, {
        hint: `bring the folder back, or remove ${pointer} to begin with an empty database`,
      });
    }
    logger.info({ serverDir, hubDir }, `the database's files are in ${serverDir}`);
    return at(serverDir);
  }
  if (!blocked) return own;

  const serverDir = relocation(hubDir);
  makeFolder(serverDir, 0o711);
  logger.warn(
    { serverDir, hubDir, blocked },
    `started as root, and PostgreSQL's account cannot pass ${blocked}: the database's files are kept in ${serverDir}`,
  );
  return at(serverDir);
};

/** Called once PGDATA exists, so that an aborted first start leaves no pointer to nothing. */
export const rememberLocation = (location: DataLocation): void => {
  if (location.serverDir === location.hubDir) return;
  writeFileAtomically(
    join(location.hubDir, 'postgres-location.json'),
    `${JSON.stringify({ serverDir: location.serverDir })}\n`,
  );
};

/** A short folder only the server's account may enter: long, spaced or Chinese data paths never reach the 107-byte limit. */
export const makeSocketFolder = (pgData: string, account: ServerAccount): string => {
  const name = `hallhub-${createHash('sha256').update(pgData).digest('hex').slice(0, 10)}`;
  const failures: string[] = [];
  for (const parent of new Set(['/tmp', '/var/tmp', tmpdir()])) {
    if (Buffer.byteLength(join(parent, `${name}-XXXXXX`, socketName)) > maxSocketPathBytes) continue;
    if (blockingFolder(parent, account)) continue;
    try {
      return (
        claim(join(parent, name), account) ?? claim(mkdtempSync(join(parent, `${name}-`)), account) ?? fail(parent)
      );
    } catch (error) {
      failures.push(`${parent}: ${(error as Error).message}`);
    }
  }
  throw new HubError(
    'store_unwritable',
    `no short folder for the database's socket could be made: ${failures.join('; ')}`,
    {
      hint: 'make /tmp writable for this user',
    },
  );
};

const fail = (parent: string): never => {
  throw new Error(`a folder made in ${parent} was taken over`);
};

/** Owned by us or the server's account and not a link: anyone may have put something of that name into /tmp. */
const claim = (folder: string, account: ServerAccount): string | undefined => {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stats = lstatSync(folder);
  const owners = [process.getuid?.(), account.uid];
  if (!stats.isDirectory() || !owners.includes(stats.uid) || (stats.mode & 0o077) !== 0) return undefined;
  if (account.lent) chownSync(folder, account.uid, account.gid);
  return folder;
};
