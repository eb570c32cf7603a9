import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { root as repository } from '../lib/root.mjs';
import { runTests } from './run-tests.mjs';
import { fileQueue, testFiles } from './test-files.mjs';

const PASS = "import t from 'tap';\nt.test('fine', async (t) => t.ok(true));\n";
const clone = (t, files) => {
  const root = t.testdir({ edge: { src: files } });
  fs.writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
  fs.symlinkSync(path.join(repository, 'node_modules'), path.join(root, 'node_modules'));
  return root;
};
const run = async (root, more = {}) => {
  let text = '';
  const env = { ...process.env, CI: '' };
  for (const name of Object.keys(env)) if (name.startsWith('TAP') || name.startsWith('_TAPJS')) delete env[name];
  const code = await runTests({ root, stdout: { write: (part) => (text += part) }, env, ...more });
  return { code, text, last: text.trimEnd().split('\n').at(-1) };
};

t.test('runs the files, prints one line each, and closes with the count', async (t) => {
  const root = clone(t, {
    'a.test.ts': PASS,
    'b.test.ts': `${PASS}t.test('later', { skip: 'no ffmpeg' }, async () => {});\n`,
  });
  const result = await run(root);
  t.match(result, { code: 0, last: '2 passed, 0 failed, 1 skipped' }, result.text);
  t.match(result.text, /Skipped:\n {2}no ffmpeg\n/);
});

t.test('a failure decides the exit code, and in CI so does a skip', async (t) => {
  const failing = await run(clone(t, { 'a.test.ts': "import t from 'tap';\nt.equal(1, 2, 'sums');\n" }));
  t.match(failing, { code: 1, last: '0 passed, 1 failed, 0 skipped' });
  t.match(failing.text, /edge\/src\/a\.test\.ts {2}sums/);
  const root = clone(t, { 'a.test.ts': `${PASS}t.test('later', { skip: 'no ffmpeg' }, async () => {});\n` });
  const env = { ...process.env, CI: 'true' };
  for (const name of Object.keys(env)) if (name.startsWith('TAP') || name.startsWith('_TAPJS')) delete env[name];
  t.match(await run(root, { env }), { code: 1, last: '1 passed, 0 failed, 1 skipped', text: /CI allows no skips/ });
});

t.test('no test at all is a failure', async (t) => {
  t.match(await run(clone(t, { 'a.ts': '' })), { code: 1, last: '0 passed, 1 failed, 0 skipped' });
  const empty = await run(clone(t, { 'a.test.ts': '' }));
  t.not(empty.code, 0, 'a file that tests nothing');
});

t.test('a filter is a part of the path; the long end-to-end files come first', async (t) => {
  const root = t.testdir({
    edge: { src: { 'a.test.ts': '', outbox: { 'b.test.ts': '' } } },
    simulators: { src: { e2e: { 'hall.test.ts': '' }, 'peer.ts': '' } },
  });
  t.same(testFiles(root), ['simulators/src/e2e/hall.test.ts', 'edge/src/a.test.ts', 'edge/src/outbox/b.test.ts']);
  t.same(testFiles(root, ['outbox']), ['edge/src/outbox/b.test.ts']);
  t.match(await run(root, { filters: ['nothing'] }), { code: 1, text: /No test file matches: nothing/ });
});

t.test('every file is handed out once; one lane is kept for the short ones while there are any', async (t) => {
  const long = Array.from({ length: 5 }, (_, i) => `simulators/src/e2e/${i}.test.ts`);
  const short = Array.from({ length: 4 }, (_, i) => `shared/src/${i}.test.ts`);
  const queue = fileQueue([...long, ...short], { jobs: 3 });
  t.same([queue.take(), queue.take(), queue.take()], [long[0], long[1], short[0]]);
  queue.done(short[0]);
  t.equal(queue.take(), short[1]);
  queue.done(long[0]);
  t.equal(queue.take(), long[2]);
  t.same([queue.take(), queue.take(), queue.take(), queue.take()], [short[2], short[3], long[3], long[4]]);
  t.equal(queue.take(), undefined);
  t.equal(fileQueue(long, { jobs: 1 }).take(), long[0]);
});

t.test('lanes side by side lose no file', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`f${i}.test.ts`, PASS]));
  const result = await run(clone(t, { e2e: files }), { jobs: 3 });
  t.match(result, { code: 0, last: '5 passed, 0 failed, 0 skipped' }, result.text);
});

t.test('a failure names its line of the source; a file that does not compile fails and the others run', async (t) => {
  const failing = "import t from 'tap';\nconst a: number = 1;\n\nt.equal(a, 2, 'sums');\n";
  const wrong = await run(clone(t, { 'a.test.ts': failing }));
  t.match(wrong.text, /edge\/src\/a\.test\.ts:4/, wrong.text);
  const broken = await run(clone(t, { 'a.test.ts': 'const = 1;', 'b.test.ts': PASS }));
  t.match(broken, { code: 1, last: '1 passed, 1 failed, 0 skipped' }, broken.text);
});

t.test('a test finds files by its own path, its programs in source, and links to all else', async (t) => {
  const test = `import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import t from 'tap';
import { name } from './module.js';
t.test('fine', async (t) => {
  t.equal(name, 'module');
  t.equal(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8'), '{"type":"module"}');
  t.same(fs.readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.ts')), ['a.test.ts', 'module.ts', 'program.ts']);
  const program = new URL('./program.ts', import.meta.url).pathname;
  t.equal(execFileSync(process.execPath, ['--import=tsx', program], { encoding: 'utf8' }), 'module');
});
`;
  const program = "import { name } from './module.js';\nprocess.stdout.write(name);\n";
  const files = { 'a.test.ts': test, 'module.ts': "export const name: string = 'module';\n", 'program.ts': program };
  const result = await run(clone(t, files));
  t.match(result, { code: 0, last: '1 passed, 0 failed, 0 skipped' }, result.text);
});

t.test('a file past its time limit is ended, and says what it waits for', async (t) => {
  const hanging =
    "import t from 'tap';\nt.setTimeout(300);\nt.test('waits', async () => new Promise(() => setInterval(() => {}, 1000)));\n";
  const result = await run(clone(t, { 'a.test.ts': hanging }));
  t.match(result, { code: 1, last: '0 passed, 1 failed, 0 skipped' }, result.text);
  t.match(result.text, /timeout/);
});
