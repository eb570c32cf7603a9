import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { bringUpDevice, deviceRow, startTestLink } from '../streams/test-link.js';
import { TestStream, until } from '../streams/testing.js';

const setup = async (t: Parameters<typeof startTestLink>[0]) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const hall = await bringUpDevice(cloud);
  const { deviceId } = hall;
  const read = (power: unknown, quality?: object) =>
    hall.send(hall.live, {
      kind: 'sample',
      at: cloud.clock.now(),
      deviceId,
      values: { power },
      ...(quality ? { quality } : {}),
    });
  const alarms = async (query = '') => (await owner.get(`/alarms${query}`)).body.items;
  const types = () => cloud.published.filter(({ topic }) => topic === 'alarms').map(({ type }) => type);
  const presence = (state: string, reason: string) =>
    hall.send(hall.events, { kind: 'presence', at: cloud.clock.now(), deviceId, state, reason, evidence: [] });
  /** Lets time pass in the steps of the engine's job, which looks at the database between them. */
  const pass = async (ms: number, done?: () => Promise<boolean>) => {
    for (let left = ms; left > 0; left -= 10_000) {
      if (hall.unit.client.connected) await hall.unit.heartbeat();
      await settled(cloud);
      await cloud.clock.advance(Math.min(left, 10_000));
      await settled(cloud);
    }
    if (done) await until(async () => (await done()) || (await cloud.clock.advance(1_000)));
  };
  return { ...hall, cloud, owner, read, alarms, types, presence, pass };
};

/** A round trip through the same pool behind whatever the jobs have asked for. */
const settled = async (cloud: Awaited<ReturnType<typeof startTestLink>>) => {
  for (let i = 0; i < 3; i++) await cloud.db.appPool.query('SELECT pg_sleep(0.01)');
};

t.test('a threshold of the profile: raised once, cleared past its hysteresis', async (t) => {
  const { read, alarms, types, deviceId, cloud } = await setup(t);
  await read(100);
  t.same(await alarms(), []);
  await read(101);
  await read(150);
  const [alarm] = await alarms();
  t.match(alarm, {
    ...{
      state: 'open',
      severity: 'critical',
      message: { zh: '过载' },
      value: 101,
      deviceId,
      deviceName: '一号电表',
      count: 1,
    },
    rule: { source: 'profile', id: null, kind: 'threshold', property: 'power', op: 'gt', limit: 100 },
  });
  await read(95);
  t.match(await alarms(), [{ state: 'open' }]);
  await read(90);
  t.match(await alarms(), [{ state: 'cleared', clearedAt: /T/ }]);
  await read(101);
  t.match(await alarms(), [{ state: 'open' }, { state: 'cleared' }], 'a new one, open first');
  t.same(types(), ['alarm.raised', 'alarm.cleared', 'alarm.raised']);
  t.ok(cloud.published.some(({ type, deviceId: about }) => type === 'alarm.raised' && about === deviceId));
});

t.test('bad readings and backlog raise nothing', async (t) => {
  const { read, alarms, unit, deviceId, cloud } = await setup(t);
  await read(500, { power: 'bad' });
  const backlog = new TestStream(cloud.unit, 'backlog').append({
    kind: 'sample',
    at: cloud.clock.now(),
    deviceId,
    values: { power: 500 },
  });
  t.match(await unit.sendBatch(backlog, backlog.batch(1)), { result: 'committed' });
  t.same(await alarms(), []);
});

t.test('acknowledging, notes, history, rights and audit', async (t) => {
  const { read, alarms, owner, cloud } = await setup(t);
  await read(101);
  const [{ id }] = await alarms();
  const observer = await cloud.signInAs('observer');
  t.match(await observer.post(`/alarms/${id}/acknowledge`, {}), { status: 403 });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match(await stranger.post(`/alarms/${id}/acknowledge`, {}), { status: 404 });
  t.match(await stranger.get(`/alarms/${id}`), { status: 404 });
  t.match(await owner.post(`/alarms/${id}/acknowledge`, { note: '已派人' }), {
    ...{ status: 200, body: { state: 'acknowledged', acknowledgedBy: /owner/, note: '已派人' } },
  });
  t.match(await owner.post(`/alarms/${id}/acknowledge`, {}), { status: 409 });
  t.match(await owner.post(`/alarms/${id}/acknowledge`, { note: '修好了' }), { status: 200, body: { note: '修好了' } });
  await read(0);
  t.match((await owner.get(`/alarms/${id}`)).body, {
    state: 'cleared',
    steps: [
      { step: 'raised', value: 101 },
      { step: 'acknowledged', note: '已派人' },
      { step: 'noted' },
      { step: 'cleared', value: 0 },
    ],
  });
  t.match(await alarms('?state=acknowledged'), []);
  t.match(await alarms('?state=cleared'), [{ id }]);
  t.equal((await cloud.auditRows('alarm.acknowledged')).length, 1);
  t.equal((await cloud.auditRows('alarm.noted')).length, 1);
});

t.test('a device that is offline long enough; one that comes back in time raises nothing', async (t) => {
  const { presence, alarms, owner, pass } = await setup(t);
  await presence('offline', 'will');
  await pass(30_000);
  await presence('online', 'traffic');
  await pass(60_000);
  t.same(await alarms(), []);
  await presence('offline', 'poll_failed');
  await pass(60_000, async () => (await alarms()).length === 1);
  t.match(await alarms(), [
    { rule: { kind: 'device_offline', source: 'default', id: null }, severity: 'warning', state: 'open' },
  ]);
  t.match((await owner.get('/overview')).body.alarms, { warning: 1, critical: 0 });
  await presence('offline', 'silent');
  await pass(70_000);
  t.match(await alarms(), [{ count: 1 }], 'another reason is no other alarm');
  await presence('degraded', 'partial');
  t.match(await alarms(), [{ state: 'cleared' }]);
});

