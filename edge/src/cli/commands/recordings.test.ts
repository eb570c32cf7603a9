import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import type { Fragment } from '../../vision/pipeline/fragment.js';
import { FragmentReader } from '../../vision/pipeline/fragment-reader.js';
import { fragmentedClip, skipWithoutFfmpeg } from '../../vision/pipeline/test-clip.js';
import { RecordingRing } from '../../vision/recording/index.js';
import { runCli } from '../program.js';

const run = async (...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const plain = (s: string) => s;
  const code = await runCli(argv, {
    ...{ signal: new AbortController().signal, env: {} },
    terminal: {
      ...{ out: (text) => void out.push(text), err: (text) => void err.push(text), width: undefined, now: Date.now },
      style: { good: plain, warn: plain, bad: plain, dim: plain },
    },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
};

t.test('a recording as a file, with no agent and no line', { skip: skipWithoutFfmpeg }, async (t) => {
  const data = t.testdir({});
  const cameraId = uuidv7();
  const folder = path.join(data, 'vision', 'recordings', cameraId);
  mkdirSync(folder, { recursive: true });
  const ring = new RecordingRing({ folder });
  await ring.start();
  const startMs = Date.UTC(2026, 5, 1, 0, 15);
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    now: () => 0,
    onInit: (init) => ring.onInit(init),
    onFragment: (one) => fragments.push(one),
  });
  reader.push(fragmentedClip({ seconds: 6, fps: 5, group: 10, size: '160x90' }));
  for (const one of fragments) ring.onFragment({ ...one, atMs: startMs + one.mediaMs });
  await ring.stop();
  const file = path.join(data, 'out.mp4');
  const save = (...argv: string[]) => run('vision', 'save', ...argv, '--data', data);
  const times = ['--from', '2026-06-01T00:15:01Z', '--to', '2026-06-01T08:15:05+08:00'];
  const saved = await save(cameraId, file, ...times, '--json');
  t.equal(saved.code, 0, saved.err);
  t.match(JSON.parse(saved.out), { cameraId, pictures: 26, holes: 0, sha256: /^[0-9a-f]{64}$/, file });
  t.equal(readFileSync(file).toString('latin1', 4, 8), 'ftyp');
  t.match(await save(cameraId, file, ...times), { err: /is there already/ });
  const other = path.join(data, 'other.mp4');
  const nothing = await save(cameraId, other, '--from', '2026-06-02T00:15:01Z', '--to', '2026-06-02T00:15:09Z');
  t.match(nothing.err, /nothing of that time is recorded/);
  t.match((await save(cameraId, other, '--from', '08:20', '--to', '08:15')).err, /has to end after it begins/);
  t.match((await save(cameraId, other, '--from', '08:20', '--to', 'later')).err, /later is no time/);
  t.not((await save('柜台一', other, ...times)).code, 0, 'a name needs the agent');
});
