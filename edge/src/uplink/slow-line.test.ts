import './__fixtures__/pack-at-once.js';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import { type Lane, laneNames, unitTopics } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { LinkBudget, type LinkBudgetOptions } from '../link-budget/index.js';
import { ModelCloud } from '../outbox/__fixtures__/model-cloud.js';
import { ClockSegments, Outbox } from '../outbox/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import type { ConnectOptions, UplinkConnection, UplinkTransport } from './transport.js';
import { Uplink } from './uplink.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const deviceId = '01900000-0000-7000-8000-00000000000d';
const secret = 's'.repeat(80);

interface Line {
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  /** Share of messages of which a packet is lost: TCP sends it again, and what is behind it waits. */
  readonly loss?: number;
}

const resendMs = 1_500;
const packetOverhead = 160;

/** A line as TCP shows it: in order, so many bytes a second each way, so long a way, nothing lost but time. */
class SlowWire implements UplinkTransport {
  readonly url = 'memory:';
  readonly #cloud: ModelCloud;
  readonly #clock: ManualClock;
  readonly #line: Line;
  readonly #freeAt = { up: 0, down: 0 };
  /** Bytes by second of the clock. */
  readonly sent = new Map<number, number>();
  readonly batches: { lane: Lane; bytes: number; rows: number; onLineMs: number }[] = [];
  #random = 12_345;

  constructor(cloud: ModelCloud, clock: ManualClock, line: Line) {
    this.#cloud = cloud;
    this.#clock = clock;
    this.#line = line;
  }

