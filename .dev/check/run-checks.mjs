import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { duration } from '../lib/progress-lines.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { auditDependencies, checkLicences } from './dependencies.mjs';
import { checkLinks } from './links.mjs';
import { scanFiles } from './scan.mjs';
import { sourceFiles } from './source-files.mjs';

const TYPED = ['shared', 'edge', 'cloud', 'simulators', 'cloud/console'];

/** The checks by name; each resolves with the lines that are wrong, none when all is well, or with `{ lines, note }`. */
export function allChecks({ root, fix = false }) {
  const program = (folder, file) => path.join(root, 'node_modules', folder, file);
  const node = async (args) => {
    const result = await runCommand(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    return result.code === 0 ? [] : result.lines.filter((line) => line.trim());
  };
  const checks = TYPED.filter((name) => fs.existsSync(path.join(root, name, 'tsconfig.json'))).map((name) => ({
    name: `types ${name}`,
    run: () => node([program('typescript', 'bin/tsc'), '-p', name, '--noEmit', '--pretty', 'false']),
  }));
  const biome = [program('@biomejs/biome', 'bin/biome'), 'check', '--max-diagnostics=60', '--error-on-warnings'];
  checks.push(
    { name: 'lint and format', run: () => node([...biome, ...(fix ? ['--write'] : []), '.']) },
    { name: 'dependency rules', run: () => node(depcruise(root, program)) },
    { name: 'secrets and paths', run: async () => scanFiles(root, await sourceFiles(root)) },
    { name: 'licences', run: () => checkLicences({ root }) },
    { name: 'known weaknesses', run: () => auditDependencies({ root }) },
    { name: 'links', run: async () => checkLinks(root, await sourceFiles(root)) },
  );
  return checks;
}

function depcruise(root, program) {
  const folders = ['shared/src', 'edge/src', 'cloud/src', 'cloud/console/src', 'simulators/src'];
  const present = folders.filter((folder) => fs.existsSync(path.join(root, folder)));
  return [
    program('dependency-cruiser', 'bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err-long',
    ...present,
  ];
}

/** Runs the checks, as many at a time as there are cores (four at most), and prints one line each. Returns the exit code. */
export async function runChecks({ root, names = [], fix = false, list = false, checks, stdout = process.stdout }) {
  const all = checks ?? allChecks({ root, fix });
  const wanted = all.filter((check) => names.length === 0 || names.some((name) => check.name.includes(name)));
  if (list || wanted.length === 0) {
    for (const check of all) stdout.write(`${check.name}\n`);
    return list ? 0 : 2;
  }
  const queue = [...wanted];
  let failed = 0;
  const worker = async () => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const startedAt = Date.now();
      const found = await check.run().catch((error) => [String(error?.stack ?? error)]);
      const { lines, note } = Array.isArray(found) ? { lines: found } : found;
      const state = lines.length === 0 ? 'ok  ' : 'FAIL';
      if (lines.length > 0) failed++;
      stdout.write(`${state}  ${check.name}  ${duration(Date.now() - startedAt)}${note ? `  ${note}` : ''}\n`);
      for (const line of lines) stdout.write(`      ${line}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, Math.max(1, os.availableParallelism())) }, worker));
  stdout.write(`${wanted.length - failed} checks passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}
