import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { until } from '../__fixtures__/until.js';
import { LinkBudget, type LowDataMode } from '../link-budget/index.js';
import { silentLogger } from '../ports/index.js';
import { quickClock } from './__fixtures__/quick-clock.js';
import { testDeviceId as deviceId, openTestEvidence, testFolder, testJpeg } from './__fixtures__/test-evidence.js';
import { TusCloud } from './__fixtures__/tus-cloud.js';
import { EvidenceUploader, type EvidenceUploaderOptions } from './evidence-uploader.js';

const mebibyte = 1_048_576;

const sparing = { atOnceBytes: 10_000, dailyBytes: 2 * mebibyte, longestHours: 72 };

const setup = async (test: Test, given: Partial<EvidenceUploaderOptions> & { lowData?: LowDataMode } = {}) => {
  const folder = testFolder(test);
  const clock = quickClock(50);
  const cloud = await TusCloud.open(path.join(folder, 'cloud'));
  const budget = new LinkBudget({ clock, lowData: given.lowData ?? 'off' });
  const { store, evidence, told } = openTestEvidence(folder, clock, { maxBytes: 64 * mebibyte });
  const line = { online: true };
  const make = () =>
    new EvidenceUploader({
      ...{ evidence, budget, clock, logger: silentLogger, random: () => 1 },
      ...{ gateway: () => cloud.url, request: cloud.request, online: () => line.online, sparing },
      ...given,
    });
  const uploader = make();
  test.teardown(async () => {
    await uploader.stop();
    store.close();
    await cloud[Symbol.asyncDispose]();
  });
  await evidence.start();
  const put = async (bytes = testJpeg(), madeAt?: number) =>
    (await evidence.put({ deviceId, bytes, ...(madeAt === undefined ? {} : { madeAt }) })).evidenceId;
  const isState = (id: string, state: string) => until(() => evidence.get(id)?.state === state, `${id} to be ${state}`);
  return { folder, clock, cloud, store, evidence, told, line, uploader, make, put, isState };
};

t.test('oldest first, whole, and gone from here only when the cloud says so', async (t) => {
  const { cloud, evidence, uploader, put, isState } = await setup(t);
  const bytes = [testJpeg(), testJpeg(3 * mebibyte), testJpeg()];
  const ids = [await put(bytes[0], 3_000), await put(bytes[1], 1_000), await put(bytes[2], 2_000)];
  uploader.start();
  for (const id of ids) await isState(id, 'sent');
  for (const [i, id] of ids.entries()) t.ok(cloud.kept.get(id)?.equals(bytes[i] as Buffer), `file ${i}`);
  t.same([...cloud.kept.keys()], [ids[1], ids[2], ids[0]]);
  await until(() => readdirSync(evidence.folder).length === 0, 'the files to go');
  t.ok(
    cloud.seen.every(({ bytes }) => bytes <= mebibyte),
    'a piece is 1 MiB at most',
  );
  t.equal(uploader.current, undefined);
  const later = await put();
  await isState(later, 'sent');
});

t.test('a file whose manifest is not in the cloud yet stays, and is asked for less and less often', async (t) => {
  const { cloud, evidence, uploader, put, isState, clock } = await setup(t);
  const id = await put();
  cloud.withoutManifest.add(id);
  const asked: number[] = [];
  cloud.onRequest = ({ path }) => path.includes('/state/') && asked.push(clock.monotonicMs());
  uploader.start();
  await until(() => asked.length >= 6, 'the cloud to be asked');
  t.match(evidence.get(id), { state: 'waiting' });
  const pauses = asked.slice(2).map((at, i) => at - (asked[i + 1] ?? 0));
  t.ok((pauses.at(-1) ?? 0) > 2 * (pauses[0] ?? 0), `asked after ${pauses.map(Math.round).join(', ')} ms`);
  t.equal(cloud.seen.filter(({ method }) => method === 'PATCH').length, 1, 'its bytes went once');
  cloud.withoutManifest.clear();
  await isState(id, 'sent');
});

