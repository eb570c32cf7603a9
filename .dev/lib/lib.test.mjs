import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { closest } from './closest.mjs';
import { Failure, failureLines } from './failure.mjs';
import { withFolderLock } from './folder-lock.mjs';
import { isSameProcess, processStart } from './process-identity.mjs';
import { duration } from './progress-lines.mjs';
import { lineSplitter, runCommand } from './run-command.mjs';

t.test('closest finds what was meant, and nothing where nothing is near', async (t) => {
  t.equal(closest('prot', ['port', 'data', 'json']), 'port');
  t.equal(closest('no-simulator', ['no-simulators', 'no-edge']), 'no-simulators');
  t.equal(closest('xyzzy', ['port', 'data']), undefined);
});

t.test('a failure is told with its tail and its hint; anything else with its stack', async (t) => {
  const lines = failureLines(new Failure('It broke.', { tail: ['a', 'b'], hint: 'Do this\nthen that' }));
  t.same(lines, ['It broke.', '  | a', '  | b', '  Do this', '  then that']);
  t.match(failureLines(new TypeError('bug'))[0], /TypeError: bug/);
});

t.test('durations are in people’s units', async (t) => {
  t.same([400, 12_000, 185_000, 7_800_000, 100 * 3600_000].map(duration), [
    '0.4 s',
    '12 s',
    '3 min 5 s',
    '2 h 10 min',
    '4 d 4 h',
  ]);
});

t.test('runCommand gives lines, exit code, and 127 for a program that is not there', async (t) => {
  const script = "console.log('one'); console.error('\\u001b[31mtwo\\u001b[0m'); process.exit(3)";
  const result = await runCommand(process.execPath, ['-e', script]);
  t.equal(result.code, 3);
  t.same([...result.lines].sort(), ['one', 'two']);
  t.equal((await runCommand('no-such-program-here', [])).code, 127);
});

t.test('runCommand ends what takes too long', async (t) => {
  const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 });
  t.equal(result.signal, 'SIGKILL');
});

t.test('lineSplitter puts chunks together and never holds more than a bounded rest', async (t) => {
  const lines = [];
  const split = lineSplitter((line) => lines.push(line));
  split('a');
  split('b\r\nc');
  split.end();
  t.same(lines, ['ab', 'c']);
  split('x'.repeat(70_000));
  t.equal(lines.at(-1).length, 70_000);
});

t.test('a process is told from another one that got its pid', async (t) => {
  t.equal(isSameProcess(process.pid, processStart(process.pid)), true);
  t.equal(isSameProcess(process.pid, '1'), false);
  t.equal(isSameProcess(-1, ''), false);
  t.equal(isSameProcess(4_000_000, ''), false);
});

t.test('the folder lock lets one in at a time and survives a failing holder', async (t) => {
  const folder = t.testdir({});
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all([1, 2, 3].map(() => withFolderLock(folder, 'test', work, { pollMs: 5 })));
  t.equal(most, 1);
  await t.rejects(
    withFolderLock(folder, 'test', () => Promise.reject(new Error('inner'))),
    /inner/,
  );
  t.equal(await withFolderLock(folder, 'test', async () => 'again'), 'again');
  t.ok(fs.existsSync(path.join(folder)));
});
