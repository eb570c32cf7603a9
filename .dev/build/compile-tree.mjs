import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { diffTree, readManifest, writeManifest } from './tree.mjs';

/**
 * Keeps `target` the compiled form of `source`: TypeScript transpiled file by file, other files copied, deleted ones
 * removed; files that did not change are not touched. `keepSource` copies the TypeScript beside its compiled form, too.
 * Returns how many files were done.
 */
export async function compileTree({ root, name, source, target, skip = () => false, keepSource = false }) {
  if (!fs.existsSync(source)) return 0;
  const manifestFile = path.join(target, '.build.json');
  const esbuild = createRequire(path.join(root, 'package.json'))('esbuild');
  const version = `esbuild ${esbuild.version}`;
  const before = readManifest(manifestFile, version);
  const { changed, removed, files } = diffTree(source, before.files, { skip });
  const outputs = (file) => [
    ...(isCompiled(file) ? [file.replace(/\.tsx?$/, '.js'), file.replace(/\.tsx?$/, '.js.map')] : []),
    ...(isCompiled(file) && !keepSource ? [] : [file]),
  ];
  const missing = Object.keys(files).filter((file) => !changed.includes(file) && isGone(target, outputs(file)));
  const todo = [...changed, ...missing];
  if (todo.length === 0 && removed.length === 0) {
    // Touched but unchanged files get their new time recorded, so that they are not read again.
    if (JSON.stringify(before.files) !== JSON.stringify(files)) writeManifest(manifestFile, version, files);
    return 0;
  }
  for (const file of removed) for (const output of outputs(file)) fs.rmSync(path.join(target, output), { force: true });
  const compiled = todo.filter(isCompiled);
  if (compiled.length > 0) await transpile({ esbuild, source, target, files: compiled, name, keepSource });
  for (const file of keepSource ? todo : todo.filter((file) => !isCompiled(file))) {
    fs.mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    fs.copyFileSync(path.join(source, file), path.join(target, file));
  }
  writeManifest(manifestFile, version, files);
  return todo.length;
}

async function transpile({ esbuild, source, target, files, name, keepSource }) {
  try {
    await esbuild.build({
      entryPoints: files.map((file) => path.join(source, file)),
      outbase: source,
      outdir: target,
      bundle: false,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: true,
      sourcesContent: !keepSource,
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

const isCompiled = (file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts');
const isGone = (target, outputs) => outputs.some((output) => !fs.existsSync(path.join(target, output)));
