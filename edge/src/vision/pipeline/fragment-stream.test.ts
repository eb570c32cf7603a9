import t from 'tap';
import type { Fragment, InitSegment } from './fragment.js';
import { FragmentStream } from './fragment-stream.js';

const init: InitSegment = { bytes: new Uint8Array(8), codec: 'avc1.64001f', width: 64, height: 36, timescale: 1_000 };
const fragment = (seq: number, isKeyframe: boolean, bytes = 10): Fragment => ({
  ...{ seq, isKeyframe, bytes: new Uint8Array(bytes) },
  ...{ atMs: seq * 40, mediaMs: seq * 40, durationMs: 40 },
});

const listener = () => {
  const seen: (number | string)[] = [];
  return {
    seen,
    onInit: ({ codec }: InitSegment) => void seen.push(codec),
    onFragment: ({ seq }: Fragment) => void seen.push(seq),
    onEnd: () => void seen.push('end'),
  };
};

t.test('who comes later gets the last group of pictures at once', async (t) => {
  const stream = new FragmentStream();
  const early = listener();
  stream.subscribe(early);
  stream.begin(init);
  for (let seq = 0; seq < 7; seq++) stream.push(fragment(seq, seq % 5 === 0));
  const late = listener();
  const leave = stream.subscribe(late);
  t.same(late.seen, ['avc1.64001f', 5, 6]);
  stream.push(fragment(7, false));
  leave();
  stream.push(fragment(8, false));
  stream.end();
  t.same(late.seen, ['avc1.64001f', 5, 6, 7]);
  t.same(early.seen, ['avc1.64001f', 0, 1, 2, 3, 4, 5, 6, 7, 8, 'end']);
  const after = listener();
  stream.subscribe(after);
  t.same(after.seen, [], 'nothing plays');
});

t.test('a group without end is not kept', async (t) => {
  for (const stream of [new FragmentStream({ maxGroupBytes: 100 }), new FragmentStream({ maxGroupFragments: 10 })]) {
    stream.begin(init);
    for (let seq = 0; seq < 11; seq++) stream.push(fragment(seq, seq === 0));
    t.same(stream.group, []);
    stream.push(fragment(11, false));
    t.same(stream.group, [], 'and not begun in the middle');
    stream.push(fragment(12, true));
    t.equal(stream.group.length, 1);
  }
});

t.test('a listener that throws is taken off, and its neighbours hear all', async (t) => {
  const stream = new FragmentStream();
  const failures: unknown[] = [];
  const good = listener();
  const bad = {
    onInit: () => undefined,
    onFragment: () => {
      throw new Error('full');
    },
  };
  stream.subscribe(bad, (error) => failures.push(error));
  stream.subscribe(good);
  stream.begin(init);
  stream.push(fragment(0, true));
  stream.push(fragment(1, false));
  t.match(failures, [{ message: 'full' }]);
  t.same(good.seen, ['avc1.64001f', 0, 1]);
  t.equal(stream.listeners, 1);
});
