import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Only what the oldest Node can parse stands before the check of its version.
const { checkNode } = await import('./setup/machine.mjs');
const { failureLines } = await import('./lib/failure.mjs');
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

try {
  checkNode(process.versions.node);
  const { HELP, parseOptions } = await import('./start/options.mjs');
  // npm runs scripts in the clone's root; a relative --data is meant from where the person stands.
  const options = parseOptions(process.argv.slice(2), { cwd: process.env.INIT_CWD ?? process.cwd(), root });
  if (options.help) {
    console.log(HELP);
    process.exit(0);
  }
  const { chooseView, launch } = await import('./start/launch.mjs');
  const { setUp } = await import('./setup.mjs');
  const { build } = await import('./build.mjs');
  const prepare = async (out) => {
    await setUp({ root, out });
    const packages = ['shared', ...Object.keys(options.parts).filter((part) => options.parts[part])];
    await build({ root, out, packages, console: options.parts.cloud });
  };
  const { bringModels } = await import('./models/bring-models.mjs');
  const code = await launch({ options, root, prepare, bringModels, view: chooseView(options) });
  process.exit(code);
} catch (error) {
  for (const line of failureLines(error)) console.error(line);
  process.exit(error.exitCode ?? 1);
}
