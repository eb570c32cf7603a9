import fs from 'node:fs';
import path from 'node:path';
import { listFiles } from '../build/tree.mjs';

const FOLDERS = ['shared/src', 'edge/src', 'cloud/src', 'cloud/console/src', 'simulators/src', '.dev'];

/** End-to-end files that take a minute or more: begun first, so that none is left running alone. */
const LONGEST = ['no-loss', 'npm-start', 'swap', 'recovery', 'vision', 'full-hall', 'faulty-peers', 'enrolment'];

/** Every test file of the repository, the long ones first and the shortest last, so that all lanes end together. */
export function testFiles(root, filters = []) {
  const files = [];
  for (const folder of FOLDERS) {
    const full = path.join(root, folder);
    if (!fs.existsSync(full)) continue;
    for (const file of listFiles(full, ['node_modules', 'dist'])) {
      if (/\.test\.(ts|tsx|mjs)$/.test(file)) files.push(`${folder}/${file}`);
    }
  }
  const wanted = filters.length === 0 ? files : files.filter((file) => filters.some((filter) => file.includes(filter)));
  return wanted.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Where a file's kind stands in the run: by what files of that kind take. */
function rank(file) {
  const long = LONGEST.findIndex((name) => file.endsWith(`/e2e/${name}.test.ts`));
  if (long >= 0) return long;
  const kinds = [
    isEndToEnd,
    (f) => f.startsWith('.dev/'),
    (f) => f.startsWith('cloud/src'),
    (f) => !f.startsWith('shared/'),
  ];
  const at = kinds.findIndex((is) => is(file));
  return LONGEST.length + (at < 0 ? kinds.length : at);
}

const isEndToEnd = (file) => file.includes('/e2e/');

/**
 * Hands out the files, each once. End-to-end files wait much and need several processes, the others keep a core busy: one
 * lane is kept for the others as long as there are any.
 */
export function fileQueue(files, { jobs }) {
  const long = files.filter(isEndToEnd);
  const short = files.filter((file) => !isEndToEnd(file));
  let running = 0;
  return {
    take() {
      const isFull = jobs > 1 && running >= jobs - 1 && short.length > 0;
      const file = long.length > 0 && !isFull ? long.shift() : (short.shift() ?? long.shift());
      if (file && isEndToEnd(file)) running++;
      return file;
    },
    done(file) {
      if (isEndToEnd(file)) running--;
    },
  };
}
