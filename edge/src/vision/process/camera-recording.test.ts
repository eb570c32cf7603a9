import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { FragmentStream } from '../pipeline/fragment-stream.js';
import { RecordingStore } from '../recording/index.js';
import { CameraRecording } from './camera-recording.js';

t.test('what is not to be recorded any more is not, also when that is said while its folder is opened', async (t) => {
  const store = new RecordingStore({
    ...{ folder: t.testdir(), maxBytes: 1e9, minFreeBytes: 0, freeBytes: async () => 1e12, clock: systemClock },
  });
  await store.start();
  t.teardown(() => store.stop());
  const fragments = new FragmentStream();
  let listeners = 0;
  const subscribe: FragmentStream['subscribe'] = () => {
    listeners += 1;
    return () => {
      listeners -= 1;
    };
  };
  t.capture(fragments, 'subscribe', subscribe);
  const recording = new CameraRecording({ cameraId: uuidv7(), store, fragments, log: () => {} });
  const opening = recording.keep(24);
  await recording.keep(0);
  await opening;
  t.equal(listeners, 0);
  await recording.keep(24);
  t.equal(listeners, 1);
  recording.stop();
  t.equal(listeners, 0);
});
