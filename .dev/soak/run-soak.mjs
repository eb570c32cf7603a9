import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from '../lib/run-command.mjs';

const MARK = '<!-- soak table: one row a run, newest first; written by npm run soak -- … --markdown -->';

/** Runs one soak as a process over the compiled code and resolves with its result; rejects where it could not be held. */
export function runSoak({ root, entry, args, out }) {
  const file = path.join(root, 'simulators/dist/bench', `${entry}.js`);
  const loader = pathToFileURL(path.join(root, '.dev/bench/built-code.mjs')).href;
  return new Promise((resolve, reject) => {
    const child = fork(file, args, {
      cwd: root,
      execArgv: [`--import=${loader}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    const stop = () => child.kill('SIGTERM');
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    let result;
    let tail = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      tail = (tail + chunk).slice(-8000);
    });
    child.on('message', (message) => {
      if (message.type === 'progress') out.progress({ part: entry, text: message.text });
      if (message.type === 'result') result = message.result;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
      if (result) resolve(result);
      else reject(new Error(`the soak ended with ${signal ?? code}: ${tail.trim()}`));
    });
  });
}

/** One row of the table in docs/benchmarks.md: what was run, on which commit and machine. */
export async function soakRow({ root, row }) {
  const git = async (...args) => (await runCommand('git', args, { cwd: root })).output.trim();
  const commit = await git('rev-parse', '--short', 'HEAD');
  const changed = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
  const at = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const cpu = `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.cpus().length} cores`;
  const name = /^[0-9a-f]+$/.test(commit) ? commit + (changed ? ' and changes' : '') : 'unknown';
  const cells = [`${at} UTC, ${name}, ${cpu}`, row.what, `**${row.figure}**`, row.detail];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Puts the row on top of the table. */
export function writeRow({ root, line }) {
  const file = path.join(root, 'docs/benchmarks.md');
  const text = fs.readFileSync(file, 'utf8');
  const head = `${MARK}\n| When | What | Figure | Details |\n| --- | --- | --- | --- |\n`;
  if (!text.includes(head)) throw new Error('docs/benchmarks.md has no table of soaks');
  fs.writeFileSync(file, text.replace(head, `${head}${line}\n`));
}
