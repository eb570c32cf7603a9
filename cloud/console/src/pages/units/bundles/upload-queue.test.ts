import t from 'tap';
import type { Bundle } from '../../../api/bundles.js';
import type { UploadOptions } from '../../../api/upload.js';
import { type UploadJob, UploadQueue } from './upload-queue.js';

interface Call extends UploadOptions {
  readonly file: Blob;
  readonly done: (bundle: Bundle) => void;
  readonly fail: (error: Error) => void;
}

const bundleFile = (name: string, madeAt: number): File => {
  const head = { kind: 'up', unitId: 'u', madeAt, streams: [], parts: [{ name: 'batch/live/1', bytes: 2 }] };
  return new File([`${JSON.stringify(head)}\n{}\nab`], name);
};

const open = () => {
  const calls: Call[] = [];
  const settled: UploadJob[] = [];
  const queue = new UploadQueue(
    (file, options) =>
      new Promise((resolve, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason));
        calls.push({ file, ...options, done: resolve, fail: reject });
      }),
  );
  const add = (...files: File[]) => queue.add(files, { owner: 'me', settled: (job) => settled.push(job) });
  const states = () => queue.jobs.map(({ name, state }) => [name, state]);
  return { queue, calls, settled, add, states };
};
const tick = () => new Promise((resolve) => setImmediate(resolve));

t.test('one after the other, the oldest first', async (t) => {
  const { queue, calls, settled, add, states } = open();
  let told = 0;
  queue.subscribe(() => {
    told += 1;
  });
  await add(bundleFile('b', 2), bundleFile('a', 1));
  t.same(states(), [
    ['b', 'waiting'],
    ['a', 'sending'],
  ]);
  calls[0]?.onProgress(5);
  t.match(queue.jobs[1], { state: 'sending', sentBytes: 5 });
  calls[0]?.onProgress(calls[0].file.size);
  t.match(queue.jobs[1], { state: 'taking' });
  calls[0]?.done({ id: 'x' } as Bundle);
  await tick();
  t.same(states(), [
    ['b', 'sending'],
    ['a', 'done'],
  ]);
  t.match(settled, [{ name: 'a', bundle: { id: 'x' } }]);
  calls[1]?.done({ id: 'y' } as Bundle);
  await tick();
  t.equal(queue.isBusy, false);
  t.ok(told > 4);
});

t.test('what is no bundle is never sent; what failed can be tried again', async (t) => {
  const { queue, calls, settled, add, states } = open();
  await add(new File(['hello'], 'text'), bundleFile('a', 1));
  calls[0]?.fail(new Error('cut'));
  await tick();
  t.same(states(), [
    ['text', 'refused'],
    ['a', 'failed'],
  ]);
  t.equal(queue.jobs[0]?.problem, 'notBundle');
  t.match(settled, [{ name: 'a', error: { message: 'cut' } }]);
  queue.retry(queue.jobs[1]?.id ?? 0);
  await tick();
  t.equal(calls.length, 2);
  t.match(queue.jobs[1], { state: 'sending', error: null, sentBytes: 0 });
  calls[1]?.done({ id: 'x' } as Bundle);
  await tick();
  t.match(queue.jobs[1], { state: 'done' });
});

t.test('a stopped one is gone, and the next one goes', async (t) => {
  const { queue, calls, settled, add, states } = open();
  await add(bundleFile('a', 1), bundleFile('b', 2), bundleFile('c', 3));
  queue.remove(queue.jobs[2]?.id ?? 0);
  queue.remove(queue.jobs[0]?.id ?? 0);
  await tick();
  t.equal(calls[0]?.signal.aborted, true);
  t.same(states(), [['b', 'sending']]);
  calls[1]?.done({ id: 'x' } as Bundle);
  await tick();
  t.equal(calls.length, 2);
  t.same(
    settled.map(({ name }) => name),
    ['b'],
  );
});
