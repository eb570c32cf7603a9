import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import { gapRowSchema } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { ClockSegments } from './clock-segments.js';
import { Outbox } from './outbox.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const deviceId = '01900000-0000-7000-8000-00000000000d';

const open = (dataDir: string) => {
  const clock = new ManualClock();
  const store = new Store({ dataDir, clock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
  const now = async <T>(done: Promise<T>): Promise<T> => {
    outbox.commitOf('backlog').flush();
    return done;
  };
  return {
    outbox,
    lane: outbox.lane('backlog'),
    now,
    put: (numbers: readonly number[]) =>
      now(
        outbox.commitOf('backlog').write((tx) => {
          for (const n of numbers) outbox.append(tx, 'backlog', { kind: 'sample', at: 1, deviceId, values: { n } });
        }),
      ),
    bodies: () => [...outbox.lane('backlog').read(1, 1_000)].map(({ body }) => body.toString()),
    close: () => store.close(),
  };
};
const count = (max: number) => fc.integer({ min: 0, max });
const numbers = (from: number, many: number) => Array.from({ length: many }, (_, i) => from + i);
const confirm = async ({ outbox, lane, now }: ReturnType<typeof open>, seq: number) => {
  const chain = lane.chainAt(seq);
  if (chain && seq > lane.base.seq) await now(outbox.acknowledge('backlog', seq, chain));
};

t.test('whatever came before and after the copy: the gap row bounds what may be in the cloud twice', async (t) => {
  const history = fc.record({
    ...{ before: count(12), confirmed: count(12), lost: count(12), delivered: count(24), after: count(12) },
  });
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const { before, lost, after } = given;
      const outer = mkdtempSync(path.join(os.tmpdir(), 'hub-rollback-'));
      const [dir, copy] = [path.join(outer, 'disk'), path.join(outer, 'copy')];
      try {
        const first = open(dir);
        await first.put(numbers(0, before));
        const confirmed = Math.min(given.confirmed, before);
        await confirm(first, confirmed);
        first.close();
        cpSync(dir, copy, { recursive: true });

        const second = open(dir);
        await second.put(numbers(100, lost));
        const delivered = Math.max(confirmed, Math.min(given.delivered, before + lost));
        const inCloud = [...numbers(0, before), ...numbers(100, lost)].slice(0, delivered);
        const { epoch } = second.lane;
        second.close();

        const third = open(copy);
        await third.put(numbers(200, after));
        const waiting = third.lane.rows;
        await third.now(third.outbox.openNewEpoch('backlog', 'rollback'));
        while (third.lane.unchained > 0)
          await third.now(third.outbox.commitOf('backlog').write((tx) => void third.lane.chainMore(tx, 100, 1)));
        const [gapText, ...rows] = third.bodies();
        third.close();
        const gap = gapRowSchema.parse(JSON.parse(gapText ?? ''));
        const [from, to] = [gap.fromSeq ?? -1, gap.toSeq ?? -1];
        t.match(gap, { reason: 'rollback', previousEpoch: epoch });
        if (from !== confirmed + 1) t.fail(`from ${from}, confirmed ${confirmed}`);
        if (to - from + 1 !== waiting || rows.length !== waiting) t.fail(`${from}-${to} are not the ${waiting} rows`);
        // As the proof reckons (docs/protocol.md 1.5).
        const bound = Math.max(0, Math.min(to, delivered) - from + 1);
        const twice = rows.filter((row) => inCloud.includes(JSON.parse(row).values.n)).length;
        if (twice > bound) t.fail(`${twice} are there twice, at most ${bound} was said`);
        if (lost === 0 && after === 0 && twice !== bound) t.fail('nothing else was written: the bound is exact');
      } finally {
        rmSync(outer, { recursive: true, force: true });
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

t.test('a lane with nothing to renumber says an empty extent; one whose rows are lost says none', async (t) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-rollback-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const unit = open(dir);
  await unit.put([1, 2]);
  await confirm(unit, 2);
  await unit.now(unit.outbox.openNewEpoch('backlog', 'rollback'));
  t.match(JSON.parse(unit.bodies()[0] ?? ''), { reason: 'rollback', fromSeq: 3, toSeq: 2 });
  await unit.now(unit.outbox.openNewEpoch('backlog', 'damaged'));
  const damaged = JSON.parse(unit.bodies()[0] ?? '');
  t.match(damaged, { reason: 'damaged' });
  t.notOk('fromSeq' in damaged);
  unit.close();
});
