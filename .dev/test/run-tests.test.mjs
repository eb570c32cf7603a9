import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { root as repository } from '../lib/root.mjs';
import { portions, runTests, testFiles } from './run-tests.mjs';

const PASS = "import t from 'tap';\nt.test('fine', async (t) => t.ok(true));\n";
const clone = (t, files) => {
  const root = t.testdir({ edge: { src: files }, '.taprc': fs.readFileSync(path.join(repository, '.taprc'), 'utf8') });
  fs.writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
  for (const name of ['node_modules', '.tap/plugins']) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.symlinkSync(path.join(repository, name), path.join(root, name));
  }
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

t.test('portions: long files by two, short ones by sixteen, every file once', async (t) => {
  const long = Array.from({ length: 5 }, (_, i) => `simulators/src/e2e/${i}.test.ts`);
  const short = Array.from({ length: 20 }, (_, i) => `shared/src/${i}.test.ts`);
  const found = portions([...long, ...short]);
  t.same(
    found.map((files) => files.length),
    [2, 2, 1, 16, 4],
  );
  t.same(found.flat(), [...long, ...short]);
});

t.test('lanes side by side lose no file', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`f${i}.test.ts`, PASS]));
  const result = await run(clone(t, { e2e: files }), { jobs: 3 });
  t.match(result, { code: 0, last: '5 passed, 0 failed, 0 skipped' }, result.text);
});
