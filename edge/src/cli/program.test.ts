import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from './program.js';
import { corpusDir } from './read-corpus.js';

const run = async (argv: string[]) => {
  const out: string[] = [];
  const err: string[] = [];
  const plain = (s: string) => s;
  const code = await runCli(argv, {
    signal: new AbortController().signal,
    env: {},
    terminal: {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      width: undefined,
      style: { good: plain, warn: plain, bad: plain, dim: plain },
      now: Date.now,
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
};

t.test('help names every command, a slip of the finger is answered with the right word', async (t) => {
  const help = await run(['--help']);
  t.equal(help.code, 0);
  for (const word of ['status', 'doctor', 'devices', 'scan', 'profile', 'outbox', 'logs', 'join'])
    t.match(help.out, word);
  const slip = await run(['devces']);
  t.equal(slip.code, 2);
  t.match(slip.err, 'devices');
});

t.test('what is wrong on the command line is told before the agent is asked', async (t) => {
  for (const [argv, said] of [
    [['logs', '-n', 'abc'], /whole number/],
    [['join', '--policy', 'window', '--minutes', '0'], /whole number/],
    [['scan', 'modbus', '--timeout', '1.5'], /whole number/],
    [['scan', 'canbus'], /modbus/],
    [['devices', 'list', '--state', 'lost'], /quarantined/],
    [['devices', 'command', 'x', 'y', '--input', '{bad'], /--input is not JSON/],
  ] as const) {
    const { code, err } = await run([...argv, '--data', t.testdir({})]);
    t.equal(code, 2, argv.join(' '));
    t.match(err, said);
  }
});

t.test('without an agent it says so, where it looked and what to do', async (t) => {
  const data = t.testdir({});
  const status = await run(['status', '--data', data]);
  t.equal(status.code, 3);
  t.match(status.err, data);
  t.match(status.err, '--data DIR');
  const json = await run(['status', '--json', '--data', data]);
  t.equal(JSON.parse(json.err).error.code, 'link_refused');
});

t.test('doctor is of use without an agent', async (t) => {
  const { code, out } = await run(['doctor', '--data', t.testdir({}), '--json']);
  t.equal(code, 1);
  const verdicts = Object.fromEntries(
    JSON.parse(out).checks.map((c: { check: string; verdict: string }) => [c.check, c.verdict]),
  );
  t.match(verdicts, { agent: 'failed', data: 'ok', enrolment: 'warning', clock: 'ok' });
  t.match((await run(['doctor', '--data', '/nonexistent/hall'])).out, /does not exist/);
});

t.test('the corpus that comes with HallHub passes lint and vectors', async (t) => {
  const lint = await run(['profile', 'lint']);
  t.equal(lint.code, 0, lint.out);
  t.equal((await run(['profile', 'test'])).code, 0);
  t.equal((await run(['profile', 'test', join(corpusDir, 'eastron/sdm630.yaml')])).code, 0);
});

t.test('a broken profile is told with file, line and a sentence', async (t) => {
  const dir = t.testdir({});
  mkdirSync(join(dir, 'acme'));
  writeFileSync(join(dir, 'acme/x1.yaml'), 'schema: 1\nvendor: acme\nmodel: x1\nversion: one\n');
  const { code, out } = await run(['profile', 'lint', dir]);
  t.equal(code, 1);
  t.match(out, /acme\/x1\.yaml:4:\d+: error/);
  t.equal((await run(['profile', 'lint', join(dir, 'nothing.yaml')])).code, 4);
});
