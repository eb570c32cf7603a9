import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isSameProcess, processStart } from './process-identity.mjs';

/**
 * Runs `work` while no other process does the same `what` for the same folder; waits for the other one to end.
 * The lock lives in the temporary folder, so that an empty clone needs nothing yet; one left by a dead process is taken over.
 */
export async function withFolderLock(folder, what, work, { pollMs = 200 } = {}) {
  const key = crypto.createHash('sha256').update(`${folder}\n${what}`).digest('hex').slice(0, 16);
  const file = path.join(os.tmpdir(), `hallhub-${what}-${key}.lock`);
  while (!take(file)) await new Promise((resolve) => setTimeout(resolve, pollMs));
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function take(file) {
  const text = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  try {
    fs.writeFileSync(file, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = readHolder(file);
  if (holder === 'gone') return false;
  if (holder && isSameProcess(holder.pid, holder.start)) return false;
  fs.rmSync(file, { force: true });
  return false;
}

function readHolder(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 'gone';
    // Being written this instant, or cut off by a crash: only an old one is taken over.
    const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    return age > 5000 ? undefined : 'gone';
  }
}
