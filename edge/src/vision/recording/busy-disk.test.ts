import t from 'tap';
import type { Fragment, InitSegment } from '../pipeline/fragment.js';
import { RecordingRing } from './recording-ring.js';

const init: InitSegment = { bytes: new Uint8Array(64), codec: 'avc1.42e01e', width: 64, height: 36, timescale: 90_000 };
const fragment = (seq: number): Fragment => ({
  ...{ seq, bytes: new Uint8Array(4_096), isKeyframe: seq % 10 === 0 },
  ...{ atMs: seq * 40, mediaMs: seq * 40, durationMs: 40 },
});

t.test('a clip does not wait for a disk that always has more to write', async (t) => {
  const ring = new RecordingRing({ folder: t.testdir() });
  await ring.start();
  ring.onInit(init);
  let seq = 0;
  let isOn = true;
  const pump = () => {
    if (!isOn) return;
    for (let i = 0; i < 10; i++) ring.onFragment(fragment(seq++));
    setImmediate(pump);
  };
  pump();
  const before = seq;
  await ring.flush();
  isOn = false;
  t.ok(ring.figures.bytes >= before * 4_096, 'what had come is there');
  await ring.stop();
  t.equal(ring.segments.length, 1);
  t.equal(ring.figures.droppedFragments, 0);
  t.ok(ring.figures.bytes > seq * 4_096, 'and all of it when it ends');
});
