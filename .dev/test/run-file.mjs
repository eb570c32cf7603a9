import { spawn } from 'node:child_process';
import path from 'node:path';
import { countTap } from './count-tap.mjs';

const TIMEOUT_MS = 300_000;
const STDERR_CHARS = 8000;

/** Runs one test file in a process of its own, within its time limit. `code`: the folder of compiled tests, if there is one. */
export async function runFile({ root, file, code, env, running = new Set() }) {
  const startedAt = Date.now();
  const key = String(Math.random());
  const child = spawn(process.execPath, nodeArguments({ root, file, code }), {
    cwd: root,
    env: { ...env, TAP: '1', TAP_CHILD_ID: '1', TAP_CHILD_KEY: key, TAP_TIMEOUT: String(TIMEOUT_MS / 1000) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-STDERR_CHARS);
  });
  const limit = timeLimit(child, key);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, signal: null, message: error.message }));
    child.once('close', (exitCode, signal) => resolve({ code: exitCode, signal }));
  });
  const result = await countTap(child.stdout, { file, ended });
  limit.end();
  running.delete(child);
  if (limit.hasPassed && result.ok) result.failures.push(brokeOff(file, limit.ms));
  return { ...result, ok: result.failures.length === 0, stderr, timeMs: Date.now() - startedAt };
}

const brokeOff = (file, ms) => ({ name: 'the file broke off', file, detail: `timed out after ${ms} ms` });

function nodeArguments({ root, file, code }) {
  if (code && !file.endsWith('.mjs')) return ['--enable-source-maps', path.join(code, file.replace(/\.tsx?$/, '.js'))];
  return ['--import=tsx', '--conditions=hallhub-source', path.join(root, file)];
}

/** A file may ask for more time than all have; past it the process is asked to tell what it waits for, then ended. */
function timeLimit(child, key) {
  const limit = { ms: TIMEOUT_MS, hasPassed: false, end: () => clearTimeout(timer) };
  let timer;
  const after = (ms, act) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  const set = (ms) => {
    limit.ms = ms;
    if (!ms) return clearTimeout(timer);
    after(ms, () => {
      limit.hasPassed = true;
      if (child.connected) child.send({ tapAbort: 'timeout', key, child: '1' }, () => undefined);
      after(500, () => {
        child.kill('SIGALRM');
        after(500, () => child.kill('SIGKILL'));
      });
    });
  };
  child.on('message', (message) => {
    if (message?.key === key && !limit.hasPassed && Number.isFinite(message.setTimeout)) set(message.setTimeout);
  });
  set(TIMEOUT_MS);
  return limit;
}
