import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HubError } from '@hallhub/shared';
import { makeFolder } from '../config/make-folder.js';
import { BackupKey } from './sealed-file.js';

const leastCharacters = 20;

export interface BackupKeySource {
  readonly key: BackupKey;
  readonly file: string;
  /** Made now: the operator has to be told to keep a copy elsewhere. */
  readonly made: boolean;
}

/** Reads the key file; makes one (0600) where `make` allows it. Errors: `configuration`. */
export const loadBackupKey = async (file: string, options: { readonly make: boolean }): Promise<BackupKeySource> => {
  let made = false;
  if (options.make) {
    try {
      makeFolder(dirname(file));
      await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true });
      made = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw keyFault(file, (error as Error).message, error);
    }
  }
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw keyFault(file, (error as Error).message, error);
  }
  if (text.length < leastCharacters) throw keyFault(file, `it has fewer than ${leastCharacters} characters`);
  return { key: new BackupKey(text), file, made };
};

const keyFault = (file: string, why: string, cause?: unknown): HubError =>
  new HubError('configuration', `The key of the backups, ${file}, cannot be used: ${why}`, {
    cause,
    hint: 'Put the key that the backups were made with into that file, or name another with HALLHUB_BACKUP_KEY_FILE.',
  });
