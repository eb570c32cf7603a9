import { uuidv7 } from '@hallhub/shared';
import { profileHash } from '@hallhub/shared/profile';
import t from 'tap';
import { startTestCloud } from './test-cloud.js';
import { TestStream, TestUnit, until } from './testing.js';

const at = Date.now() - 1_000;
const device = uuidv7();
const document = { vendor: 'x', model: 'y', version: '1.0.0' };
const deviceRow = (revision: number, change: object = {}) => ({
  kind: 'device',
  at,
  deviceId: device,
  revision,
  state: 'active',
  identity: { vendor: 'hallhub', model: 'qm-200', serial: 'QM1' },
  deviceClass: 'queue-machine',
  name: '取号机',
  protocol: 'mqtt',
  address: 'mqtt',
  ...change,
});
const sample = (value: number, offset = 0) => ({
  kind: 'sample',
  at: at + offset,
  deviceId: device,
  values: { waiting: value },
});

t.test('a unit connects, says hello, sends rows of every kind, and they are there', async (t) => {
  const cloud = await startTestCloud(t);
  const unit = await TestUnit.connect(cloud.url, cloud);
  t.teardown(() => unit.close());
  const events = new TestStream(cloud, 'events').append(
    { kind: 'profile', at, hash: profileHash(document), document },
    deviceRow(1),
    {
      kind: 'presence',
      at,
      deviceId: device,
      state: 'online',
      reason: 'joined',
      evidence: [{ check: 'will', ok: true, at }],
    },
    {
      kind: 'event',
      at,
      id: uuidv7(),
      deviceId: device,
      event: 'ticketTaken',
      severity: 'info',
      data: { number: 'A001' },
    },
    { kind: 'fault', at, code: 'disk', message: 'slow' },
    deviceRow(2, { name: '一号取号机' }),
  );
  const live = new TestStream(cloud, 'live').append(sample(1), sample(2, 1), sample(3, 2));

  const hello = await unit.hello([events, live]);
  t.match(hello, {
    protocol: 1,
    connId: unit.connId,
    streams: [
      { lane: 'events', cursor: 0 },
      { lane: 'live', cursor: 0 },
    ],
  });
  t.equal(hello.streams[0]?.chain, events.chainAt(0));

  t.match(await unit.sendBatch(events, events.batch(1)), { result: 'committed', cursor: 6, chain: events.chainAt(6) });
  t.match(await unit.sendBatch(live, live.batch(1)), { result: 'committed', cursor: 3 });

  t.match(await cloud.rows('SELECT name, revision, presence, unit_id FROM devices'), [
    { name: '一号取号机', revision: 2, presence: 'online', unit_id: cloud.unitId },
  ]);
  t.match(await cloud.rows('SELECT event, data FROM device_events'), [
    { event: 'ticketTaken', data: { number: 'A001' } },
  ]);
  t.match(await cloud.rows('SELECT number FROM telemetry_samples ORDER BY at'), [
    { number: 1 },
    { number: 2 },
    { number: 3 },
  ]);
  t.match(await cloud.rows('SELECT number FROM telemetry_latest'), [{ number: 3 }]);
  t.match(await cloud.rows('SELECT presence, reason FROM unit_links'), [{ presence: 'online', reason: 'hello' }]);
  t.equal((await cloud.rows('SELECT 1 FROM aside_rows')).length, 0);
  t.same(cloud.published.map(({ type }) => type).sort(), [
    'device.changed',
    'device.presence',
    'device.values',
    'event',
    'unit.fault',
    'unit.presence',
  ]);

  await t.test('what was committed is known at the next hello, and a repeated batch changes nothing', async (t) => {
    t.match(await unit.sendBatch(live, live.batch(1)), { result: 'committed', cursor: 3 });
    t.match(await unit.sendBatch(live, live.batch(2, 1)), { result: 'committed', cursor: 3 });
    live.append(sample(4, 3), sample(5, 4));
    t.match(await unit.sendBatch(live, live.batch(3)), { result: 'resync', cursor: 3, chain: live.chainAt(3) });
    t.match(await unit.sendBatch(live, live.batch(5)), { result: 'resync', cursor: 3 });
    t.match((await unit.hello([live])).streams, [{ lane: 'live', cursor: 3, chain: live.chainAt(3) }]);
    t.match(await unit.sendBatch(live, live.batch(4)), { result: 'committed', cursor: 5 });
    t.equal((await cloud.rows('SELECT 1 FROM telemetry_samples')).length, 5);
  });
});

t.test('a unit goes offline by its will, but not by the will of a superseded connection', async (t) => {
  const cloud = await startTestCloud(t);
  const presence = async () =>
    (await cloud.rows<{ presence: string; reason: string }>('SELECT presence, reason FROM unit_links'))[0]!;
  const first = await TestUnit.connect(cloud.url, cloud);
  t.teardown(() => first.close());
  await first.hello();
  const second = await TestUnit.connect(cloud.url, cloud);
  await second.hello();
  await until(async () => !first.client.connected);
  // The first connection's will was published when the second took over; answers come in order behind it.
  await second.hello();
  t.match(await presence(), { presence: 'online', reason: 'hello' });
  second.cut();
  await until(async () => (await presence()).presence === 'offline');
  t.match(await presence(), { presence: 'offline', reason: 'will' });
  t.match(await cloud.rows('SELECT state, reason FROM unit_presence_changes ORDER BY id'), [
    { state: 'online' },
    { state: 'offline', reason: 'will' },
  ]);
});