t.test('a unit that is away is an alarm; its devices are not', async (t) => {
  const { presence, unit, alarms, cloud, owner, events, live, pass } = await setup(t);
  await presence('offline', 'silent');
  unit.cut();
  await until(async () => (await owner.get(`/units/${cloud.unit.unitId}`)).body.presence === 'offline');
  await pass(120_000, async () => (await alarms()).length > 0);
  t.match(await alarms(), [{ rule: { kind: 'unit_offline' }, severity: 'critical', deviceId: null }]);
  t.equal((await alarms()).length, 1);
  const back = await cloud.connect();
  await back.hello([events, live]);
  t.match(await alarms('?state=cleared'), [{ rule: { kind: 'unit_offline' } }]);
});

t.test('events raise too, and retired devices are quiet', async (t) => {
  const { send, events, deviceId, alarms, cloud, read } = await setup(t);
  const at = cloud.clock.now();
  const opened = () => ({ kind: 'event', at, id: uuidv7(), deviceId, event: 'opened', severity: 'warning', data: {} });
  await send(events, opened(), opened());
  await read(101);
  t.match(await alarms(), [{ rule: { kind: 'threshold' } }, { rule: { kind: 'event', event: 'opened' }, count: 2 }]);
  await send(events, deviceRow(deviceId, 2, at, { state: 'retired' }));
  t.same(await alarms('?state=open'), []);
  await read(500);
  t.same(await alarms('?state=open'), [], 'what was still on its way raises nothing that nobody would end');
});

t.test('alarms go where their unit goes, and end with it', async (t) => {
  const { read, alarms, owner, cloud, unit } = await setup(t);
  const { unitId } = cloud.unit;
  const rule = { hallId: cloud.hallId, kind: 'threshold', property: 'power', op: 'gt', limit: 10, label: { zh: '高' } };
  t.equal((await owner.post('/alarm-rules', rule)).status, 201);
  await read(150);
  t.match(await alarms('?state=open'), { length: 2 });
  const manager = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.match((await manager.get('/alarms')).body, { items: { length: 0 } });
  t.equal((await owner.patch(`/units/${unitId}`, { hallId: cloud.otherHallId }, 1)).status, 200);
  t.match((await manager.get('/alarms?state=open')).body.items, [{ hallId: cloud.otherHallId, rule: { limit: 100 } }]);
  t.match(await alarms('?state=cleared'), [{ hallId: cloud.hallId, rule: { limit: 10 } }], 'its rule is out of reach');

  await unit.close();
  await until(async () => (await owner.get(`/units/${unitId}`)).body.presence === 'offline');
  t.equal((await owner.delete(`/units/${unitId}`, 2)).status, 204);
  t.same(await alarms('?state=open'), []);
  t.same((await cloud.db.ownerPool.query('SELECT 1 FROM alarm_watches')).rows, [], 'and nothing will be raised');
});

t.test('rules of a hall: made, checked, lasting, changed, switched off', async (t) => {
  const { read, alarms, owner, cloud, deviceId, pass } = await setup(t);
  const rule = {
    ...{ hallId: cloud.hallId, deviceId, kind: 'threshold', property: 'power', op: 'lt', limit: 5 },
    ...{ clearLimit: 6, forMs: 10_000, severity: 'notice', label: { zh: '功率过低' } },
  };
  t.match(await owner.post('/alarm-rules', { ...rule, clearLimit: 4 }), { status: 400 });
  t.match(await owner.post('/alarm-rules', { ...rule, property: null }), { status: 400 });
  t.match(await owner.post('/alarm-rules', { ...rule, deviceId: uuidv7() }), { status: 400 });
  const observer = await cloud.signInAs('observer');
  t.match(await observer.post('/alarm-rules', rule), { status: 403 });
  const made = await owner.post('/alarm-rules', rule);
  t.match(made.body, { propertyLabel: { zh: '功率' }, propertyUnit: 'W' }, 'named as the device’s profile names it');
  t.match(made, { status: 201, body: { version: 1, limit: 5, enabled: true } });

  await read(4);
  t.same(await alarms(), []);
  await pass(10_000, async () => (await alarms()).length === 1);
  t.match(await alarms(), [{ severity: 'notice', message: { zh: '功率过低' }, value: 4 }], 'without another reading');
  await read(6);
  t.match(await alarms(), [{ state: 'cleared' }]);
  await read(3);
  await pass(5_000);
  await read(7);
  await pass(20_000);
  t.match(await alarms(), [{ state: 'cleared' }], 'it did not last');

  t.match(await owner.patch(`/alarm-rules/${made.body.id}`, { forMs: 0 }, 9), { status: 412 });
  t.match(await owner.patch(`/alarm-rules/${made.body.id}`, { forMs: 0 }, 1), { status: 200, body: { version: 2 } });
  await read(1);
  t.match(await alarms('?state=open'), [{ severity: 'notice' }]);
  t.match(await owner.delete(`/alarm-rules/${made.body.id}`, 2), { status: 204 });
  t.same(await alarms('?state=open'), []);
  await read(0);
  t.same(await alarms('?state=open'), []);
  t.same((await owner.get('/alarm-rules')).body.items, []);

  const silenced = { hallId: cloud.hallId, kind: 'unit_offline', label: { zh: '不报' }, enabled: false };
  t.match(await owner.post('/alarm-rules', silenced), { status: 201 });
  t.same(
    (await cloud.auditRows()).map(({ action }) => action).filter((action) => action.startsWith('alarm_rule')),
    ['alarm_rule.created', 'alarm_rule.changed', 'alarm_rule.archived', 'alarm_rule.created'],
  );
});