  connect(options: ConnectOptions): Promise<UplinkConnection> {
    return Promise.resolve({
      publish: (topic, payload) => {
        const bytes = Buffer.from(payload as string);
        const second = Math.floor(this.#clock.monotonicMs() / 1_000);
        this.sent.set(second, (this.sent.get(second) ?? 0) + bytes.length);
        this.#travel('up', bytes.length, (onLineMs) => this.#arrive(options, topic, bytes, onLineMs));
      },
      end: () => Promise.resolve(),
    });
  }

  #travel(way: 'up' | 'down', bytes: number, arrive: (onLineMs: number) => void): void {
    const { bytesPerSecond, roundTripMs, loss = 0 } = this.#line;
    const nowMs = this.#clock.monotonicMs();
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    const lostMs = this.#random / 2_147_483_648 < loss ? resendMs + roundTripMs : 0;
    const startMs = Math.max(nowMs, this.#freeAt[way]);
    this.#freeAt[way] = startMs + Math.ceil(((bytes + packetOverhead) / bytesPerSecond) * 1_000) + lostMs;
    const onLineMs = this.#freeAt[way] - startMs;
    this.#clock.setTimeout(() => arrive(onLineMs), this.#freeAt[way] - nowMs + roundTripMs / 2);
  }

  #arrive(options: ConnectOptions, topic: string, payload: Buffer, onLineMs: number): void {
    const down = (to: string, message: unknown) => {
      const text = Buffer.from(JSON.stringify(message));
      this.#travel('down', text.length, () => options.onMessage(to, text));
    };
    if (topic === unitTopics.hello(unitId)) {
      const answer = this.#cloud.hello(payload.toString(), this.#clock.now());
      down(unitTopics.downHello(unitId), { ...answer, limits: { maxBatchBytes: 65_536, maxBatchRows: 1_000 } });
    }
    for (const lane of laneNames) {
      if (topic !== unitTopics.up(unitId, lane)) continue;
      const { count } = JSON.parse(payload.toString('utf8').split('\n')[0] ?? '');
      this.batches.push({ lane, bytes: payload.length, rows: count, onLineMs });
      down(unitTopics.downAck(unitId), this.#cloud.batch(lane, payload, this.#clock.now()));
    }
  }
}

const rigFor = (test: Test, line: Line, link: Partial<LinkBudgetOptions> = {}) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-slow-'));
  const clock = new ManualClock();
  const cloud = new ModelCloud(unitId, secret);
  const wire = new SlowWire(cloud, clock, line);
  const store = new Store({ dataDir: dir, clock, logger: silentLogger });
  const bootId = uuidv7();
  const segments = new ClockSegments({ hub: store.hub, clock, bootId, logger: silentLogger, kernelBootId: '' });
  const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
  const budget = new LinkBudget({ clock, ...link });
  const faults: string[] = [];
  const uplink = new Uplink({
    ...{ unitId, secret, bootId, software: 'test', transport: wire, outbox, segments, clock, budget },
    logger: silentLogger,
    random: () => 0,
    vitals: () => ({ disk: null, runwayMs: null, memoryBytes: 1, devices: { online: 0, offline: 0, quarantined: 0 } }),
    onCommand: () => {},
    onFault: (code) => faults.push(code),
  });
  let n = 0;
  const written: Record<Lane, string[]> = { events: [], live: [], manifest: [], backlog: [] };
  const put = async (lane: Lane, count: number): Promise<void> => {
    const done = outbox.commitOf(lane).write((tx) => {
      for (let i = 0; i < count; i++) {
        // Text that does not pack to nothing.
        const values = {
          n: n++,
          power: Math.round(Math.sin(n) * 1e6) / 100,
          text: createHash('sha256').update(String(n)).digest('base64'),
        };
        const row = { kind: 'sample' as const, at: clock.now(), deviceId, values };
        written[lane].push(JSON.stringify(row));
        outbox.append(tx, lane, row);
      }
    });
    outbox.commitOf(lane).flush();
    await done;
  };
  const step = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  test.teardown(async () => {
    const stopping = uplink.stop();
    await step(100);
    await stopping;
    store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { clock, cloud, wire, outbox, uplink, budget, put, step, written, faults };
};

/** Runs a busy hall for so long: live data every second, an event now and then. Resolves with how long each event took to be committed. */
const run = async (rig: ReturnType<typeof rigFor>, seconds: number): Promise<number[]> => {
  const latencies: number[] = [];
  let waiting: { rows: number; sinceMs: number } | undefined;
  for (let tick = 0; tick < seconds * 10; tick++) {
    if (tick % 10 === 0) await rig.put('live', 2);
    if (tick % 70 === 35 && !waiting) {
      await rig.put('events', 1);
      waiting = { rows: rig.written.events.length, sinceMs: rig.clock.monotonicMs() };
    }
    await rig.step(100);
    if (waiting && rig.cloud.rows('events').length >= waiting.rows) {
      latencies.push(rig.clock.monotonicMs() - waiting.sinceMs);
      waiting = undefined;
    }
  }
  return latencies;
};

t.test(
  '64 kbit/s and two seconds round trip: events wait for one small batch at most, a batch takes a bounded time',
  async (t) => {
    const rig = rigFor(t, { bytesPerSecond: 8_000, roundTripMs: 2_000 }, { lowData: 'auto' });
    await rig.put('backlog', 30_000);
    rig.uplink.start();
    await run(rig, 20);
    const before = { batches: rig.wire.batches.length, backlog: rig.cloud.rows('backlog').length };
    const latencies = await run(rig, 120);
    const batches = rig.wire.batches.slice(before.batches);
    const longest = Math.max(...batches.map(({ onLineMs }) => onLineMs));
    const slowest = Math.max(...latencies);
    const sent = batches.reduce((sum, { bytes }) => sum + bytes + 160, 0);
    t.comment(
      `events in ${Math.round(Math.min(...latencies))} to ${Math.round(slowest)} ms (one way 1000), longest batch ${Math.round(longest)} ms, ` +
        `${Math.round((sent / 120 / 8_000) * 100)} % of the line used, ${rig.cloud.rows('backlog').length - before.backlog} rows of backlog in 120 s`,
    );
    t.ok(latencies.length >= 12);
    t.ok(longest <= 4_500, 'a batch takes the line three seconds, or a little more');
    t.ok(slowest <= 1_000 + 4_500 + 500, 'one batch is waited for, never two');
    t.ok(sent > 120 * 8_000 * 0.35, 'and the line is used');
    t.ok(rig.budget.lowData, 'it is spared by itself');
    t.ok(
      (rig.budget.bytesPerSecond ?? 0) > 4_000 && (rig.budget.bytesPerSecond ?? 0) < 14_000,
      'what it carries was learned',
    );
    t.same(rig.cloud.rows('events'), rig.written.events);
    t.same(rig.cloud.violations, []);
  },
);

t.test('a line that loses: everything arrives once and in order all the same', async (t) => {
  const rig = rigFor(t, { bytesPerSecond: 16_000, roundTripMs: 600, loss: 0.08 });
  await rig.put('backlog', 3_000);
  rig.uplink.start();
  await run(rig, 60);
  const lanes = ['events', 'live', 'backlog'] as const;
  for (let i = 0; i < 3_000 && !lanes.every((lane) => rig.outbox.lane(lane).rows === 0); i++) await rig.step(100);
  for (const lane of lanes) t.same(rig.cloud.rows(lane), rig.written[lane], lane);
  t.same(rig.cloud.violations, []);
  t.same(rig.faults, []);
});

t.test('a cap holds over everything that goes up; events use the reserve', async (t) => {
  const cap = 8_000;
  const rig = rigFor(t, { bytesPerSecond: 10_000_000, roundTripMs: 40 }, { maxBytesPerSecond: cap });
  await rig.put('backlog', 20_000);
  rig.uplink.start();
  const latencies = await run(rig, 60);
  const seconds = [...rig.wire.sent].sort(([a], [b]) => a - b);
  const most = Math.max(
    ...seconds.map(([from]) =>
      seconds.filter(([at]) => at >= from && at < from + 20).reduce((sum, [, b]) => sum + b, 0),
    ),
  );
  t.comment(`at most ${most} bytes in 20 s, events in at most ${Math.max(...latencies)} ms`);
  t.ok(most <= cap * 20 + cap * 4, 'twenty seconds carry twenty seconds’ worth, with the burst and the reserve');
  t.ok(most >= cap * 20 * 0.6, 'and not much less');
  t.ok(Math.max(...latencies) <= 400, 'no event waited for the backlog');
  t.same(rig.cloud.rows('events'), rig.written.events);
});

t.test('lanes are served in their order', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock, maxBytesPerSecond: 1_000 });
  const order: string[] = [];
  const over: (() => void)[] = [];
  const ask = (traffic: Lane | 'evidence') =>
    budget.request(traffic, 1_500, ({ answered }) => {
      order.push(traffic);
      over.push(answered);
    });
  ask('backlog');
  for (const traffic of ['evidence', 'backlog', 'manifest', 'live', 'events'] as const) ask(traffic);
  for (let i = 0; i < 200; i++) {
    await clock.advance(100);
    for (const answered of over.splice(0)) answered();
  }
  t.same(order, ['backlog', 'events', 'live', 'manifest', 'backlog', 'evidence']);
});

t.test('what waits can be given up, and an ended session leaves nothing behind', async (t) => {
  const clock = new ManualClock();
  const budget = new LinkBudget({ clock, maxBytesPerSecond: 1_000 });
  const sent: string[] = [];
  budget.request('backlog', 4_000, ({ over }) => {
    sent.push('first');
    over();
  });
  const giveUp = budget.request('backlog', 1_000, () => sent.push('second'));
  giveUp();
  await clock.advance(60_000);
  t.same(sent, ['first']);
});
