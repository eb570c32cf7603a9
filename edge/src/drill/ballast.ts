import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { HubError } from '@hallhub/shared';

const run = promisify(execFile);

/** What other programs of the machine are left with beside the unit's own reserve. */
const marginBytes = 64 * 1_048_576;
/** On larger disks the drill would take too much of what is not the unit's. */
export const maxBallastBytes = 8 * 1_024 ** 3;

/** Bytes that fill the disk down to the unit's reserve; a reason where that cannot or must not be done. */
export const ballastFor = async (folder: string, minFreeBytes: number): Promise<number | string> => {
  const { bavail, bsize } = await statfs(folder);
  const bytes = bavail * bsize - minFreeBytes - marginBytes;
  if (bytes < 1_048_576) return 'the disk is down to its reserve already';
  if (bytes > maxBallastBytes) {
    return `${Math.round(bytes / 1_048_576).toLocaleString('en-US')} MiB would have to be taken from this disk; a drill takes 8,192 MiB at most`;
  }
  try {
    await run('fallocate', ['--version']);
    return bytes;
  } catch {
    return 'the program fallocate (util-linux) is not on this machine';
  }
};

/** Blocks are really taken, at once, without being written. */
export const takeBallast = async (file: string, bytes: number): Promise<void> => {
  try {
    await run('fallocate', ['--length', String(bytes), file]);
  } catch (cause) {
    throw new HubError('unsupported', 'this file system cannot be filled at once (fallocate)', { cause });
  }
};
