import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { ClockSegments } from './clock-segments.js';

const rigFor = (test: Test) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-clock-'));
  const clock = new ManualClock();
  const store = new Store({ dataDir: dir, clock, logger: silentLogger });
  test.teardown(() => {
    store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const open = (more: { kernelBootId?: string; highestUsed?: () => number } = {}) =>
    new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger, kernelBootId: '', ...more });
  return { clock, store, open };
};

t.test('a jump of more than a second begins a segment, less does not', async (t) => {
  const { clock, open } = rigFor(t);
  const segments = open();
  const jumps: number[] = [];
  segments.onJump((ms) => jumps.push(ms));
  clock.jump(900);
  t.equal(segments.check(), 1);
  clock.jump(-90_000);
  t.equal(segments.check(), 2);
  await clock.advance(60_000);
  t.equal(segments.check(), 2);
  t.equal(jumps.length, 1);
  t.same(segments.wire(2), { segment: 2, offsetMs: null, state: 'untrusted' });
});

t.test('the offset is learned for its segment; the surest answer counts', (t) => {
  const { clock, open } = rigFor(t);
  const segments = open();
  segments.learn(clock.now() + 500, 100);
  t.same(segments.wire(), { segment: 1, offsetMs: 550, state: 'trusted' });
  segments.learn(clock.now() + 9_000, 4_000);
  t.equal(segments.wire().offsetMs, 550, 'a slow answer says less');
  segments.learn(clock.now() + 520, 20);
  t.equal(segments.wire().offsetMs, 530);
  clock.jump(3_600_000);
  segments.learn(clock.now() - 3_600_000, 10);
  t.same(segments.wire(), { segment: 2, offsetMs: -3_599_995, state: 'untrusted' });
  t.equal(segments.wire(1).offsetMs, 530, 'the earlier one keeps its own');
  t.end();
});

t.test('a restart begins a segment, after every one that rows refer to', (t) => {
  const { open, store } = rigFor(t);
  t.equal(open().current, 1);
  t.equal(open().current, 2);
  store.hub.commit.db.exec('DELETE FROM clock_segment');
  const last = open({ highestUsed: () => 7 });
  t.equal(last.current, 8);
  last.forgetBelow(100);
  t.equal(store.hub.commit.db.prepare('SELECT count(*) FROM clock_segment').pluck().get(), 1);
  t.end();
});
