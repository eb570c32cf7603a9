import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import type { Row } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store, type Transaction } from '../store/index.js';
import { type Cursor, nextContent } from './batch-builder.js';
import { chainSeed, nextChain } from './chain.js';
import { ClockSegments } from './clock-segments.js';
import { LaneStore } from './lane.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const deviceId = '01900000-0000-7000-8000-00000000000d';

type Step =
  | { kind: 'append' | 'thin' | 'deliver' | 'chain'; count: number }
  | { kind: 'epoch'; told: boolean }
  | { kind: 'aside' | 'sweep' | 'reopen' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 25 }) }),
  fc.record({ kind: fc.constantFrom('thin' as const, 'chain' as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('epoch' as const), told: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('aside' as const, 'sweep' as const, 'reopen' as const) }),
);
/** `fails`: the transaction is undone, and the step is made again. */
const steps = fc.array(fc.record({ step, fails: fc.boolean() }), { minLength: 3, maxLength: 60 });

/** A cloud that takes what the protocol allows and nothing else. */
class Reference {
  cursor: Cursor;
  readonly rows: string[] = [];
  missing = 0;
  /** Rows that say why an epoch began included. */
  count = 0;

  constructor(lane: LaneStore) {
    this.cursor = lane.base;
  }

  /** Undefined: there was nothing to deliver. */
  take(lane: LaneStore, maxRows: number): Cursor | undefined {
    const content = nextContent(lane, this.cursor, { maxRows, maxBytes: 100_000 });
    if (content === 'nothing') return undefined;
    if (content === 'broken') throw new Error(`rows are missing after ${this.cursor.seq}`);
    if (content.firstSeq !== this.cursor.seq + 1 || !content.prevChain.equals(this.cursor.chain))
      throw new Error('order');
    let chain = this.cursor.chain;
    const rows = content.count === 0 ? [] : content.body.toString().split('\n');
    for (const row of rows) chain = nextChain(chain, Buffer.from(row));
    if (content.gap) this.missing += content.lastSeq - content.firstSeq + 1;
    else if (!chain.equals(content.chain) || rows.length !== content.count) throw new Error('chain');
    this.count += rows.length;
    this.rows.push(...rows.filter((row) => JSON.parse(row).kind === 'sample'));
    this.cursor = { seq: content.lastSeq, chain: content.chain };
    return this.cursor;
  }
}

