import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { progressLines } from '../lib/progress-lines.mjs';
import { runCommand } from '../lib/run-command.mjs';

const TICKS_PER_SECOND = 100;
const LIMIT_MS = 15 * 60_000;

/** Runs the named benches one after the other. A bench that fails is told with its error; the others go on. */
export async function runBenches({ root, names, quick, seeds, out = progressLines(), limitMs = LIMIT_MS }) {
  const machine = await describeMachine(root);
  const benches = [];
  for (const name of names) {
    out.progress({ part: name, text: 'begins' });
    const before = processorSeconds();
    const startedAt = Date.now();
    const args = [...(quick ? ['--quick'] : []), ...(seeds ? ['--seeds', String(seeds)] : [])];
    const result = await runOne({ root, name, args, out, limitMs: limitMs * Math.max(1, (seeds ?? 0) / 2) });
    const seconds = (Date.now() - startedAt) / 1000;
    const after = processorSeconds();
    const others = after.machine - before.machine - (after.ours - before.ours);
    const othersShare = Math.max(0, others / seconds / os.cpus().length);
    benches.push({ name, ...result, seconds: Math.round(seconds), othersShare: Number(othersShare.toFixed(2)) });
  }
  return { ...machine, quick, benches };
}

function runOne({ root, name, args, out, limitMs }) {
  const file = path.join(root, 'simulators/dist/bench', `${name}.js`);
  const loader = pathToFileURL(path.join(root, '.dev/bench/built-code.mjs')).href;
  return new Promise((resolve) => {
    const child = fork(file, args, {
      cwd: root,
      execArgv: [`--import=${loader}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    let figures;
    let tail = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      tail = (tail + chunk).slice(-4000);
    });
    child.on('message', (message) => {
      if (message.type === 'progress') out.progress({ part: name, text: message.text });
      if (message.type === 'figures') figures = message.figures;
    });
    child.once('error', (error) => {
      tail += error.message;
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (figures && code === 0) resolve({ figures });
      else resolve({ figures: figures ?? [], error: `ended with ${signal ?? code}: ${tail.trim()}` });
    });
  });
}

/** CPU seconds since the machine's start, and of this process's children that have ended. */
function processorSeconds() {
  const [user, nice, system, , , irq, softIrq] = numbers(/^cpu +(.*)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))[1]);
  const stat = fs.readFileSync('/proc/self/stat', 'utf8');
  const own = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    machine: (user + nice + system + irq + softIrq) / TICKS_PER_SECOND,
    ours: (Number(own[13]) + Number(own[14])) / TICKS_PER_SECOND,
  };
}

const numbers = (text) => text.split(' ').map(Number);

async function describeMachine(root) {
  const git = async (...args) => (await runCommand('git', args, { cwd: root })).output.trim();
  const commit = await git('rev-parse', '--short', 'HEAD');
  const changed = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
  return {
    at: new Date().toISOString(),
    commit: /^[0-9a-f]+$/.test(commit) ? commit + (changed ? ' and changes' : '') : 'unknown',
    cpu: `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.cpus().length} cores`,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
    system: `${os.type()} ${os.release().split('-')[0]}`,
    node: process.versions.node,
  };
}
