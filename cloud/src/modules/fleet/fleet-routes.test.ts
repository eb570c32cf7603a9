import { uuidv7 } from '@hallhub/shared';
import { profileHash } from '@hallhub/shared/profile';
import { unitTopics } from '@hallhub/shared/wire';
import t from 'tap';
import { bringUpDevice, deviceRow, startTestLink, testProfile } from '../streams/test-link.js';
import { TestStream, TestUnit, until } from '../streams/testing.js';

t.setTimeout(180_000);

t.test('a unit is enrolled, shown, changed, given a new secret and archived', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const made = await owner.post('/units', { name: '二号单元', hallId: cloud.hallId });
  t.match(made, {
    status: 201,
    body: { unit: { name: '二号单元', state: 'new', presence: 'offline' }, secret: /^.{72}$/ },
  });
  const link = async () =>
    (await owner.get('/overview')).body.uplinks.find((one: { unitId: string }) => one.unitId === made.body.unit.id);
  t.match(await link(), { state: 'new', presence: 'offline' });
  const { unit, secret } = made.body;
  const connected = await cloud.connect({ unitId: unit.id, secret });
  await connected.hello();
  await connected.heartbeat();
  await cloud.clock.advance(1_000);
  const shown = await until(async () => {
    const { body, headers } = await owner.get(`/units/${unit.id}`);
    return body.runwayMs !== null && { ...body, etag: headers.get('etag') };
  });
  t.match(await link(), { state: 'active', presence: 'online' });
  t.match(shown, { state: 'active', presence: 'online', software: '0.1.0-test', runwayMs: 86_400_000, etag: '"1"' });

  t.match(await owner.patch(`/units/${unit.id}`, { name: '新名' }, 7), { status: 412 });
  t.match(await owner.patch(`/units/${unit.id}`, { name: '新名' }, 1), {
    status: 200,
    body: { name: '新名', version: 2 },
  });
  const at = cloud.clock.now();
  for (const [hoursAgo, kind, stored] of [
    [0, 'quarantine', 3],
    [20, 'quarantine', 4],
    [30, 'quarantine', 50],
    [0, 'value', 700],
  ] as const) {
    await cloud.db.ownerPool.query(
      `INSERT INTO proof_tallies (tenant_id, unit_id, kind, hour, stored) VALUES ($1, $2, $3, date_trunc('hour', $4::timestamptz), $5)`,
      [cloud.tenantId, unit.id, kind, new Date(at - hoursAgo * 3_600_000), stored],
    );
  }
  t.match((await owner.get(`/units/${unit.id}`)).body, { quarantinedValues24h: 7 }, 'of the last day');

  t.match((await owner.get('/units?q=新')).body.items, [{ id: unit.id }]);
  t.match((await owner.get('/units?limit=1')).body, { items: { length: 1 }, nextCursor: /./ });
  const second = await owner.get(`/units?limit=1&cursor=${(await owner.get('/units?limit=1')).body.nextCursor}`);
  t.match(second.body, { items: { length: 1 }, nextCursor: null });

  const renewed = await owner.post(`/units/${unit.id}/secret`);
  t.match(renewed, { status: 200, body: { secret: /^.{72}$/ } });
  await until(async () => !connected.client.connected);
  await t.rejects(TestUnit.connect(cloud.url, { unitId: unit.id, secret }), /Bad|Not authorized|refused/i);
  const again = await cloud.connect({ unitId: unit.id, secret: renewed.body.secret });

  const version = (await owner.get(`/units/${unit.id}`)).body.version;
  t.match(await owner.delete(`/units/${unit.id}`, version), { status: 204 });
  await until(async () => !again.client.connected);
  await t.rejects(cloud.connect({ unitId: unit.id, secret: renewed.body.secret }));
  t.match((await owner.get(`/units/${unit.id}`)).body, { state: 'archived' });
  t.same(
    (await cloud.auditRows()).map(({ action }) => action).filter((action) => action.startsWith('unit.')),
    ['unit.created', 'unit.created', 'unit.changed', 'unit.secret_reissued', 'unit.archived'],
  );
});

t.test('who may see and do what', async (t) => {
  const cloud = await startTestLink(t);
  const { deviceId } = await bringUpDevice(cloud);
  const observer = await cloud.signInAs('observer');
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  const { unitId } = cloud.unit;

  t.match(await observer.get(`/units/${unitId}`), { status: 200 });
  t.match(await observer.post('/units', { name: 'x', hallId: cloud.hallId }), { status: 403 });
  t.match(await observer.post(`/devices/${deviceId}/retire`), { status: 403 });
  for (const path of [
    `/units/${unitId}`,
    `/units/${unitId}/seals`,
    `/units/${unitId}/aside`,
    `/devices/${deviceId}`,
    `/devices/${deviceId}/values`,
    `/devices/${deviceId}/presence`,
  ]) {
    t.equal((await stranger.get(path)).status, 404, `${path} of another organisation`);
    t.equal((await elsewhere.get(path)).status, 404, `${path} of another hall`);
  }
  t.same((await stranger.get('/devices')).body.items, []);
  t.same((await elsewhere.get('/devices')).body.items, []);
  t.equal((await stranger.get(`/profiles/${profileHash(testProfile)}`)).status, 404);
  t.equal((await stranger.post('/units', { name: 'x', hallId: cloud.hallId })).status, 400);
});

