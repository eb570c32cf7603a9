import fs from 'node:fs';
import path from 'node:path';
import { compileTree } from '../build/compile-tree.mjs';
import { withFolderLock } from '../lib/folder-lock.mjs';

const SOURCES = ['shared', 'edge', 'cloud', 'simulators', 'cloud/console'];
const PLACE = '.tap/code';

/**
 * Brings the compiled form of all sources, tests included, up to date, and returns its folder: a picture of the repository
 * in which only the folders `src` are real and hold each file and its compiled form; everything else is a link. A test
 * started there finds what it names by a path, and Node loads it as it is, in a third of the loader's time.
 */
export async function compileTests({ root }) {
  const code = path.join(root, PLACE);
  await withFolderLock(root, 'test-code', async () => {
    link({ root, code, folder: '', own: [...SOURCES.map((name) => name.split('/')[0]), '.git', '.tap'] });
    for (const name of SOURCES) {
      if (!fs.existsSync(path.join(root, name, 'src'))) continue;
      const own = [
        'src',
        ...SOURCES.filter((other) => path.dirname(other) === name).map((other) => path.basename(other)),
      ];
      link({ root, code, folder: name, own });
      const [source, target] = [root, code].map((place) => path.join(place, name, 'src'));
      await compileTree({ root, name, source, target, keepSource: true });
    }
  });
  return code;
}

/** Links whatever lies in the repository's folder, but for what is real here. */
function link({ root, code, folder, own }) {
  const [from, to] = [root, code].map((place) => path.join(place, folder));
  fs.mkdirSync(to, { recursive: true });
  const wanted = fs.readdirSync(from).filter((name) => !own.includes(name));
  for (const entry of fs.readdirSync(to, { withFileTypes: true })) {
    if (!own.includes(entry.name) && !wanted.includes(entry.name)) fs.rmSync(path.join(to, entry.name));
  }
  for (const name of wanted) {
    if (!fs.lstatSync(path.join(to, name), { throwIfNoEntry: false }))
      fs.symlinkSync(path.join(from, name), path.join(to, name));
  }
}
