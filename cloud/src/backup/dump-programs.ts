import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HubError } from '@hallhub/shared';

export interface DumpPrograms {
  readonly dump: string;
  readonly restore: string;
  readonly major: number;
}

const folders = (): string[] => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((major) => join(debian, major, 'bin')), ...(process.env.PATH ?? '').split(delimiter)];
};

/** pg_dump and pg_restore, not older than the server; in the folder given, or wherever programs are. */
export const findDumpPrograms = (serverMajor: number, programsDir?: string | null): DumpPrograms | undefined => {
  for (const folder of programsDir ? [programsDir] : folders()) {
    const [dump, restore] = [join(folder, 'pg_dump'), join(folder, 'pg_restore')];
    if (!existsSync(dump) || !existsSync(restore)) continue;
    const version = spawnSync(dump, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    const major = Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1] ?? 0);
    if (major >= serverMajor) return { dump, restore, major };
  }
  return undefined;
};

/** The URL without its password, and the environment that carries it: arguments of a process can be read by everybody. */
export const withoutPassword = (databaseUrl: string): { url: string; env: NodeJS.ProcessEnv } => {
  const url = new URL(databaseUrl);
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { url: url.toString(), env: { ...process.env, ...(password ? { PGPASSWORD: password } : {}) } };
};

/** Resolves when the program ended well. Its last words are in the error. */
export const programEnd = (child: ChildProcess, name: string): Promise<void> => {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new HubError('unavailable', `${name} failed: ${words.trim().split('\n').slice(-3).join(' ')}`));
    });
  });
};

export const run = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess =>
  spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