t.test('a device page: thing model, values, history, presence, and honest staleness', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const { unit, deviceId, live, events, send } = await bringUpDevice(cloud);
  const at = cloud.clock.now();
  await send(live, { kind: 'sample', at, deviceId, values: { power: 42.5, text: '好' } });
  await send(events, {
    ...{ kind: 'event', at, id: uuidv7(), deviceId, event: 'opened', severity: 'warning', data: { by: 'x' } },
  });

  const page = await owner.get(`/devices/${deviceId}`);
  t.match(page, {
    status: 200,
    body: {
      ...{ name: '一号电表', presence: 'online', stale: false, classLabel: { zh: '计量表' } },
      profileLabel: { zh: '样机电表', en: 'Sample meter' },
      profileHash: /^[0-9a-f]{64}$/,
      thing: { properties: [{ id: 'power' }, { id: 'text' }] },
      primary: [{ property: 'power', value: 42.5, unit: 'W' }],
      values: [
        { property: 'power', value: 42.5, quality: 'good' },
        { property: 'text', value: '好' },
      ],
      presenceEvidence: [{ check: 'traffic', ok: true }],
    },
  });
  const iso = (ms: number) => new Date(ms).toISOString();
  const history = await owner.get(
    `/devices/${deviceId}/history?property=power&from=${iso(at - 60_000)}&to=${iso(at + 60_000)}`,
  );
  t.match(history.body, { resolution: 'raw', points: [{ value: 42.5 }], gaps: [] });
  t.match((await owner.get('/devices?q=电表')).body.items, [{ id: deviceId }]);
  t.same((await owner.get('/devices?state=quarantined')).body.items, []);
  t.match((await owner.get('/events')).body.items, [
    { event: 'opened', label: { zh: '开盖' }, deviceName: '一号电表' },
  ]);
  t.match((await owner.get(`/devices/${deviceId}/presence`)).body.items, [{ state: 'online', reason: 'joined' }]);
  t.match((await owner.get(`/profiles/${profileHash(testProfile)}`)).body, {
    profileId: 'acme/meter-1',
    readable: true,
  });
  t.match((await owner.get('/device-models')).body.items, [
    {
      ...{ profileId: 'acme/meter-1', devices: 1, online: 1, versions: 1, deviceClass: 'meter' },
      ...{ label: { zh: '样机电表' }, protocols: ['mqtt'], properties: 3, events: 1, commands: 1 },
    },
  ]);
  t.match((await owner.get(`/device-models?hallId=${cloud.otherHallId}`)).body.items, [{ devices: 0 }]);
  t.match((await owner.get('/overview')).body, {
    units: { online: 1, total: 1 },
    devices: { online: 1, stale: 0, total: 1 },
    latestEvents: { length: 1 },
  });
  const { messages } = (await owner.get('/overview')).body;
  t.equal(messages.length, 60);
  t.equal(
    messages.reduce((sum: number, one: { count: number }) => sum + one.count, 0),
    5,
  );

  unit.cut();
  await until(async () => (await owner.get(`/devices/${deviceId}`)).body.stale === true);
  t.match((await owner.get(`/devices/${deviceId}`)).body, { presence: 'online', stale: true, staleSince: /T/ });
  t.match((await owner.get('/devices?presence=stale')).body.items, [{ id: deviceId }]);
  t.match((await owner.get('/overview')).body.devices, { online: 0, stale: 1, offline: 0 });
});

