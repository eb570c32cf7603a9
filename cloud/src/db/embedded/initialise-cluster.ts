import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { HubError } from '@hallhub/shared';
import { type DataLocation, unwritable, writeFileAtomically } from './data-location.js';
import type { NativeBinaries } from './native-binaries.js';
import type { ServerAccount } from './server-account.js';

export const adminRole = 'hallhub_admin';

export interface Secret {
  readonly adminPassword: string;
  readonly ownerPassword: string;
  readonly appPassword: string;
}

const newSecret = (): Secret => {
  const password = () => randomBytes(24).toString('base64url');
  return { adminPassword: password(), ownerPassword: password(), appPassword: password() };
};

const secretPath = (location: DataLocation): string => join(location.hubDir, 'postgres-secret.json');

export const readSecret = (location: DataLocation): Secret | undefined => {
  let text: string;
  try {
    text = readFileSync(secretPath(location), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new HubError('store_unwritable', `${secretPath(location)} cannot be read`, { cause: error });
  }
  try {
    const secret = JSON.parse(text) as Partial<Secret>;
    if (secret.adminPassword && secret.ownerPassword && secret.appPassword) return secret as Secret;
  } catch {
    // Falls through: damaged text is treated like a missing file, and new passwords are set.
  }
  return undefined;
};

/** The major version that wrote PGDATA, undefined before the first start. */
export const clusterMajor = (pgData: string): number | undefined => {
  try {
    return Number(readFileSync(join(pgData, 'PG_VERSION'), 'utf8').trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(pgData, error);
  }
  if (existsSync(pgData) && readdirSync(pgData).length > 0) {
    throw new HubError('store_corrupt', `${pgData} is not empty and holds no PostgreSQL data`, {
      hint: 'move it away, or choose another folder with --data DIR',
    });
  }
  return undefined;
};

const run = (
  command: string,
  args: string[],
  account: ServerAccount,
  input?: string,
): Promise<{ code: number | null; text: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      uid: account.uid,
      gid: account.gid,
      cwd: '/',
      env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.stderr.on('data', (chunk) => (text += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });

/** UTF-8 ctype is what makes pg_trgm see Chinese; old or bare systems spell it otherwise. */
const ctypes = ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'zh_CN.UTF-8'];

/** Makes PGDATA beside its final place and renames it, so a start cut short leaves no half-made database. */
export const initialiseCluster = async (
  location: DataLocation,
  binaries: NativeBinaries,
  account: ServerAccount,
  options: { readonly durable: boolean },
): Promise<Secret> => {
  const secret = newSecret();
  const draft = join(location.serverDir, `postgres.new-${randomBytes(4).toString('hex')}`);
  removeOldDrafts(location.serverDir);
  try {
    mkdirSync(draft, { mode: 0o700 });
    writeFileSync(join(draft, 'password'), secret.adminPassword, { mode: 0o600 });
    mkdirSync(join(draft, 'data'), { mode: 0o700 });
    if (account.lent)
      for (const name of ['password', 'data', '.']) chownSync(join(draft, name), account.uid, account.gid);
  } catch (error) {
    throw unwritable(location.serverDir, error);
  }
  try {
    let last = { code: null as number | null, text: '' };
    for (const ctype of ctypes) {
      last = await run(
        binaries.initdb,
        [
          `--pgdata=${join(draft, 'data')}`,
          `--username=${adminRole}`,
          `--pwfile=${join(draft, 'password')}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          '--data-checksums',
          '--locale=C',
          `--lc-ctype=${ctype}`,
          ...(options.durable ? [] : ['--no-sync']),
        ],
        account,
      );
      if (last.code === 0 || !/invalid locale|locale name|encoding mismatch/i.test(last.text)) break;
    }
    if (last.code !== 0) throw initdbFailed(last.text, location);
    moveIntoPlace(join(draft, 'data'), location.pgData);
    writeFileAtomically(secretPath(location), `${JSON.stringify(secret)}\n`);
    return secret;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/** Renaming onto a folder succeeds only while that is empty: of two first starts at once, one wins. */
const moveIntoPlace = (from: string, pgData: string): void => {
  try {
    renameSync(from, pgData);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw new HubError('store_busy', `another HallHub process is creating a database in ${pgData}`, { cause: error });
    }
    throw unwritable(pgData, error);
  }
};

const draftLifeMs = 600_000;

const removeOldDrafts = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith('postgres.new-') && Date.now() - statSync(path).mtimeMs > draftLifeMs) {
      rmSync(path, { recursive: true, force: true });
    }
  }
};

const initdbFailed = (text: string, location: DataLocation): HubError => {
  const message = text.trim().split('\n').slice(-4).join(' ');
  if (/No space left/.test(text))
    return unwritable(location.serverDir, Object.assign(new Error(message), { code: 'ENOSPC' }));
  if (/could not look up effective user/.test(text)) {
    return new HubError(
      'configuration',
      'PostgreSQL needs its user to have an entry in /etc/passwd, and this one has none',
      {
        hint: 'start as a user that exists on this machine (containers: add one to the image), or set DATABASE_URL',
      },
    );
  }
  if (/Permission denied|Read-only/.test(text)) return unwritable(location.serverDir, new Error(message));
  return new HubError('store_unwritable', `the database could not be created: ${message}`, {
    context: { output: text.slice(-2000) },
  });
};

/** The password file is lost but the data is not: the server's single-user mode sets a new password without the old one. */
export const resetSecret = async (
  location: DataLocation,
  binaries: NativeBinaries,
  account: ServerAccount,
): Promise<Secret> => {
  const secret = newSecret();
  const result = await run(
    binaries.postgres,
    ['--single', '-D', location.pgData, 'postgres'],
    account,
    `ALTER ROLE ${adminRole} PASSWORD '${secret.adminPassword}';\n`,
  );
  if (result.code !== 0) {
    throw new HubError(
      'store_corrupt',
      `new database passwords could not be set: ${result.text.trim().split('\n').at(-1)}`,
    );
  }
  writeFileAtomically(secretPath(location), `${JSON.stringify(secret)}\n`);
  return secret;
};
