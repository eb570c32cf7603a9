import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ManualClock, systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { RecordingStore } from './recording-store.js';

t.test('what lies damaged in one camera’s folder costs no other camera its recordings', async (t) => {
  const folder = t.testdir();
  const [whole, file, dangling, odd] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  mkdirSync(path.join(folder, whole));
  writeFileSync(path.join(folder, file), 'no folder');
  mkdirSync(path.join(folder, dangling));
  symlinkSync('/nowhere/at/all', path.join(folder, dangling, '0000000001-1-2.mp4'));
  mkdirSync(path.join(folder, odd));
  mkdirSync(path.join(folder, odd, '0000000001-1.part'));
  const failed: string[] = [];
  const store = new RecordingStore({
    ...{ folder, maxBytes: 1e9, minFreeBytes: 0, freeBytes: async () => 1e12, clock: systemClock },
    onFailure: (cameraId) => failed.push(cameraId),
  });
  await store.start();
  t.teardown(() => store.stop());
  for (const cameraId of [whole, dangling, odd]) t.ok(store.ring(cameraId), 'what can be used is');
  t.same(failed.sort(), [file, dangling, odd].sort(), 'and it is told');
  const other = uuidv7();
  const [one, same] = await Promise.all([store.record(other, 1), store.record(other, 2)]);
  t.equal(one, same, 'one ring, however many ask for it at once');
  await t.rejects(store.record(file, 1), 'what cannot be recorded says so');
});

t.test('a file that the disk does not let go ends nothing, and the others make room', async (t) => {
  const folder = t.testdir();
  const [stuck, other] = [uuidv7(), uuidv7()];
  mkdirSync(path.join(folder, stuck, '0000000001-1000-2000.mp4'), { recursive: true });
  mkdirSync(path.join(folder, other));
  writeFileSync(path.join(folder, other, '0000000001-1000-3000.mp4'), 'old');
  const failed: string[] = [];
  const clock = new ManualClock();
  const store = new RecordingStore({
    ...{ folder, maxBytes: 1, minFreeBytes: 0, freeBytes: async () => 1e12, clock },
    onFailure: (cameraId) => failed.push(cameraId),
  });
  await store.start();
  t.teardown(() => store.stop());
  t.equal(store.ring(stuck)?.segments.length, 1, 'what is still there is known to be');
  t.equal(store.ring(other)?.segments.length, 0);
  await store.tidy();
  t.same(failed, [stuck], 'told once');
});
