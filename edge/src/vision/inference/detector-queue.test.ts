import { systemClock } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { blue, red, tinyDescription, tinyOnnx, tinyPicture } from '../models/__fixtures__/tiny-model.js';
import type { ModelCard } from '../models/model-card.js';
import { ownCardSchema } from '../models/model-card.js';
import type { Picture } from '../pipeline/picture.js';
import type { Detector } from './detector.js';
import { DetectorQueue } from './detector-queue.js';
import { openModel } from './model-runner.js';
import { RecentTimes } from './recent-times.js';

const card: ModelCard = {
  ...ownCardSchema.parse(tinyDescription),
  ...{ rank: 0, onnx: { sha256: '0'.repeat(64), bytes: 1 } },
};
const openTiny = async () => (await openModel(tinyOnnx(), card)) as Detector;

let seq = 0;
const picture = (cameraId: string, more: Partial<Picture> = {}): Picture => ({
  ...tinyPicture([{ x: 1, y: 1, rgb: red }]),
  ...{ cameraId, atMs: 0, seq: seq++ },
  ...more,
});

t.test('a fast camera does not cost a slow one its turn; the newest picture wins', async (t) => {
  await using detector = await openTiny();
  const queue = new DetectorQueue({ detector, clock: systemClock });
  const order: string[] = [];
  const submit = async (cameraId: string) => {
    const outcome = await queue.submit(picture(cameraId));
    order.push(outcome === 'skipped' ? `${cameraId} skipped` : cameraId);
  };
  await Promise.all([...Array.from({ length: 6 }, () => submit('fast')), submit('slow'), submit('other')]);
  t.same(
    order.filter((one) => !one.includes('skipped')),
    ['fast', 'fast', 'slow', 'other'],
    'the one that was being looked at, then each in turn',
  );
  t.equal(order.filter((one) => one === 'fast skipped').length, 4);
  t.match(queue.figures, { done: 4, skipped: 4, waiting: 0, failed: 0 });
  const { inferenceMs } = queue.figures;
  t.ok(inferenceMs && inferenceMs.p95 >= inferenceMs.p50 && inferenceMs.p50 >= 0);
});

t.test('whatever comes, every picture is answered once and no camera waits longer than one round', async () => {
  await using detector = await openTiny();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 24 }), async (cameras) => {
      const queue = new DetectorQueue({ detector, clock: systemClock });
      const served: number[] = [];
      const answers = await Promise.all(
        cameras.map(async (camera, i) => {
          // Some come at once, some while others are being looked at.
          if (i % 3 === 0) await new Promise(setImmediate);
          const outcome = await queue.submit(picture(String(camera)));
          if (outcome !== 'skipped') served.push(camera);
          return outcome;
        }),
      );
      const { done, skipped, waiting } = queue.figures;
      const last = new Set(cameras);
      return (
        done + skipped === cameras.length &&
        waiting === 0 &&
        answers.every((one) => one === 'skipped' || one[0]?.label === 'person') &&
        [...last].every((camera) => served.includes(camera))
      );
    }),
    { numRuns: 40 },
  );
});

t.test('a picture that cannot be looked at fails alone', async (t) => {
  await using detector = await openTiny();
  const queue = new DetectorQueue({ detector, clock: systemClock });
  const broken = queue.submit(picture('a', { width: 63 }));
  const good = queue.submit(picture('b'));
  await t.rejects(broken, { code: 'invalid_input' });
  t.match(await good, [{ label: 'person' }]);
  t.match(queue.figures, { done: 1, failed: 1 });
});

t.test('another model takes over while pictures come; the old one is given back when nobody uses it', async (t) => {
  const first = await openTiny();
  const labels = [{ id: 'stall' }, { id: 'umbrella' }];
  await using second = (await openModel(tinyOnnx(), { ...card, labels })) as Detector;
  const queue = new DetectorQueue({ detector: first, clock: systemClock });
  const running = queue.submit(picture('a'));
  const waiting = queue.submit(picture('b'));
  const before = await queue.swap(second);
  t.equal(before, first);
  await before[Symbol.asyncDispose]();
  t.match(await running, [{ label: 'person' }]);
  t.match(await waiting, [{ label: 'stall' }]);
});

t.test('when it closes, what waits is skipped and what runs is finished', async (t) => {
  await using detector = await openTiny();
  const queue = new DetectorQueue({ detector, clock: systemClock });
  const blueCell = { rgb: tinyPicture([{ x: 0, y: 0, rgb: blue }]).rgb };
  const running = queue.submit(picture('a', blueCell));
  const waiting = queue.submit(picture('b'));
  await queue.close();
  t.match(await running, [{ label: 'handbag' }]);
  t.equal(await waiting, 'skipped');
  t.equal(await queue.submit(picture('a')), 'skipped');
});

t.test('percentiles are of the last ones', async (t) => {
  const times = new RecentTimes(4);
  t.equal(times.percentile(0.5), undefined);
  for (const ms of [900, 1, 2, 3, 4]) times.add(ms);
  t.equal(times.percentile(0.5), 2);
  t.equal(times.percentile(0.95), 4);
});
