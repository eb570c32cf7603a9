import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { checkNode } = await import('./setup/machine.mjs');
const { Failure, failureLines } = await import('./lib/failure.mjs');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const HELP = `Runs the tests: set-up, build, then everything (or what matches a filter) with tap.

Usage: npm test -- [filter...]

  filter         part of a test file's path: npm test -- outbox  or  npm test -- edge/src/adapters
  --list         only list the files that would run
  --jobs N       files at a time (3: many wait for each other's processes)
  --help         this text

The last line is "N passed, N failed, N skipped"; a test is a named test block with assertions of its own.`;

try {
  checkNode(process.versions.node);
  const { closest } = await import('./lib/closest.mjs');
  const options = { filters: [], list: false, jobs: 3 };
  const args = process.argv.slice(2);
  while (args.length > 0) {
    const arg = args.shift();
    if (arg === '--help' || arg === '-h') {
      console.log(HELP);
      process.exit(0);
    } else if (arg === '--list') options.list = true;
    else if (arg === '--jobs' && /^\d+$/.test(args[0] ?? '')) options.jobs = Math.max(1, Number(args.shift()));
    else if (arg.startsWith('-')) {
      const meant = closest(arg, ['--list', '--jobs', '--help']);
      throw new Failure(`Unknown option: ${arg}`, {
        hint: meant ? `Did you mean ${meant}?` : 'All options: npm test -- --help',
      });
    } else options.filters.push(arg);
  }
  const { setUp } = await import('./setup.mjs');
  const { build } = await import('./build.mjs');
  await setUp({ root });
  // Reads tap's output by a package: not before set-up has installed it.
  const { runTests } = await import('./test/run-tests.mjs');
  // A build that fails is one failed test; what does not need it still runs.
  const failures = [];
  if (!options.list)
    await build({ root }).catch((error) => failures.push({ name: 'build', detail: failureLines(error).join('\n') }));
  process.exitCode = await runTests({ root, failures, built: failures.length === 0, ...options });
} catch (error) {
  for (const line of failureLines(error)) console.error(line);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = error.exitCode ?? 1;
}
