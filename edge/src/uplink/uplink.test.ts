import './__fixtures__/pack-at-once.js';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HubError, ManualClock, uuidv7 } from '@hallhub/shared';
import { type BatchAnswer, type Lane, laneNames, unitTopics } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { ModelCloud } from '../outbox/__fixtures__/model-cloud.js';
import { ClockSegments, Outbox } from '../outbox/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import type { ConnectOptions, UplinkConnection, UplinkTransport } from './transport.js';
import { Uplink } from './uplink.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const deviceId = '01900000-0000-7000-8000-00000000000d';
const secret = 's'.repeat(80);

/** A wire that loses, repeats, delays and cuts as it is told. Messages travel as microtasks, one after the other. */
class FaultyWire implements UplinkTransport {
  readonly url = 'memory:';
  readonly #cloud: ModelCloud;
  readonly #clock: ManualClock;
  open: { options: ConnectOptions; alive: boolean } | undefined;
  /** Consulted for every message, up and down. */
  fate: () => 'pass' | 'lose' | 'twice' | 'cut' | 'late' = () => 'pass';
  refuse = false;
  readonly presence: unknown[] = [];
  readonly held: (() => void)[] = [];

  constructor(cloud: ModelCloud, clock: ManualClock) {
    this.#cloud = cloud;
    this.#clock = clock;
  }

  connect(options: ConnectOptions): Promise<UplinkConnection> {
    if (this.refuse) return Promise.reject(new HubError('link_lost', 'nobody answers'));
    const link = { options, alive: true };
    this.open = link;
    return Promise.resolve({
      publish: (topic, payload) => this.#travel(link, () => this.#up(link, topic, Buffer.from(payload as string))),
      end: (goodbye) => {
        if (goodbye && link.alive) this.presence.push(JSON.parse(goodbye.payload));
        link.alive = false;
        return Promise.resolve();
      },
    });
  }

  cut(reason = 'cut'): void {
    const link = this.open;
    this.open = undefined;
    if (!link?.alive) return;
    link.alive = false;
    link.options.onClose(reason);
  }

  #travel(link: { alive: boolean }, arrive: () => void): void {
    const fate = this.fate();
    const deliver = () => void Promise.resolve().then(() => link.alive && arrive());
    if (fate === 'lose') return;
    if (fate === 'late') {
      // Reordered: arrives only with the next message that passes.
      this.held.push(deliver);
      return;
    }
    deliver();
    if (fate === 'twice') deliver();
    for (const one of this.held.splice(0)) one();
    if (fate === 'cut') void Promise.resolve().then(() => this.cut());
  }

  #up(link: { options: ConnectOptions; alive: boolean }, topic: string, payload: Buffer): void {
    const down = (to: string, message: unknown) =>
      this.#travel(link, () => link.options.onMessage(to, Buffer.from(JSON.stringify(message))));
    if (topic === unitTopics.hello(unitId)) {
      down(unitTopics.downHello(unitId), this.#cloud.hello(payload.toString(), this.#clock.now()));
      return;
    }
    for (const lane of laneNames) {
      if (topic !== unitTopics.up(unitId, lane)) continue;
      down(unitTopics.downAck(unitId), this.#cloud.batch(lane, payload, this.#clock.now()));
    }
  }
}

interface Rig {
  readonly clock: ManualClock;
  readonly cloud: ModelCloud;
  readonly wire: FaultyWire;
  readonly faults: string[];
  store: Store;
  outbox: Outbox;
  uplink: Uplink;
  segments: ClockSegments;
  put(lane: Lane, count: number): Promise<void>;
  restart(): Promise<void>;
  until(condition: () => boolean, what: string): Promise<void>;
  step(ms: number): Promise<void>;
  close(): Promise<void>;
  readonly written: Record<Lane, string[]>;
}

