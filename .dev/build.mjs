import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildConsole } from './build/console.mjs';
import { diffTree, readManifest, writeManifest } from './build/tree.mjs';
import { Failure, failureLines } from './lib/failure.mjs';
import { withFolderLock } from './lib/folder-lock.mjs';
import { duration, progressLines } from './lib/progress-lines.mjs';
import { root as repositoryRoot } from './lib/root.mjs';

export const PACKAGES = ['shared', 'edge', 'cloud', 'simulators'];

/**
 * Brings `dist` of every package up to date with its sources: TypeScript file by file, other files copied, deleted ones
 * removed, and the console where its inputs changed. Returns how many files were written.
 */
export async function build({
  root = repositoryRoot,
  out = progressLines(),
  packages = PACKAGES,
  console: withConsole = true,
} = {}) {
  return await withFolderLock(root, 'build', async () => {
    const startedAt = Date.now();
    let written = 0;
    for (const name of packages) written += await buildPackage({ root, name });
    if (written > 0) {
      const text = `${written} files compiled in ${duration(Date.now() - startedAt)}`;
      out.progress({ part: 'build', step: 'compiled', text });
    }
    const consoleBuilt = withConsole ? await buildConsole({ root, out }) : false;
    return { written, consoleBuilt };
  });
}

/** Transpiles and copies one package's `src` to `dist`; files that did not change are not touched. */
export async function buildPackage({ root, name }) {
  const source = path.join(root, name, 'src');
  const target = path.join(root, name, 'dist');
  if (!fs.existsSync(source)) return 0;
  const manifestFile = path.join(target, '.build.json');
  const esbuild = loadEsbuild(root);
  const version = `esbuild ${esbuild.version}`;
  const before = readManifest(manifestFile, version);
  const { changed, removed, files } = diffTree(source, before.files, { skip: isTestFile });
  const outputs = (file) => (isCompiled(file) ? compiledOutputs(file) : [file]);
  const missing = Object.keys(files).filter((file) => !changed.includes(file) && isGone(target, outputs(file)));
  const todo = [...changed, ...missing];
  if (todo.length === 0 && removed.length === 0) {
    // Touched but unchanged files get their new time recorded, so that they are not read again.
    if (JSON.stringify(before.files) !== JSON.stringify(files)) writeManifest(manifestFile, version, files);
    return 0;
  }
  for (const file of removed) for (const output of outputs(file)) fs.rmSync(path.join(target, output), { force: true });
  const compiled = todo.filter(isCompiled);
  if (compiled.length > 0) await transpile({ esbuild, source, target, files: compiled, name });
  for (const file of todo.filter((file) => !isCompiled(file))) {
    fs.mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    fs.copyFileSync(path.join(source, file), path.join(target, file));
  }
  writeManifest(manifestFile, version, files);
  return todo.length;
}

async function transpile({ esbuild, source, target, files, name }) {
  try {
    await esbuild.build({
      entryPoints: files.map((file) => path.join(source, file)),
      outbase: source,
      outdir: target,
      bundle: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: true,
      charset: 'utf8',
      logLevel: 'silent',
    });
  } catch (cause) {
    const tail = (cause.errors ?? []).slice(0, 10).map(({ text, location }) => {
      return location
        ? `${path.join(name, 'src', path.relative(source, path.resolve(location.file)))}:${location.line}: ${text}`
        : text;
    });
    throw new Failure(`${name} does not compile.`, { cause, tail, exitCode: 1, code: 'build-failed' });
  }
}

function loadEsbuild(root) {
  return createRequire(path.join(root, 'package.json'))('esbuild');
}

const isTestFile = (file) => /\.(test|spec)\.[cm]?tsx?$/.test(file) || /(^|\/)(__fixtures__|\.)/.test(file);
const isCompiled = (file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts');
const compiledOutputs = (file) => [file.replace(/\.tsx?$/, '.js'), file.replace(/\.tsx?$/, '.js.map')];
const isGone = (target, outputs) => outputs.some((output) => !fs.existsSync(path.join(target, output)));

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  build().then(
    ({ written, consoleBuilt }) => console.log(written || consoleBuilt ? 'built' : 'nothing to build'),
    (error) => {
      for (const line of failureLines(error)) console.error(line);
      process.exitCode = error.exitCode ?? 1;
    },
  );
}
