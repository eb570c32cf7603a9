import { ManualClock } from '@hallhub/shared';
import type { LiveRecord } from '@hallhub/shared/vision';
import t from 'tap';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import type { LivePipe } from './live-pipe.js';
import { Mpeg1Tap } from './mpeg1-tap.js';

const init = { bytes: new Uint8Array(600), codec: 'hvc1', width: 1_280, height: 720, timescale: 90_000 };

t.test('an encoder that cannot even be started is told, and ends nothing else', async (t) => {
  const clock = new ManualClock();
  const said: LiveRecord[] = [];
  const stream = new FragmentStream();
  // No program has such a name: starting it throws at once, as a machine without descriptors left does.
  const tap = new Mpeg1Tap({
    ...{ stream, clock, ffmpeg: 'ffmpeg\0' },
    pipe: { say: (record: LiveRecord) => said.push(record), show: () => {} } as unknown as LivePipe,
  });
  stream.begin(init);
  // Of the machine's own time: how many turns it takes, nobody knows.
  for (const endMs = performance.now() + 60_000; said.length === 0 && performance.now() < endMs; ) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(500);
  }
  t.match(Buffer.from(said[0]?.payload ?? []).toString(), /cannot_convert/);
  tap[Symbol.dispose]();
  await clock.advance(60_000);
  t.equal(said.length, 1, 'it is not tried for ever');
});
