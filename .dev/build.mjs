import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileTree } from './build/compile-tree.mjs';
import { buildConsole } from './build/console.mjs';
import { writeParsedKinds } from './build/parsed-kinds.mjs';
import { writeParsedProfiles } from './build/parsed-profiles.mjs';
import { failureLines } from './lib/failure.mjs';
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
    if (packages.includes('shared')) written += await writeParsedProfiles({ root });
    if (packages.includes('cloud')) written += writeParsedKinds({ root });
    if (written > 0) {
      const text = `${written} files compiled in ${duration(Date.now() - startedAt)}`;
      out.progress({ part: 'build', step: 'compiled', text });
    }
    const consoleBuilt = withConsole ? await buildConsole({ root, out }) : false;
    return { written, consoleBuilt };
  });
}

/** Transpiles and copies one package's `src` to `dist`, its tests left out; files that did not change are not touched. */
export async function buildPackage({ root, name }) {
  const [source, target] = ['src', 'dist'].map((folder) => path.join(root, name, folder));
  return await compileTree({ root, name, source, target, skip: isTestFile });
}

const isTestFile = (file) => /\.(test|spec)\.[cm]?tsx?$/.test(file) || /(^|\/)(__fixtures__|\.)/.test(file);

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  build().then(
    ({ written, consoleBuilt }) => console.log(written || consoleBuilt ? 'built' : 'nothing to build'),
    (error) => {
      for (const line of failureLines(error)) console.error(line);
      process.exitCode = error.exitCode ?? 1;
    },
  );
}
