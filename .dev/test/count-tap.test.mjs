import { Readable } from 'node:stream';
import t from 'tap';
import { countTap } from './count-tap.mjs';
import { closingLine, failureReport, skipReport } from './report.mjs';

const count = async (text) => {
  const files = [];
  const result = await countTap(Readable.from([text]), { onFile: (file) => files.push(file) });
  return { ...result, files };
};
const file = (name, body, ok = true) =>
  `# Subtest: ${name}\n${body.replace(/^/gm, '    ')}\n${ok ? 'ok' : 'not ok'} 1 - ${name}\n1..1\n`;

t.test('a named block with assertions of its own is one test', async (t) => {
  const text = '# Subtest: one\n    ok 1 - a\n    ok 2 - b\n    1..2\nok 1 - one\nok 2 - direct\n1..2';
  const result = await count(file('x.test.ts', text));
  t.match(result, { passed: 2, failures: [], skips: [], files: [{ file: 'x.test.ts', ok: true, skipped: false }] });
});

t.test('a nested failure is told once, with its whole name', async (t) => {
  const inner =
    '# Subtest: inner\n    not ok 1 - sums\n      ---\n      diff: |\n        -1\n        +2\n      ...\n    1..1\nnot ok 1 - inner\n1..1';
  const text = `# Subtest: outer\n${inner.replace(/^/gm, '    ')}\nnot ok 1 - outer\n1..1`;
  const result = await count(file('x.test.ts', text, false));
  t.equal(result.failures.length, 1);
  t.match(result.failures[0], { file: 'x.test.ts', name: 'outer > inner > sums', detail: '-1\n+2' });
});

t.test('skips and todos count with their reasons, a skipped file as one', async (t) => {
  const blocks = await count(file('x.test.ts', 'ok 1 - a # SKIP no ffmpeg\nok 2 - b # TODO later\nok 3 - c\n1..3'));
  t.equal(blocks.passed, 1);
  t.same(
    blocks.skips.map((skip) => skip.reason),
    ['no ffmpeg', 'todo: later'],
  );
  const whole = await count(
    '# Subtest: y.test.ts\n    1..0 # SKIP no mosquitto\nok 1 - y.test.ts # SKIP no mosquitto\n1..1\n',
  );
  t.match(whole, { passed: 0, skips: [{ file: 'y.test.ts', reason: 'no mosquitto' }], files: [{ skipped: true }] });
});

t.test('a file that broke off is a failure, also without any assertion', async (t) => {
  const result = await count(
    '# Subtest: z.test.ts\n    # no output\n    1..0\nnot ok 1 - z.test.ts\n  ---\n  exitCode: 7\n  ...\n1..1\n',
  );
  t.match(result.failures, [{ file: 'z.test.ts', detail: /exit code 7/ }]);
  t.equal((await count('not ok 1 - z.test.ts\n  ---\n  signal: SIGSEGV\n  ...\n1..1\n')).failures.length, 1);
});

t.test('no output is no test', async (t) => {
  t.match(await count(''), { passed: 0, skips: [], files: [] });
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