t.test('a quarantined device is approved by a command to its unit', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const { unit, send, events } = await bringUpDevice(cloud);
  const deviceId = uuidv7();
  const at = cloud.clock.now();
  await send(
    events,
    deviceRow(deviceId, 1, at, { state: 'quarantined', name: undefined, profile: undefined, reason: 'no profile' }),
  );
  t.match((await owner.get('/devices?state=quarantined')).body.items, [{ id: deviceId, name: /meter-1 S-/ }]);
  t.match(await owner.post(`/devices/${deviceId}/approve`, { counterId: uuidv7() }), { status: 400 });

  const ordered = await owner.post(`/devices/${deviceId}/approve`, { name: '门口电表' });
  t.match(ordered, {
    status: 202,
    body: { name: 'device.approve', label: { zh: '批准设备' }, target: { unit: true } },
  });
  const down = (await unit.next(unitTopics.downCommand(cloud.unit.unitId))) as { id: string };
  t.match(down, { type: 'command', target: { unit: true }, input: { deviceId, name: '门口电表' } });
  await send(
    events,
    { kind: 'command', at, commandId: down.id, state: 'succeeded' },
    deviceRow(deviceId, 2, at, { name: '门口电表' }),
  );
  t.match((await owner.get(`/commands/${down.id}`)).body, {
    state: 'succeeded',
    steps: [{ state: 'queued' }, { state: 'sent' }, { state: 'succeeded', source: 'unit' }],
  });
  t.match((await owner.get(`/devices/${deviceId}`)).body, { name: '门口电表', state: 'active', revision: 2 });
  t.match(await owner.post(`/devices/${deviceId}/approve`, {}), { status: 409 });
  const named = await owner.patch(
    `/devices/${deviceId}`,
    { name: '新' },
    (await owner.get(`/devices/${deviceId}`)).body.version,
  );
  t.match(named, { status: 202, body: { command: { name: 'device.update' } } });

  const policy = await owner.put(`/units/${cloud.unit.unitId}/join-policy`, { policy: 'approve' });
  t.match(policy, { status: 202 });
  await send(events, { kind: 'command', at, commandId: policy.body.id, state: 'succeeded' });
  t.match((await owner.get(`/units/${cloud.unit.unitId}`)).body.joinPolicy, { policy: 'approve', until: null });
  t.equal((await cloud.auditRows('command.issued')).length, 3);
});

t.test('a unit that moves takes its devices along', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const { deviceId } = await bringUpDevice(cloud);
  const { unitId } = cloud.unit;
  t.match(
    await owner.delete(`/places/${cloud.hallId}`, 1),
    { status: 409, body: { context: { reason: 'has_units' } } },
    'nobody would see the unit any more',
  );
  const moved = await owner.patch(`/units/${unitId}`, { hallId: cloud.otherHallId }, 1);
  t.match(moved, { status: 200, body: { hallId: cloud.otherHallId } });
  t.match((await owner.get(`/devices/${deviceId}`)).body, { hallId: cloud.otherHallId });
  t.equal((await owner.delete(`/places/${cloud.hallId}`, 1)).status, 200);
});

t.test('both ends of the seals, gaps and what went aside', async (t) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const { unit, deviceId, send, events } = await bringUpDevice(cloud);
  const { unitId } = cloud.unit;
  const hour = 3_600_000;
  const at = cloud.clock.now() - (cloud.clock.now() % hour) - hour;
  const live = new TestStream(cloud.unit, 'live', '00000000000000b2');
  for (let i = 0; i < 6; i++) live.append({ kind: 'sample', at: at + i, deviceId, values: { power: i } });
  t.match(await unit.sendBatch(live, live.batch(1, 2, { hour: at })), { result: 'committed' });
  t.match(await unit.sendBatch(live, live.gap(3, 4)), { result: 'committed', cursor: 4 });
  t.match(await unit.sendBatch(live, live.batch(5, 2, { hour: at + hour })), { result: 'committed', cursor: 6 });
  const seal = { kind: 'seal', at: cloud.clock.now(), lane: 'live', epoch: live.epoch };
  await send(
    events,
    { ...seal, hour: at, firstSeq: 1, lastSeq: 2, count: 2, chain: live.chainAt(2) },
    { ...seal, hour: at + hour, firstSeq: 3, lastSeq: 6, count: 4, chain: live.chainAt(6) },
    { ...seal, hour: at - hour, lane: 'backlog', firstSeq: 1, lastSeq: 9, count: 9, chain: live.chainAt(1) },
    { kind: 'nonsense', at: 1 },
  );
  const seals = (await owner.get(`/units/${unitId}/seals`)).body.items.filter(
    (one: { epoch: string }) => one.epoch === live.epoch,
  );
  t.match(seals, [
    { equal: false, missing: 2, unit: { count: 4 }, cloud: { count: 2, lastSeq: 6 } },
    { equal: true, missing: 0, unit: { count: 2, chain: live.chainAt(2) } },
    { equal: null, cloud: null },
  ]);
  t.match((await owner.get(`/units/${unitId}/gaps`)).body.items, [
    { reason: 'thinned', fromSeq: 3, toSeq: 4, count: 2 },
  ]);
  t.match((await owner.get(`/units/${unitId}/aside`)).body.items, [
    { reason: 'unknown_kind', kind: 'nonsense', text: '{"kind":"nonsense","at":1}' },
  ]);
  t.match((await owner.get(`/units/${unitId}`)).body.streams, [
    { lane: 'events', aside: 1 },
    { lane: 'live', gaps: 1, cursor: 6 },
  ]);
});