const makeRig = async (dir: string, cloud = new ModelCloud(unitId, secret)): Promise<Rig> => {
  const clock = new ManualClock();
  const wire = new FaultyWire(cloud, clock);
  const written: Record<Lane, string[]> = { events: [], live: [], manifest: [], backlog: [] };
  let counter = 0;
  const faults: string[] = [];
  const open = () => {
    const store = new Store({ dataDir: dir, clock, logger: silentLogger });
    const segments = new ClockSegments({
      hub: store.hub,
      clock,
      bootId: uuidv7(),
      logger: silentLogger,
      kernelBootId: '',
    });
    const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
    const uplink = new Uplink({
      unitId,
      secret,
      bootId: uuidv7(),
      software: 'test',
      transport: wire,
      outbox,
      segments,
      clock,
      logger: silentLogger,
      random: () => 0,
      vitals: () => ({
        disk: null,
        runwayMs: null,
        memoryBytes: 1,
        devices: { online: 0, offline: 0, quarantined: 0 },
      }),
      onCommand: () => {},
      onFault: (code) => faults.push(code),
    });
    return { store, segments, outbox, uplink };
  };
  const rig: Rig = {
    clock,
    cloud,
    wire,
    faults,
    written,
    ...open(),
    put: async (lane, count) => {
      const { outbox } = rig;
      const appends = Array.from({ length: count }, () => {
        const row = { kind: 'sample' as const, at: clock.now(), deviceId, values: { n: counter++ } };
        written[lane].push(JSON.stringify(row));
        return outbox.commitOf(lane).write((tx) => outbox.append(tx, lane, row));
      });
      rig.store.flush();
      await Promise.all(appends);
    },
    restart: async () => {
      wire.cut('restart');
      const stopping = rig.uplink.stop();
      await rig.step(100);
      await stopping;
      rig.store.close();
      Object.assign(rig, open());
      rig.uplink.start();
    },
    step: async (ms) => {
      await clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
    until: async (condition, what) => {
      for (let i = 0; i < 6_000; i++) {
        if (condition()) return;
        await rig.step(100);
      }
      throw new Error(`never happened: ${what}`);
    },
    close: async () => {
      const stopping = rig.uplink.stop();
      await rig.step(100);
      await stopping;
      rig.store.close();
    },
  };
  return rig;
};

const folder = (): string => mkdtempSync(path.join(os.tmpdir(), 'hub-uplink-'));
const rigFor = async (test: Test): Promise<Rig> => {
  const dir = folder();
  const rig = await makeRig(dir);
  test.teardown(async () => {
    await rig.close();
    rmSync(dir, { recursive: true, force: true });
  });
  rig.uplink.start();
  return rig;
};
const drained = (rig: Rig) => () =>
  laneNames.every((lane) => rig.outbox.lane(lane).rows === 0 && rig.outbox.lane(lane).gaps.length === 0);

t.test('rows of every lane arrive once and in order, byte for byte', async (t) => {
  const rig = await rigFor(t);
  await rig.put('events', 5);
  await rig.put('backlog', 700);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  await rig.put('live', 50);
  await rig.until(drained(rig), 'drained');
  for (const lane of laneNames) t.same(rig.cloud.rows(lane), rig.written[lane]);
  t.same(rig.cloud.violations, []);
  t.equal(rig.segments.wire().state, 'trusted');
});

t.test('state is observable: waiting with a reason and a time, greeting, online, stopped', async (t) => {
  const rig = await rigFor(t);
  rig.wire.refuse = true;
  rig.wire.cut();
  await rig.until(() => rig.uplink.status.attempts > 1 && rig.uplink.status.state === 'waiting', 'waiting');
  t.match(rig.uplink.status, { state: 'waiting', reason: 'nobody answers' });
  t.ok((rig.uplink.status.nextAttemptAt ?? 0) > rig.clock.now() - 1);
  rig.wire.refuse = false;
  rig.wire.fate = () => 'lose';
  await rig.until(() => rig.uplink.status.state === 'greeting', 'greeting');
  await rig.until(() => rig.uplink.status.state === 'waiting', 'three unanswered hellos');
  t.match(rig.uplink.status.reason, /does not answer hello/);
  rig.wire.fate = () => 'pass';
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
});

t.test('a cloud that speaks no common protocol is shown, and heard again', async (t) => {
  const rig = await rigFor(t);
  const hello = rig.cloud.hello.bind(rig.cloud);
  rig.wire.cut();
  rig.cloud.hello = (payload, now) => ({ ...hello(payload, now), protocol: null, error: 'protocol 2 is spoken here' });
  await rig.put('events', 1);
  await rig.until(() => rig.uplink.status.state === 'refused', 'refused');
  t.equal(rig.uplink.status.reason, 'protocol 2 is spoken here');
  t.same(rig.cloud.rows('events'), []);
  rig.cloud.hello = hello;
  await rig.until(drained(rig), 'drained');
});

t.test('busy is waited for, rejections shrink the batch and end as a fault, not as a stop', async (t) => {
  const rig = await rigFor(t);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  rig.cloud.busy = true;
  await rig.put('live', 64);
  await rig.step(2_000);
  t.equal(rig.outbox.lane('live').rows, 64);
  rig.cloud.busy = false;
  rig.cloud.reject = 'size';
  await rig.until(() => rig.faults.includes('batch_rejected'), 'a fault');
  rig.cloud.reject = undefined;
  await rig.until(drained(rig), 'drained');
  t.same(rig.cloud.rows('live'), rig.written.live);
});

t.test('one row that the cloud never takes goes aside, and the rows behind it go up', async (t) => {
  const rig = await rigFor(t);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  const batch = rig.cloud.batch.bind(rig.cloud);
  rig.wire.refuse = true;
  rig.wire.cut();
  await rig.put('events', 9);
  const poison = rig.written.events[4] ?? '';
  rig.cloud.batch = (lane, payload, now) => {
    rig.cloud.reject = Buffer.from(payload).includes(poison) ? 'size' : undefined;
    return batch(lane, payload, now);
  };
  rig.wire.refuse = false;
  await rig.until(drained(rig), 'drained');
  const stream = rig.cloud.stream('events', rig.outbox.lane('events').epoch);
  t.same(stream.gaps, [{ fromSeq: 5, toSeq: 5, reason: 'damaged' }]);
  t.same(
    stream.rows,
    rig.written.events.filter((row) => row !== poison),
  );
  t.match(rig.outbox.rowsAside(10), [{ lane: 'events', seq: 5, reason: /size/ }]);
  t.equal(rig.outbox.rowsAside(10)[0]?.body.toString(), poison);
  t.ok(rig.faults.includes('row_put_aside'));
  t.same(rig.cloud.violations, []);
});

t.test('a cloud that rejects everything costs one row an hour, not the queue', async (t) => {
  const rig = await rigFor(t);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  rig.cloud.reject = 'header';
  await rig.put('events', 20);
  for (let i = 0; i < 1_800; i++) await rig.step(1_000);
  t.ok(rig.outbox.lane('events').rows >= 19);
  rig.cloud.reject = undefined;
  await rig.until(drained(rig), 'drained');
  t.ok(rig.cloud.rows('events').length >= 19);
});

t.test('malformed answers are ignored and counted', async (t) => {
  const rig = await rigFor(t);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  const say = (topic: string, text: string) => rig.wire.open?.options.onMessage(topic, Buffer.from(text));
  say(unitTopics.downAck(unitId), '{');
  say(unitTopics.downAck(unitId), '{"v":1}');
  say(unitTopics.downHello(unitId), '[]');
  say(unitTopics.downCommand(unitId), '{"type":"dance"}');
  say(`hh/1/u/${unitId}/down/other`, '{}');
  const stray: BatchAnswer = {
    v: 1,
    lane: 'live',
    epoch: '0'.repeat(16),
    result: 'committed',
    cursor: 9,
    chain: '0'.repeat(64),
    firstSeq: 1,
    serverTime: 1,
    retryAfterMs: 0,
  };
  say(unitTopics.downAck(unitId), JSON.stringify(stray));
  t.equal(rig.uplink.status.ignoredMessages, 6);
  t.equal(rig.uplink.status.state, 'online');
});

t.test('a restored cloud gets a gap, never a deadlock', async (t) => {
  const rig = await rigFor(t);
  await rig.put('events', 10);
  await rig.until(drained(rig), 'drained');
  const { epoch } = rig.outbox.lane('events');
  rig.cloud.streams.delete(`events/${epoch}`);
  rig.wire.cut();
  await rig.put('events', 3);
  await rig.until(drained(rig), 'drained again');
  const stream = rig.cloud.stream('events', epoch);
  t.same(stream.gaps, [{ fromSeq: 1, toSeq: 10, reason: 'restored' }]);
  t.same(stream.rows, rig.written.events.slice(10));
  t.same(rig.cloud.violations, []);
});

t.test('a database that was rolled back opens a new epoch and says which it closes', async (t) => {
  const dir = folder();
  const copy = folder();
  t.teardown(() => {
    for (const one of [dir, copy]) rmSync(one, { recursive: true, force: true });
  });
  const { cpSync } = await import('node:fs');
  const first = await makeRig(dir);
  first.uplink.start();
  await first.put('events', 5);
  await first.until(drained(first), 'drained');
  await first.close();
  cpSync(dir, copy, { recursive: true });
  const second = await makeRig(dir, first.cloud);
  second.uplink.start();
  await second.put('events', 5);
  await second.until(drained(second), 'drained');
  await second.close();
  const third = await makeRig(copy, first.cloud);
  third.uplink.start();
  const { epoch } = third.outbox.lane('events');
  await third.put('events', 2);
  await third.until(drained(third), 'drained');
  await third.close();
  t.ok(third.faults.includes('stream_rolled_back'));
  const fresh = third.outbox.lane('events').epoch;
  t.not(fresh, epoch);
  const [gap, ...rows] = third.cloud.stream('events', fresh).rows;
  // Five were confirmed before the copy was made; it holds two more, where the cloud already has five others.
  t.match(JSON.parse(gap ?? ''), { kind: 'gap', reason: 'rollback', previousEpoch: epoch, fromSeq: 6, toSeq: 7 });
  t.same(rows, third.written.events);
});

t.test('an epoch that was closed by another copy is answered with zeros and opened anew', async (t) => {
  const rig = await rigFor(t);
  await rig.put('events', 4);
  await rig.until(drained(rig), 'drained');
  const { epoch } = rig.outbox.lane('events');
  rig.cloud.stream('events', epoch).chain = Buffer.alloc(32);
  rig.wire.cut();
  await rig.put('events', 1);
  await rig.until(() => rig.outbox.lane('events').epoch !== epoch && drained(rig)(), 'a new epoch');
  t.equal(rig.cloud.stream('events', rig.outbox.lane('events').epoch).rows.length, 2);
});

t.test('a thinned backlog sends a signed gap and goes on', async (t) => {
  const rig = await rigFor(t);
  rig.wire.refuse = true;
  rig.wire.cut();
  await rig.put('backlog', 300);
  const thin = (rows: number) => {
    const thinning = rig.outbox
      .commitOf('backlog')
      .write((tx) => rig.outbox.lane('backlog').thin(tx, 0, { rows, bytes: 0 }, rig.clock.now()));
    rig.store.flush();
    return thinning;
  };
  t.equal((await thin(100)).rows, 100);
  t.equal((await thin(20)).rows, 20);
  rig.wire.refuse = false;
  await rig.until(drained(rig), 'drained');
  const stream = rig.cloud.stream('backlog', rig.outbox.lane('backlog').epoch);
  t.same(stream.gaps, [{ fromSeq: 1, toSeq: 120, reason: 'thinned' }]);
  t.same(stream.rows, rig.written.backlog.slice(120));
  t.same(rig.cloud.violations, []);
});

t.test('a row that the disk changed is given up alone', async (t) => {
  const rig = await rigFor(t);
  rig.wire.refuse = true;
  rig.wire.cut();
  await rig.put('backlog', 9);
  rig.store.telemetry.commit.db
    .prepare('UPDATE lane_backlog SET body = ? WHERE seq = 5')
    .run(Buffer.from('{"kind":"sample"}'));
  rig.wire.refuse = false;
  await rig.until(drained(rig), 'drained');
  const stream = rig.cloud.stream('backlog', rig.outbox.lane('backlog').epoch);
  t.same(stream.gaps, [{ fromSeq: 5, toSeq: 5, reason: 'damaged' }]);
  t.equal(stream.rows.length, 8);
});

t.test('a batch never mixes clock segments, and the offset of each is its own', async (t) => {
  const rig = await rigFor(t);
  rig.wire.refuse = true;
  rig.wire.cut();
  await rig.put('events', 3);
  rig.clock.jump(3_600_000);
  await rig.put('events', 3);
  const batches: { count: number; segment: number }[] = [];
  const batch = rig.cloud.batch.bind(rig.cloud);
  rig.cloud.batch = (lane, payload, now) => {
    const header = JSON.parse(Buffer.from(payload).toString('utf8').split('\n')[0] ?? '');
    batches.push({ count: header.count, segment: header.clock.segment });
    return batch(lane, payload, now);
  };
  rig.wire.refuse = false;
  await rig.until(drained(rig), 'drained');
  t.same(batches, [
    { count: 3, segment: 1 },
    { count: 3, segment: 2 },
  ]);
});

t.test('hours are sealed, told once, and equal what was committed', async (t) => {
  const rig = await rigFor(t);
  await rig.put('live', 7);
  await rig.step(3_600_000);
  await rig.put('live', 2);
  const telling = rig.outbox.tellSeals();
  await rig.step(1_000);
  await telling;
  await rig.until(drained(rig), 'drained');
  const seals = rig.cloud
    .rows('events')
    .map((row) => JSON.parse(row))
    .filter(({ kind, lane }) => kind === 'seal' && lane === 'live');
  t.equal(seals.length, 1);
  t.match(seals[0], { firstSeq: 1, lastSeq: 7, count: 7, epoch: rig.outbox.lane('live').epoch });
});

t.test('goodbye on a clean stop', async (t) => {
  const rig = await rigFor(t);
  await rig.until(() => rig.uplink.status.state === 'online', 'online');
  await rig.uplink.stop();
  t.match(rig.wire.presence, [{ state: 'offline', reason: 'goodbye' }]);
});

const lanes: readonly Lane[] = ['events', 'live', 'backlog'];
type Move =
  | { kind: 'put'; lane: Lane; count: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'cut' }
  | { kind: 'restart' }
  | { kind: 'busy'; on: boolean };
const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      lane: fc.constantFrom(...lanes),
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('busy' as const), on: fc.boolean() }) },
);
const fates = ['pass', 'pass', 'pass', 'pass', 'lose', 'twice', 'cut', 'late'] as const;

t.test('whatever the wire does, everything is committed exactly once and in order', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(move, { minLength: 5, maxLength: 40 }),
      fc.infiniteStream(fc.constantFrom(...fates)),
      async (moves: Move[], fate) => {
        const dir = folder();
        const rig = await makeRig(dir);
        try {
          rig.wire.fate = () => fate.next().value ?? 'pass';
          rig.uplink.start();
          for (const one of moves) {
            if (one.kind === 'put') await rig.put(one.lane, one.count);
            else if (one.kind === 'wait') await rig.step(one.ms);
            else if (one.kind === 'cut') rig.wire.cut();
            else if (one.kind === 'restart') await rig.restart();
            else rig.cloud.busy = one.on;
          }
          rig.cloud.busy = false;
          rig.wire.fate = () => 'pass';
          await rig.until(drained(rig), 'drained');
          for (const lane of lanes) t.same(rig.cloud.rows(lane), rig.written[lane], lane);
          t.same(rig.cloud.violations, []);
          t.same(rig.faults, []);
        } finally {
          await rig.close();
          rmSync(dir, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});
