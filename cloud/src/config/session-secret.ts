import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '@hallhub/shared';
import { makeFolder } from './make-folder.js';

/** Signs session cookies. Made once and kept in the data folder (0600); several cloud processes share it by HALLHUB_SECRET. */
export const loadSessionSecret = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'session-secret');
  try {
    makeFolder(dataDir);
    try {
      await writeFile(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const secret = (await readFile(file, 'utf8')).trim();
    if (secret.length >= 32) return secret;
    // A power cut between making and writing leaves it empty; nobody has a session by it yet.
    await writeFile(file, randomBytes(48).toString('base64url'), { mode: 0o600 });
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new HubError(
      'store_unwritable',
      `The data folder ${dataDir} cannot be written: ${(cause as Error).message}`,
      {
        cause,
        hint: 'Choose a folder that this account may write to with --data, or make the disk writable.',
      },
    );
  }
};
