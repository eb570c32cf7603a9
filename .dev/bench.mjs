import path from 'node:path';
import { fileURLToPath } from 'node:url';

const { checkNode } = await import('./setup/machine.mjs');
const { failureLines } = await import('./lib/failure.mjs');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

try {
  checkNode(process.versions.node);
  const { HELP, parseBenchOptions } = await import('./bench/options.mjs');
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    process.exit(0);
  }
  const { setUp } = await import('./setup.mjs');
  const { build } = await import('./build.mjs');
  const { runBenches } = await import('./bench/run-benches.mjs');
  const { jsonOf, linesOf, writeMarkdown } = await import('./bench/report.mjs');
  await setUp({ root });
  await build({ root, console: false });
  const run = await runBenches({ root, ...options });
  console.log(options.json ? jsonOf(run) : linesOf(run).join('\n'));
  if (options.markdown) writeMarkdown({ root, run });
  process.exitCode = run.benches.some((bench) => bench.error) ? 1 : 0;
} catch (error) {
  for (const line of failureLines(error)) console.error(line);
  process.exitCode = error.exitCode ?? 1;
}
