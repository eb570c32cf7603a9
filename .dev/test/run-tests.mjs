import path from 'node:path';
import { failureLines } from '../lib/failure.mjs';
import { duration } from '../lib/progress-lines.mjs';
import { compileTests } from './compile-tests.mjs';
import { makeDatabaseTemplate, removeDatabaseTemplate } from './database-template.mjs';
import { closingLine, failureReport, skipReport } from './report.mjs';
import { runFile } from './run-file.mjs';
import { fileQueue, testFiles } from './test-files.mjs';

/**
 * Runs the files, each in a process of its own, and prints failures, skips with their reasons, and the closing line.
 * Returns the exit code; no test at all is a failure, and so is a skip where `CI` is set. `built`: the
 * product's compiled form is up to date, so tests and the processes they start run in it.
 */
export async function runTests({
  root,
  filters = [],
  failures: before = [],
  list = false,
  jobs = 3,
  built = true,
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
  // Where something does not compile, all files are loaded from source: those that have no part in it still run.
  const code = built
    ? await compileTests({ root }).catch((error) => {
        for (const line of failureLines(error)) stdout.write(`${line}\n`);
      })
    : undefined;
  const database = code && (await makeDatabaseTemplate({ code, files, env }));
  const fileEnv = { ...environment({ root, built, database }), ...env, ...PLAIN };
  const result = await runLanes({
    files,
    jobs,
    onFile: progressPrinter({ stdout, total: files.length }),
    run: (file, running) => runFile({ root, file, code, running, env: fileEnv }),
  }).finally(() => removeDatabaseTemplate(database));
  const failures = [...before, ...result.failures];
  if (result.passed + failures.length + result.skips.length === 0)
    failures.push({ name: 'no test ran', file: '', detail: '' });
  const forbidden = env.CI && env.CI !== 'false' && result.skips.length > 0;
  for (const line of failureReport(failures, { stderr: result.stderr })) stdout.write(`${line}\n`);
  for (const line of skipReport(result.skips, { forbidden })) stdout.write(`${line}\n`);
  stdout.write(`\n${files.length} files in ${duration(Date.now() - startedAt)}\n`);
  stdout.write(`${closingLine({ passed: result.passed, failed: failures.length, skipped: result.skips.length })}\n`);
  return failures.length > 0 || forbidden ? 1 : 0;
}

const PLAIN = { NO_COLOR: '1', FORCE_COLOR: '0' };

/** What is made once for all tests: the product's compiled form, a migrated database, clips of simulated cameras. */
const environment = ({ root, built, database }) => ({
  ...(built ? { HALLHUB_TEST_BUILT: '1' } : {}),
  ...(database ? { HALLHUB_TEST_DATABASE: database } : {}),
  HALLHUB_FOOTAGE_CACHE: path.join(root, 'node_modules/.cache/hallhub-footage'),
});

/** As many lanes as jobs, each taking the next file when it is through with one. */
async function runLanes({ files, jobs, run, onFile }) {
  const queue = fileQueue(files, { jobs });
  const whole = { passed: 0, failures: [], skips: [], stderr: '' };
  const running = new Set();
  let stopped = false;
  const forward = (signal) => {
    stopped = true;
    for (const child of running) child.kill(signal);
  };
  process.once('SIGINT', forward);
  process.once('SIGTERM', forward);
  const lane = async () => {
    for (let file = queue.take(); file && !stopped; file = queue.take()) {
      const result = await run(file, running);
      queue.done(file);
      whole.passed += result.passed;
      whole.failures.push(...result.failures);
      whole.skips.push(...result.skips);
      if (!result.ok) whole.stderr = (whole.stderr + result.stderr).slice(-8000);
      onFile({ file, ...result });
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  process.off('SIGINT', forward);
  process.off('SIGTERM', forward);
  return whole;
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
