import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { listFiles } from '../build/tree.mjs';
import { duration } from '../lib/progress-lines.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { countTap } from './count-tap.mjs';
import { closingLine, failureReport, skipReport } from './report.mjs';

const FOLDERS = ['shared/src', 'edge/src', 'cloud/src', 'cloud/console/src', 'simulators/src', '.dev'];

/** Every test file of the repository, the long ones first and the shortest last, so that all lanes end together. */
export function testFiles(root, filters = []) {
  const files = [];
  for (const folder of FOLDERS) {
    const full = path.join(root, folder);
    if (!fs.existsSync(full)) continue;
    for (const file of listFiles(full, ['node_modules', 'dist'])) {
      if (/\.test\.(ts|tsx|mjs)$/.test(file)) files.push(`${folder}/${file}`);
    }
  }
  const wanted = filters.length === 0 ? files : files.filter((file) => filters.some((filter) => file.includes(filter)));
  return wanted.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Where a file's kind stands in the run: by what files of that kind take. */
function rank(file) {
  const kinds = [
    isEndToEnd,
    (f) => f.startsWith('.dev/'),
    (f) => f.startsWith('cloud/src'),
    (f) => !f.startsWith('shared/'),
  ];
  const at = kinds.findIndex((is) => is(file));
  return at < 0 ? kinds.length : at;
}

const isEndToEnd = (file) => file.includes('/e2e/');

/**
 * Portions of files for one run of tap each, which takes about a second to begin and goes through its files by name
 * whatever their order here: a long file is one of two, a short one of sixteen.
 */
export function portions(files) {
  const found = [];
  for (const file of files) {
    const last = found.at(-1);
    const room = isEndToEnd(file) ? 2 : 16;
    if (last && last.length < room && isEndToEnd(last[0]) === isEndToEnd(file)) last.push(file);
    else found.push([file]);
  }
  return found;
}

/**
 * Runs the files with tap and prints failures, skips with their reasons, and the closing line. Returns the exit code;
 * no test at all is a failure, and so is a skip where `CI` is set. `built`: processes of the product may run in their compiled form.
 */
export async function runTests({
  root,
  filters = [],
  failures: before = [],
  list = false,
  jobs = 3,
  built = false,
  ...io
}) {
  const { stdout = process.stdout, env = process.env } = io;
  const files = testFiles(root, filters);
  if (list) {
    for (const file of files) stdout.write(`${file}\n`);
    return 0;
  }
  const startedAt = Date.now();
  if (files.length === 0) {
    stdout.write(`${filters.length ? `No test file matches: ${filters.join(' ')}` : 'There are no test files.'}\n`);
    stdout.write(`${closingLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
    return 1;
  }
  await buildTap(root);
  const progress = progressPrinter({ stdout, total: files.length });
  const result = await runLanes({
    root,
    files,
    jobs,
    env: { ...(built ? { HALLHUB_TEST_BUILT: '1' } : {}), ...env },
    onFile: progress,
  });
  const failures = [...before, ...result.failures];
  if (result.passed + failures.length === 0) failures.push({ name: 'no test ran', file: '', detail: result.stderr });
  else if (result.code !== 0 && failures.length === 0)
    failures.push({ name: 'tap itself failed', file: '', detail: result.stderr });
  const forbidden = env.CI && env.CI !== 'false' && result.skips.length > 0;
  for (const line of failureReport(failures, { stderr: result.stderr })) stdout.write(`${line}\n`);
  for (const line of skipReport(result.skips, { forbidden })) stdout.write(`${line}\n`);
  stdout.write(`\n${files.length} files in ${duration(Date.now() - startedAt)}\n`);
  stdout.write(`${closingLine({ passed: result.passed, failed: failures.length, skipped: result.skips.length })}\n`);
  return failures.length > 0 || forbidden ? 1 : 0;
}

/** tap compiles its plug-ins on the first run in a clone; done here, so that two jobs cannot meet in it. */
async function buildTap(root) {
  if (fs.existsSync(path.join(root, '.tap/plugins/package.json'))) return;
  await runCommand(process.execPath, [tapBinary(root), 'build'], { cwd: root });
}

/** As many lanes as jobs, each taking the next portion when it is through with one. */
async function runLanes({ root, files, jobs, env, onFile }) {
  const waiting = portions(files);
  const whole = { passed: 0, failures: [], skips: [], code: 0, stderr: '' };
  const running = new Set();
  let stopped = false;
  const forward = (signal) => {
    stopped = true;
    for (const child of running) child.kill(signal);
  };
  process.once('SIGINT', forward);
  process.once('SIGTERM', forward);
  const lane = async (number) => {
    while (waiting.length > 0 && !stopped) {
      const part = await runTap({ root, files: waiting.shift(), lane: number, env, onFile, running });
      whole.passed += part.passed;
      whole.failures.push(...part.failures);
      whole.skips.push(...part.skips);
      whole.code ||= part.code;
      whole.stderr = (whole.stderr + part.stderr).slice(-8000);
    }
  };
  await Promise.all(Array.from({ length: jobs }, (_, number) => lane(number)));
  process.off('SIGINT', forward);
  process.off('SIGTERM', forward);
  return whole;
}

async function runTap({ root, files, lane, env, onFile, running }) {
  // Each run of tap removes what it knows of processes; lanes would remove one another's.
  const notes = path.join(root, 'node_modules/.cache/hallhub-tests', `lane-${lane}`);
  fs.mkdirSync(notes, { recursive: true });
  const args = [tapBinary(root), 'run', '--reporter=tap', '--jobs=1', `--test-env=_TAPJS_PROCESSINFO_CWD_=${notes}`];
  const child = spawn(process.execPath, [...args, ...files], {
    cwd: root,
    env: {
      // Clips of simulated cameras are encoded once for all tests.
      HALLHUB_FOOTAGE_CACHE: path.join(root, 'node_modules/.cache/hallhub-footage'),
      ...env,
      ...{ NO_COLOR: '1', FORCE_COLOR: '0', TAP_RCFILE: path.join(root, '.taprc') },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-8000);
  });
  const exited = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  const counted = await countTap(child.stdout, { onFile });
  const code = await exited;
  running.delete(child);
  const isSilent = counted.passed + counted.failures.length + counted.skips.length === 0;
  if (isSilent) counted.failures.push({ name: 'tap itself failed', file: files[0], detail: stderr });
  return { ...counted, code, stderr };
}

function tapBinary(root) {
  const folder = fs.realpathSync(path.join(root, 'node_modules/tap'));
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, bin.tap);
}

function progressPrinter({ stdout, total }) {
  let done = 0;
  return ({ file, ok, skipped, timeMs }) => {
    done++;
    const state = ok ? (skipped ? 'skip' : 'ok  ') : 'FAIL';
    const count = `${String(done).padStart(String(total).length)}/${total}`;
    stdout.write(`${count}  ${state}  ${file}${timeMs > 1000 ? `  ${duration(timeMs)}` : ''}\n`);
  };
}
