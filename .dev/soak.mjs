import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { checkNode } = await import('./setup/machine.mjs');
const { failureLines } = await import('./lib/failure.mjs');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

try {
  checkNode(process.versions.node);
  const { SOAKS } = await import('./soak/soaks.mjs');
  const { Failure } = await import('./lib/failure.mjs');
  const { closest } = await import('./lib/closest.mjs');
  const [name, ...rest] = process.argv.slice(2);
  if (!name || name === '--help' || name === '-h') {
    const lines = Object.entries(SOAKS).map(
      ([one, { text, options }]) => `  ${one.padEnd(12)}${text}\n${' '.repeat(14)}${options}`,
    );
    console.log(`Long runs, held by hand: set-up, build, then the run as processes of its own.

Usage: npm run soak -- <name> [options of the run]

${lines.join('\n')}

  --json         the result as one JSON document
  --markdown     also put the row into docs/benchmarks.md`);
    process.exit(0);
  }
  const soak = SOAKS[name];
  if (!soak) {
    const meant = closest(name, Object.keys(SOAKS));
    throw new Failure(`There is no soak called ${name}`, {
      hint: meant ? `Did you mean ${meant}?` : 'All of them: npm run soak -- --help',
    });
  }
  const own = ['--json', '--markdown'];
  const { setUp } = await import('./setup.mjs');
  const { build } = await import('./build.mjs');
  const { progressLines } = await import('./lib/progress-lines.mjs');
  const { runSoak, soakRow, writeRow } = await import('./soak/run-soak.mjs');
  await setUp({ root });
  await build({ root, console: false });
  const args = rest.filter((one) => !own.includes(one));
  const result = await runSoak({ root, entry: soak.entry, args, out: progressLines() });
  const row = soak.row(result);
  const line = await soakRow({ root, row });
  console.log(
    rest.includes('--json')
      ? JSON.stringify(result)
      : `${row.what}: ${row.figure}\n${row.detail.replaceAll('; ', '\n')}\n\n${line}`,
  );
  if (rest.includes('--markdown')) writeRow({ root, line });
  process.exitCode = row.ok ? 0 : 1;
} catch (error) {
  for (const line of failureLines(error)) console.error(line);
  process.exitCode = error.exitCode ?? 1;
}
