import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { isSameProcess, processStart } from '../lib/process-identity.mjs';

const LOCK = 'hallhub.lock';

/**
 * Makes the data folder and holds it for this process: a second start on the same folder is refused, and a lock left by
 * a killed start is taken over. Returns `release()`.
 */
export function openDataFolder(folder) {
  try {
    makeFolder(folder);
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    fs.writeFileSync(path.join(folder, `.probe-${process.pid}`), '');
    fs.rmSync(path.join(folder, `.probe-${process.pid}`));
  } catch (cause) {
    throw unusable(folder, cause);
  }
  const lock = path.join(folder, LOCK);
  takeLock(lock, folder);
  return {
    folder,
    release() {
      if (readHolder(lock)?.pid === process.pid) fs.rmSync(lock, { force: true });
    },
  };
}

/** Folder by folder: Node's recursive mkdir never returns where a file system answers ENOENT to mkdir (as /proc does). */
function makeFolder(folder) {
  if (fs.existsSync(folder)) {
    if (!fs.statSync(folder).isDirectory()) throw Object.assign(new Error('it is a file'), { code: 'EEXIST' });
    return;
  }
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  fs.mkdirSync(folder, { mode: 0o755 });
}

function takeLock(lock, folder) {
  const mine = `${JSON.stringify({ pid: process.pid, start: processStart(process.pid) })}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      fs.writeFileSync(lock, mine, { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw unusable(folder, error);
    }
    const holder = readHolder(lock);
    if (holder && isSameProcess(holder.pid, holder.start)) {
      throw new Failure(`HallHub already runs on ${folder} (process ${holder.pid}).`, {
        code: 'data-in-use',
        hint: `Stop it with Ctrl-C in its terminal or \`kill ${holder.pid}\`, or start on another folder:\nnpm start -- --data OTHER --port N`,
      });
    }
    fs.rmSync(lock, { force: true });
  }
  throw new Failure(`The lock ${lock} could not be taken.`, { code: 'data-in-use', hint: 'Start again.' });
}

function readHolder(lock) {
  try {
    return JSON.parse(fs.readFileSync(lock, 'utf8'));
  } catch {
    // Gone meanwhile, or half-written by a start that lost its power: nobody holds it.
    return undefined;
  }
}

function unusable(folder, cause) {
  const reasons = {
    EACCES: `it may not be written by ${os.userInfo().username}`,
    EPERM: `it may not be written by ${os.userInfo().username}`,
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a part of the path is a file',
    ENOENT: 'no folder can be made there',
    EEXIST: 'it is a file',
  };
  return new Failure(`The data folder ${folder} cannot be used: ${reasons[cause.code] ?? cause.message}.`, {
    cause,
    code: 'data-folder-unusable',
    hint: 'Choose another folder: npm start -- --data DIR',
  });
}
