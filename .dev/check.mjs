import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { checkNode } = await import('./setup/machine.mjs');
const { Failure, failureLines } = await import('./lib/failure.mjs');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const HELP = `Checks everything that needs no running: types, lint and format, dependency rules, secrets, links.

Usage: npm run check -- [name...]

  name        run only the checks whose name contains this: npm run check -- types edge
  --fix       let the linter and formatter repair what they can
  --list      only list the checks
  --help      this text`;

try {
  checkNode(process.versions.node);
  const { closest } = await import('./lib/closest.mjs');
  const args = process.argv.slice(2);
  const flags = ['--fix', '--list', '--help'];
  for (const arg of args.filter((arg) => arg.startsWith('-') && !flags.includes(arg))) {
    const meant = closest(arg, flags);
    throw new Failure(`Unknown option: ${arg}`, {
      hint: meant ? `Did you mean ${meant}?` : 'All options: npm run check -- --help',
    });
  }
  if (args.includes('--help')) {
    console.log(HELP);
    process.exit(0);
  }
  const { runChecks } = await import('./check/run-checks.mjs');
  const names = args.filter((arg) => !arg.startsWith('-'));
  const { setUp } = await import('./setup.mjs');
  if (!args.includes('--list')) await setUp({ root });
  process.exitCode = await runChecks({ root, names, fix: args.includes('--fix'), list: args.includes('--list') });
} catch (error) {
  for (const line of failureLines(error)) console.error(line);
  process.exitCode = error.exitCode ?? 1;
}
