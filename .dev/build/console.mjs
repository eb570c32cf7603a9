import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { duration } from '../lib/progress-lines.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { diffTree, readManifest, writeManifest } from './tree.mjs';

/** Runs `vite build` in cloud/console when one of its inputs changed since the last good build. */
export async function buildConsole({ root, out }) {
  const folder = path.join(root, 'cloud/console');
  if (!fs.existsSync(path.join(folder, 'index.html'))) return false;
  const manifestFile = path.join(folder, 'node_modules/.hallhub-console.json');
  const lock = fs.readFileSync(path.join(root, 'pnpm-lock.yaml'));
  const version = crypto.createHash('sha256').update(lock).digest('base64url');
  const before = readManifest(manifestFile, version);
  const { files, changed, removed } = inputs(root, before.files);
  const built = fs.existsSync(path.join(folder, 'dist/index.html'));
  if (built && changed.length === 0 && removed.length === 0) return false;
  const startedAt = Date.now();
  out.progress({ part: 'build', step: 'console', text: 'building the console' });
  const vite = path.join(folder, 'node_modules/vite/bin/vite.js');
  const env = { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  const result = await runCommand(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: folder, env });
  if (result.code !== 0) {
    fs.rmSync(manifestFile, { force: true });
    throw new Failure('The console does not build (vite build in cloud/console).', {
      exitCode: 1,
      code: 'console-build-failed',
      tail: result.lines.filter((line) => line.trim() && !/^\s+at |errors: \[Getter/.test(line)).slice(0, 25),
      hint: result.code === 127 ? 'vite is not installed: run `node .dev/setup.mjs --force`' : '',
    });
  }
  writeManifest(manifestFile, version, files);
  out.progress({ part: 'build', step: 'console-built', text: `console built in ${duration(Date.now() - startedAt)}` });
  return true;
}

/** The console's own files and the shared sources it compiles in; tests and outputs left out. */
function inputs(root, recorded) {
  const merged = { files: {}, changed: [], removed: [] };
  for (const name of ['cloud/console', 'shared/src']) {
    const own = {};
    for (const [file, entry] of Object.entries(recorded)) {
      if (file.startsWith(`${name}/`)) own[file.slice(name.length + 1)] = entry;
    }
    const skip = (file) => /\.(test|spec)\.tsx?$/.test(file);
    const found = diffTree(path.join(root, name), own, { skip, ignoreFolders: ['node_modules', 'dist', '.vite'] });
    for (const [file, entry] of Object.entries(found.files)) merged.files[`${name}/${file}`] = entry;
    merged.changed.push(...found.changed);
    merged.removed.push(...found.removed);
  }
  return merged;
}