t.test('an upload goes on where it stopped: after a cut, a refusal of the line, a restart', async (t) => {
  const { cloud, evidence, line, uploader, make, put } = await setup(t);
  const bytes = testJpeg(4 * mebibyte);
  const id = await put(bytes);
  let patches = 0;
  cloud.onRequest = ({ method }) => {
    if (method !== 'PATCH') return;
    patches += 1;
    if (patches === 2 || patches === 3) line.online = false;
  };
  cloud.refuse = ({ method }) => (method === 'PATCH' && patches === 3 ? 503 : undefined);
  uploader.start();
  await until(() => patches === 2 && uploader.current === undefined, 'the line to go');
  t.match(evidence.get(id), { state: 'waiting', uploadPath: /^\/unit\/v1\/evidence\// });
  line.online = true;
  await until(() => patches === 3 && uploader.current === undefined, 'the refusal');
  await uploader.stop();
  line.online = true;
  const again = make();
  t.teardown(() => again.stop());
  again.start();
  await until(() => evidence.get(id)?.state === 'sent', 'the file to be sent');
  t.ok(cloud.kept.get(id)?.equals(bytes));
  t.equal(cloud.seen.filter(({ method }) => method === 'POST').length, 1);
  const went = cloud.seen.filter(({ method }) => method === 'PATCH').reduce((sum, { bytes }) => sum + bytes, 0);
  // How much of it had come when it was refused is chance.
  t.ok(went >= 4 * mebibyte && went <= 5 * mebibyte, `the refused piece alone went twice: ${went} bytes`);
});

t.test('what the cloud does not take holds nothing up, however much of it there is', async (t) => {
  const { cloud, evidence, uploader, put, isState } = await setup(t);
  const refused = new Set<string>();
  for (let i = 0; i < 60; i++) refused.add(await put(testJpeg(100), 1_000 + i));
  const good = await put(testJpeg(), 9_000);
  cloud.refuse = ({ method, id }) => (method === 'POST' && refused.has(id ?? '') ? 415 : undefined);
  uploader.start();
  await isState(good, 'sent');
  t.match(evidence.listWaiting(1), [{ problem: 'the cloud said 415' }]);
});

t.test('a file that is gone from the disk, or half of it, is given up: nothing else suffers', async (t) => {
  const { evidence, uploader, put, isState } = await setup(t);
  const [gone, short, good] = [await put(testJpeg(), 1), await put(testJpeg(), 2), await put(testJpeg(), 3)];
  rmSync(evidence.pathOf(gone));
  writeFileSync(evidence.pathOf(short), readFileSync(evidence.pathOf(short)).subarray(0, 1_000));
  uploader.start();
  await isState(good, 'sent');
  t.match(evidence.get(gone), { state: 'given_up', problem: 'lost' });
  t.match(evidence.get(short), { state: 'given_up', problem: 'damaged' });
});

t.test('bytes that changed on the disk are found by the cloud, and given up; others are sent again', async (t) => {
  const { cloud, evidence, told, uploader, put, isState } = await setup(t);
  const [changed, again] = [await put(testJpeg(), 1), await put(testJpeg(), 2)];
  writeFileSync(evidence.pathOf(changed), testJpeg());
  let refusals = 0;
  cloud.refuse = ({ method, id }) => (method === 'PATCH' && id === again && refusals++ === 0 ? 460 : undefined);
  uploader.start();
  await isState(changed, 'given_up');
  t.match(told().at(-1), { id: changed, givenUp: 'damaged' });
  await isState(again, 'sent');
  t.equal(refusals, 2);
});

t.test('given up while it is sent: the next one goes', async (t) => {
  const { cloud, evidence, uploader, put, isState } = await setup(t);
  const [first, second] = [await put(testJpeg(3 * mebibyte), 1), await put(testJpeg(), 2)];
  let given: Promise<void> | undefined;
  cloud.onRequest = ({ method }) => {
    if (method === 'PATCH') given ??= evidence.giveUp(first, 'space');
  };
  uploader.start();
  await isState(second, 'sent');
  await given;
  t.match(evidence.get(first), { state: 'given_up' });
});

t.test('a store that takes no writes for a while does not end it', async (t) => {
  const { cloud, evidence, uploader, put, isState, store } = await setup(t);
  const id = await put();
  const { commit } = store.hub;
  const write = commit.write.bind(commit);
  let refused = 0;
  commit.write = (() => {
    refused += 1;
    return Promise.reject(new HubError('store_full', 'the disk is full'));
  }) as never;
  cloud.refuse = ({ method }) => (method === 'POST' && refused === 0 ? 507 : undefined);
  uploader.start();
  await until(() => refused >= 2, 'writes to be refused');
  commit.write = write;
  await isState(id, 'sent');
  t.equal(evidence.waiting.files, 0);
});

t.test('no file stays open, whatever happens to its upload', async (t) => {
  const { folder, cloud, line, uploader, put, isState } = await setup(t);
  const ids = [await put(testJpeg(2 * mebibyte), 1), await put(testJpeg(2 * mebibyte), 2)];
  let requests = 0;
  cloud.refuse = ({ method }) => (method === 'PATCH' && ++requests < 8 ? 500 : undefined);
  let cuts = 0;
  cloud.onRequest = () => {
    if (requests === 3 && cuts++ === 0) line.online = false;
  };
  uploader.start();
  await until(() => !line.online, 'the line to go');
  line.online = true;
  for (const id of ids) await isState(id, 'sent');
  await uploader.stop();
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  t.same(
    open.filter((file) => file.startsWith(path.join(folder, 'evidence'))),
    [],
  );
});

t.test('in low-data mode pictures go at once, clips by the day, and none waits for ever', async (t) => {
  const { cloud, evidence, uploader, put, isState, clock } = await setup(t, { lowData: 'on' });
  const clip = await put(testJpeg(5 * mebibyte), clock.now());
  const picture = await put(testJpeg(9_000), clock.now() + 1);
  uploader.start();
  await isState(picture, 'sent');
  await until(() => uploader.current === undefined, 'the clip to be put off');
  t.match(evidence.get(clip), { state: 'waiting', problem: null });
  const gone = () => cloud.seen.filter(({ id }) => id === clip).reduce((sum, { bytes }) => sum + bytes, 0);
  // A little of the day's share comes back meanwhile, and a piece is not cut.
  const day = () => t.ok(gone() >= 2 * mebibyte && gone() <= 3 * mebibyte, `${gone()} bytes of the clip went`);
  day();
  const old = await put(testJpeg(3 * mebibyte), clock.now() - 73 * 3_600_000);
  await isState(old, 'sent');
  day();
  const next = await put(testJpeg(9_000), clock.now());
  await isState(next, 'sent');
});
