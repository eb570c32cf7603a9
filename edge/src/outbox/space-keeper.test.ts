import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import type { Lane, Row } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { ClockSegments } from './clock-segments.js';
import { Outbox } from './outbox.js';
import { SpaceKeeper } from './space-keeper.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const mebibyte = 1_048_576;

const rowOf = (n: number): Row => ({
  kind: 'sample',
  at: n,
  deviceId: unitId,
  values: { n, text: 'x'.repeat(900) },
});

const open = (dataDir: string) => {
  const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId, clock: systemClock, segments, logger: silentLogger });
  return { store, outbox };
};

/** Resolves with how many were acknowledged as written. */
const append = async ({ outbox }: ReturnType<typeof open>, lane: Lane, rows: number): Promise<number> => {
  let written = 0;
  for (let i = 0; i < rows; i += 100) {
    const group = Array.from({ length: 100 }, (_, j) => outbox.write(lane, rowOf(i + j)));
    outbox.commitOf(lane).flush();
    for (const one of await Promise.allSettled(group)) if (one.status === 'fulfilled') written += 1;
  }
  return written;
};

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-space-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const keeperOf = (
  opened: ReturnType<typeof open>,
  freeBytes: () => number | undefined,
  minFreeBytes: number,
  faults: { code: string; context: Record<string, unknown> }[] = [],
) =>
  new SpaceKeeper({
    ...opened,
    clock: systemClock,
    logger: silentLogger,
    minFreeBytes,
    freeBytes: () => Promise.resolve(freeBytes()),
    onFault: (code, _message, context) => faults.push({ code, context }),
  });

t.test('what the files hold free is given back before a row is given up', async (t) => {
  const opened = open(folder(t));
  t.teardown(() => opened.store.close());
  const { store, outbox } = opened;
  await append(opened, 'backlog', 12_000);
  const lane = outbox.lane('backlog');
  const cursor = 8_000;
  const gone = outbox.acknowledge('backlog', cursor, lane.chainAt(cursor) ?? Buffer.alloc(0));
  outbox.commitOf('backlog').flush();
  await gone;
  while (lane.unswept) await new Promise((resolve) => setImmediate(resolve));
  const before = store.fileBytes;
  t.ok(store.reclaimableBytes > 5 * mebibyte);
  // A disk on which this unit alone writes: what leaves the files is free.
  const disk = before + 2 * mebibyte;
  const keeper = keeperOf(opened, () => disk - store.fileBytes, 6 * mebibyte);
  await keeper.look();
  t.equal(lane.rows, 4_000, 'nothing was thinned');
  t.same(lane.gaps, []);
  t.ok(store.fileBytes < before - 5 * mebibyte, `${before} bytes became ${store.fileBytes}`);
  t.ok(keeper.status.givenBackBytes > 5 * mebibyte);
});

t.test(
  'no more is thinned than was lacking; telemetry goes, events stay; it is told, and told when it is over',
  async (t) => {
    const opened = open(folder(t));
    t.teardown(() => opened.store.close());
    const { store, outbox } = opened;
    await append(opened, 'events', 2_000);
    await append(opened, 'backlog', 20_000);
    const faults: { code: string; context: Record<string, unknown> }[] = [];
    const lacking = 6 * mebibyte;
    let others = 0;
    const disk = store.fileBytes + 10 * mebibyte;
    const keeper = keeperOf(opened, () => disk - others - store.fileBytes, 10 * mebibyte, faults);
    others = lacking;
    await keeper.look();
    const { status } = keeper;
    t.ok((status.freeBytes ?? 0) >= 10 * mebibyte, 'there is room again, as the file system sees it');
    t.ok(
      status.thinnedBytes >= lacking * 0.6 && status.thinnedBytes <= lacking + 5 * mebibyte,
      `${status.thinnedBytes}`,
    );
    t.equal(outbox.lane('events').rows, 2_000);
    t.equal(outbox.lane('backlog').gaps[0]?.reason, 'thinned');
    t.match(faults, [{ code: 'disk_low', context: { rows: status.thinnedRows } }]);
    const kept = outbox.lane('backlog').rows;
    await keeper.look();
    t.equal(outbox.lane('backlog').rows, kept, 'a second look gives up nothing');
    others = 0;
    await keeper.look();
    t.equal(faults.at(-1)?.code, 'disk_enough');
  },
);

t.test('a disk that others fill does not cost a single event until no event could be written', async (t) => {
  const opened = open(folder(t));
  t.teardown(() => opened.store.close());
  const { outbox } = opened;
  await append(opened, 'events', 1_000);
  await append(opened, 'backlog', 1_000);
  const keeper = keeperOf(opened, () => 5 * mebibyte, 8 * mebibyte);
  await keeper.look();
  t.equal(outbox.lane('backlog').rows, 0);
  t.equal(outbox.lane('events').rows, 1_000);
  t.equal(keeper.status.state, 'exhausted');
});

/** A small file system of its own, where this user may mount one. */
const smallDisk = (test: Test, bytes: number): string | undefined => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'hallhub-test', dir], { stdio: 'ignore' });
  } catch {
    rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  test.teardown(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
};

t.test(
  'a disk that is really full: nothing acknowledged is lost, and writing goes on when there is room',
  async (t) => {
    const dir = smallDisk(t, 40 * mebibyte) ?? folder(t);
    const isReal = statfsSync(dir).blocks * statfsSync(dir).bsize < 64 * mebibyte;
    let opened = open(dir);
    t.teardown(() => opened.store.close());
    // Without the right to mount, the files themselves are bounded: SQLite says the same then.
    const bound = (pages: number) => {
      for (const { commit } of [opened.store.hub, opened.store.telemetry])
        commit.db.pragma(`max_page_count = ${pages}`);
    };
    if (!isReal) bound(3_000);
    const events = await append(opened, 'events', 2_000);
    const ballast = path.join(dir, 'somebody-elses-file');
    if (isReal) writeFileSync(ballast, Buffer.alloc(20 * mebibyte));
    let telemetry = 0;
    for (let i = 0; i < 40 && opened.store.status.state !== 'full'; i++)
      telemetry += await append(opened, 'backlog', 1_000);
    t.equal(opened.store.status.state, 'full');
    t.equal(opened.outbox.lane('backlog').rows, telemetry, 'memory says what the disk has');
    const freeBytes = () => (isReal ? statfsSync(dir).bavail * statfsSync(dir).bsize : 3 * mebibyte);
    const faults: { code: string; context: Record<string, unknown> }[] = [];
    const keeper = keeperOf(opened, freeBytes, 8 * mebibyte, faults);
    await keeper.look();
    const { gaps, rows } = opened.outbox.lane('backlog');
    t.ok(gaps.length === 1 && rows < telemetry, 'the oldest telemetry went, by a gap');
    t.equal(
      rows + (gaps[0] ? gaps[0].toSeq - gaps[0].fromSeq + 1 : 0),
      telemetry,
      'every acknowledged row is here or in the gap',
    );
    t.equal(opened.outbox.lane('events').rows, events);
    t.equal(await append(opened, 'events', 300), 300, 'events are written again');
    t.equal(opened.store.status.state, 'ok');
    t.match(faults, [{ code: 'disk_low' }]);
    const before = { rows, gaps };
    opened.store.close();
    opened = open(dir);
    t.same(opened.store.damages, []);
    t.match(opened.outbox.lane('backlog'), before, 'and all of it is on the disk');
    t.equal(opened.outbox.lane('events').rows, events + 300);
    t.comment(isReal ? 'on a file system of 40 MiB' : 'by bounded files: this user may not mount');
  },
);
