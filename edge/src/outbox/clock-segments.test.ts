import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import fc from 'fast-check';
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

const shared = rigFor(t);

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

t.test('a jump while there is no line is reckoned with: rows of that time are corrected too', async (t) => {
  const { clock, open } = rigFor(t);
  const segments = open();
  segments.learn(clock.now() + 100, 0);
  clock.jump(7_200_000);
  t.equal(segments.check(), 2);
  t.same(segments.wire(2), { segment: 2, offsetMs: -7_199_900, state: 'untrusted' });
  t.equal(segments.reason, 'not_compared', 'the cloud has not said so yet');
  clock.jump(-7_200_000);
  t.equal(segments.check(), 3);
  t.equal(segments.wire(2).offsetMs, -7_199_900, 'what was appended during the jump keeps its own');
  t.equal(segments.wire(3).offsetMs, 100);
  segments.learn(clock.now() + 140, 0);
  t.equal(segments.wire(3).offsetMs, 140);
  t.equal(segments.reason, 'agrees');
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

t.test('a clock of 1970 or 2099 is known as such, corrected once the cloud was heard, and both times are kept', (t) => {
  for (const [year, reason] of [
    [1970, 'implausible'],
    [2199, 'implausible'],
  ] as const) {
    const { clock, open } = rigFor(t);
    const right = clock.now();
    clock.jump(Date.UTC(year, 0, 2) - right);
    const segments = open();
    t.equal(segments.reason, reason);
    t.match(segments.wire(), { state: 'untrusted', offsetMs: null });
    segments.learn(right, 40);
    t.equal(segments.reason, 'off');
    t.equal(Math.round((segments.wire().offsetMs ?? 0) - (right - clock.now())), 20);
    clock.jump(right - clock.now());
    segments.check();
    t.equal(segments.offsetMs, 20, 'set right: what is off now is reckoned from the jump');
    t.equal(segments.wire(1).state, 'untrusted', 'rows of before keep their own offset');
  }
  t.end();
});

t.test('a machine that slept has no new segment; one whose clock jumped while it slept has', async (t) => {
  const { clock, store } = rigFor(t);
  let asleepMs = 0;
  const segments = new ClockSegments({
    hub: store.hub,
    clock,
    bootId: uuidv7(),
    logger: silentLogger,
    kernelBootId: '',
    bootTimeMs: () => clock.monotonicMs() + asleepMs,
  });
  segments.learn(clock.now() + 100, 0);
  asleepMs += 3_600_000;
  clock.jump(3_600_000);
  t.equal(segments.check(), 1);
  t.match(segments.wire(), { offsetMs: 100, state: 'trusted' });
  asleepMs += 3_600_000;
  clock.jump(60_000);
  t.equal(segments.check(), 2, 'it woke with a wrong clock');
});

t.test('one cloud process with a wrong clock moves nothing; a cloud that disagrees with itself is said', (t) => {
  const { clock, open } = rigFor(t);
  const segments = open();
  for (let i = 0; i < 12; i++) segments.learn(clock.now() + (i % 5 === 4 ? 90_000 : 300) - 5, 10);
  t.match(segments.wire(), { offsetMs: 300, state: 'trusted' });
  const other = open();
  for (let i = 0; i < 12; i++) other.learn(clock.now() + (i % 2 === 0 ? 8_000 : 0), 10);
  t.equal(other.wire().state, 'untrusted');
  t.equal(other.reason, 'cloud_disagrees');
  t.end();
});

t.test('a clock that drifts is followed; rows of before keep what was true for them', async (t) => {
  const { clock, open } = rigFor(t);
  const segments = open();
  let driftedMs = 0;
  const offsets: number[] = [];
  for (let hour = 0; hour < 48; hour++) {
    await clock.advance(3_600_000);
    // 40 ppm is what cheap crystals do.
    driftedMs += 144;
    for (let i = 0; i < 6; i++) segments.learn(clock.now() + driftedMs - 5, 10);
    offsets.push(segments.offsetMs ?? Number.NaN);
    if (Math.abs((segments.offsetMs ?? 0) - driftedMs) > 150)
      t.fail(`at ${hour} h: ${segments.offsetMs} for ${driftedMs}`);
  }
  t.equal(Math.round(offsets[0] ?? 0), 144);
});

t.test('whatever the way adds on one side, the offset is right within half a round trip', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: -10_000_000, max: 10_000_000 }),
      (ways, offMs) => {
        const { clock, store } = shared;
        const segments = new ClockSegments({
          hub: store.hub,
          clock,
          bootId: uuidv7(),
          logger: silentLogger,
          kernelBootId: '',
        });
        // The server's clock was read `up` ms after the question left and `down` ms before the answer came.
        for (const [up, down] of ways) segments.learn(clock.now() + offMs - down, up + down);
        const bound = Math.max(...ways.map(([up, down]) => up + down)) / 2;
        return Math.abs((segments.wire().offsetMs ?? Number.NaN) - offMs) <= bound + 1;
      },
    ),
    { numRuns: 200 },
  );
  t.end();
});
