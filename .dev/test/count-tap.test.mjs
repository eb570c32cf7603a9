import { Readable } from 'node:stream';
import t from 'tap';
import { countTap } from './count-tap.mjs';
import { closingLine, failureReport, skipReport } from './report.mjs';

const count = (text, exit = { code: 0, signal: null }) =>
  countTap(Readable.from([text]), { file: 'x.test.ts', ended: Promise.resolve(exit) });
const nested = (text) => text.replace(/^/gm, '    ');

t.test('a named block with assertions of its own is one test', async (t) => {
  const result = await count('# Subtest: one\n    ok 1 - a\n    ok 2 - b\n    1..2\nok 1 - one\nok 2 - direct\n1..2\n');
  t.match(result, { passed: 2, failures: [], skips: [], ok: true, skipped: false });
});

t.test('a nested failure is told once, with its whole name', async (t) => {
  const inner =
    '# Subtest: inner\n    not ok 1 - sums\n      ---\n      diff: |\n        -1\n        +2\n      ...\n    1..1\nnot ok 1 - inner\n1..1';
  const result = await count(`# Subtest: outer\n${nested(inner)}\nnot ok 1 - outer\n1..1\n`, { code: 1, signal: null });
  t.equal(result.ok, false);
  t.equal(result.failures.length, 1);
  t.match(result.failures[0], { file: 'x.test.ts', name: 'outer > inner > sums', detail: '-1\n+2' });
});

t.test('skips and todos count with their reasons, a skipped file as one', async (t) => {
  const blocks = await count('ok 1 - a # SKIP no ffmpeg\nok 2 - b # TODO later\nok 3 - c\n1..3\n');
  t.match(blocks, { passed: 1, ok: true, skipped: false });
  t.same(
    blocks.skips.map((skip) => skip.reason),
    ['no ffmpeg', 'todo: later'],
  );
  for (const text of ['1..0 # SKIP no mosquitto\n', '1..0 # no mosquitto\n']) {
    t.match(await count(text), { passed: 0, skips: [{ name: 'x.test.ts', reason: /^no mosquitto$/ }], skipped: true });
  }
});

t.test('a file that broke off is a failure, whatever it had said', async (t) => {
  const fine = 'ok 1 - a\n1..1\n';
  const ends = [
    ['', { code: 7, signal: null }, /exit code 7/],
    [fine, { code: 7, signal: null }, /exit code 7/],
    [fine, { code: null, signal: 'SIGSEGV' }, /SIGSEGV/],
    ['', { code: 127, signal: null, message: 'no such program' }, /no such program/],
    ['ok 1 - a\n', { code: 0, signal: null }, /no plan/],
    ['ok 1 - a\n1..2\n', { code: 0, signal: null }, /incorrect number of tests/],
    ['# Subtest: cut off\n    ok 1 - x\n', { code: 0, signal: null }, /cut off/],
  ];
  for (const [text, exit, detail] of ends) {
    const { ok, failures } = await count(text, exit);
    t.match({ ok, failures }, { ok: false, failures: [{ file: 'x.test.ts', detail }] }, JSON.stringify([text, exit]));
    t.equal(failures.length, 1, text);
  }
});

t.test('a file without a test is a failure', async (t) => {
  for (const text of ['', '1..0\n', 'TAP version 14\n1..0 # no tests found\n']) {
    t.match(await count(text), { ok: false, passed: 0, skips: [], failures: [{ name: 'the file has no tests' }] });
  }
});

t.test('the report names file, test, what was found, and the command that runs it again', async (t) => {
  const lines = failureReport([{ file: 'a.test.ts', name: 'sums', detail: '-1\n+2' }], { stderr: 'oh\n' });
  t.match(
    lines.join('\n'),
    /Failed:\n {2}a\.test\.ts {2}sums\n {4}-1\n {4}\+2\n[\s\S]*oh[\s\S]*npm test -- a\.test\.ts/,
  );
  t.same(failureReport([]), []);
  t.match(
    skipReport([{ file: 'a', name: 'b', reason: 'no x' }], { forbidden: true }).join('\n'),
    /CI allows no skips[\s\S]*no x\n {4}a {2}b/,
  );
  t.equal(closingLine({ passed: 3, failed: 0, skipped: 1 }), '3 passed, 0 failed, 1 skipped');
});