t.test('whatever happens to a lane, each row is delivered once, in order, or counted in a gap', async (t) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-lane-model-'));
  const store = new Store({ dataDir: dir, clock: new ManualClock(), logger: silentLogger });
  t.teardown(() => {
    store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const { commit } = store.telemetry;
  const make = () => new LaneStore({ lane: 'backlog', db: commit.db, unitId });
  let n = 0;

  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      commit.db.exec('DELETE FROM lane_backlog; DELETE FROM lane_state; DELETE FROM lane_gap; DELETE FROM seal');
      let lane = make();
      const cloud = new Reference(lane);
      const written: string[] = [];
      let [gone, told] = [0, 0];
      const inTransaction = async (fails: boolean, work: (tx: Transaction) => void): Promise<void> => {
        const write = (undo: boolean) => {
          const done = commit.write((tx) => {
            work(tx);
            if (undo) throw new Error('undone');
          });
          commit.flush();
          return done;
        };
        if (fails)
          await write(true).then(
            () => t.fail('was not undone'),
            () => undefined,
          );
        await write(false);
      };
      const context = { now: 1_767_225_600_000, segment: 1 };
      for (const { step: one, fails } of all) {
        if (one.kind === 'append') {
          const rows: Row[] = Array.from({ length: one.count }, () => ({
            kind: 'sample',
            at: 1,
            deviceId,
            values: { n: n++ },
          }));
          await inTransaction(fails, (tx) => {
            for (const row of rows) lane.append(tx, row, context);
          });
          written.push(...rows.map((row) => JSON.stringify(row)));
        } else if (one.kind === 'thin') {
          const before = lane.rows;
          await inTransaction(fails, (tx) => void lane.thin(tx, 0, { rows: one.count, bytes: 0 }, 1));
          gone += before - lane.rows;
        } else if (one.kind === 'deliver') {
          const to = cloud.take(lane, one.count);
          if (to) await inTransaction(fails, (tx) => void lane.acknowledge(tx, to.seq, to.chain));
        } else if (one.kind === 'chain') {
          await inTransaction(fails, (tx) => void lane.chainMore(tx, one.count, context.now));
        } else if (one.kind === 'sweep') {
          await inTransaction(fails, (tx) => void lane.sweep(tx));
        } else if (one.kind === 'aside') {
          const before = lane.rows;
          await inTransaction(fails, (tx) => void lane.putAside(tx, lane.base.seq + 1, 'test', 1));
          gone += before - lane.rows;
        } else if (one.kind === 'epoch') {
          const { epoch } = lane;
          const first: Row = { kind: 'gap', at: 1, reason: 'rollback', previousEpoch: epoch };
          await inTransaction(fails, (tx) => void lane.openNewEpoch(tx, one.told ? first : undefined, context));
          if (one.told) told += 1;
          cloud.cursor = { seq: 0, chain: chainSeed(unitId, 'backlog', lane.epoch) };
        } else {
          const { rows, bytes, gaps, head, tail, base } = lane;
          lane = make();
          t.match(lane, { rows, bytes, gaps, head, tail, base });
        }
      }
      while (lane.unchained > 0) await inTransaction(false, (tx) => void lane.chainMore(tx, 7, context.now));
      for (let to = cloud.take(lane, 50); to; to = cloud.take(lane, 50)) {
        const { seq, chain } = to;
        await inTransaction(false, (tx) => void lane.acknowledge(tx, seq, chain));
      }
      t.equal(lane.rows, 0);
      t.equal(lane.bytes, 0);
      t.same(lane.gaps, []);
      const order = new Map(written.map((row, at) => [row, at]));
      const arrived = cloud.rows.map((row) => order.get(row) ?? -1);
      if (arrived.some((at, i) => at <= (arrived[i - 1] ?? -1))) t.fail('twice, or out of order, or never written');
      t.equal(cloud.count + gone, written.length + told);
      t.equal(cloud.missing, gone, 'gaps tell exactly of what went');
    }),
    { numRuns: 150, endOnFailure: true },
  );
});

t.test('a new epoch over many rows: at once, row by row behind it, and everything in order', async (t) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-epoch-'));
  const clock = new ManualClock();
  const store = new Store({ dataDir: dir, clock, logger: silentLogger });
  t.teardown(() => {
    store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const { Outbox } = await import('./outbox.js');
  const segments = new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
  const lane = outbox.lane('backlog');
  const append = async (count: number) => {
    const done = outbox.commitOf('backlog').write((tx) => {
      for (let i = 0; i < count; i++)
        outbox.append(tx, 'backlog', { kind: 'sample', at: 1, deviceId, values: { n: n++ } });
    });
    outbox.commitOf('backlog').flush();
    await done;
  };
  let n = 0;
  await append(30_000);
  const opening = outbox.openNewEpoch('backlog', 'rollback');
  outbox.commitOf('backlog').flush();
  await opening;
  t.equal(lane.head.seq, 1, 'the row that says why can be sent at once');
  t.equal(lane.unchained, 30_000);
  await append(10);
  let longestMs = 0;
  while (lane.unchained > 0) {
    const startedMs = performance.now();
    await clock.advance(20);
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  }
  t.comment(`the longest share took ${longestMs.toFixed(1)} ms`);
  const cloud = new Reference(lane);
  cloud.cursor = lane.base;
  while (cloud.take(lane, 1_000)) {}
  t.same(
    cloud.rows.map((row) => JSON.parse(row).values.n),
    Array.from({ length: n }, (_, i) => i),
  );
});
