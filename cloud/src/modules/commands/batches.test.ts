import { randomBytes } from 'node:crypto';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import t from 'tap';
import { bringUpDevice, deviceRow, startTestLink } from '../streams/test-link.js';
import { TestStream, until } from '../streams/testing.js';

t.setTimeout(180_000);

/** As enrolling with a code for other hardware leaves it; from then on nobody connects by secret. */
const replaceCertificate = async ({ db, clock, tenantId, unit }: Awaited<ReturnType<typeof startTestLink>>) => {
  const ca = uuidv7();
  await clock.advance(1_000);
  const now = new Date(clock.now());
  const [key, other] = [randomBytes(32), randomBytes(32)];
  await db.ownerPool.query(
    `INSERT INTO ca_keys (id, state, name, certificate, fingerprint, not_before, not_after, made_at) VALUES ($1, 'retired', 'CA', '', $3, $2, $2, $2)`,
    [ca, now, key],
  );
  await db.ownerPool.query(
    `INSERT INTO unit_certificates (id, tenant_id, unit_id, ca_id, serial, fingerprint, key_hash, certificate, not_before, not_after, issued_at, issued_by)
     VALUES ($1, $2, $3, $4, $6, $7, $8, '', $5, $5, $5, 'replaced')`,
    [uuidv7(), tenantId, unit.unitId, ca, now, key.toString('hex').slice(0, 32), key, other],
  );
};

const setup = async (t: Parameters<typeof startTestLink>[0]) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const hall = await bringUpDevice(cloud);
  const more = [uuidv7(), uuidv7(), uuidv7()];
  await hall.send(hall.events, ...more.map((id) => deviceRow(id, 1, cloud.clock.now())));
  const topic = unitTopics.downCommand(cloud.unit.unitId);
  const received = () =>
    hall.unit.inbox.filter((one) => one.topic === topic).map(({ body }) => body as { id: string; type: string });
  const batch = (targets: object, input: object = { limit: 5 }) =>
    owner.post('/command-batches', { name: 'setLimit', input, targets });
  return { ...hall, cloud, owner, devices: [hall.deviceId, ...more], received, batch };
};

t.test('one row a device, what cannot go is named, progress is counted, the rest is taken back', async (t) => {
  const { cloud, owner, devices, batch, received, send, events } = await setup(t);
  const nobody = uuidv7();
  await send(events, deviceRow(devices[3]!, 2, cloud.clock.now(), { state: 'retired' }));
  const made = await batch({ deviceIds: [...devices, nobody] });
  t.match(made, {
    status: 202,
    body: {
      total: 3,
      finished: 0,
      label: { zh: '设限' },
      skipped: [
        { deviceId: nobody, reason: 'not_found' },
        { deviceId: devices[3], reason: 'not_active' },
      ],
    },
  });
  await until(async () => received().length === 3);
  const list = await owner.get(`/commands?batchId=${made.body.id}`);
  t.equal(list.body.items.length, 3);
  const [first] = list.body.items;
  const row = (state: string) => ({ kind: 'command', at: cloud.clock.now(), commandId: first.id, state });
  await send(events, row('received'), row('running'), row('succeeded'));
  const cancelled = await owner.post(`/command-batches/${made.body.id}/cancel`);
  t.match(cancelled, { status: 200, body: { finished: 1, states: { succeeded: 1, sent: 2 } } });
  await until(async () => received().filter(({ type }) => type === 'cancel').length === 2);
  t.match(await owner.post(`/command-batches/${made.body.id}/cancel`), { status: 409 });
  t.match((await owner.get('/command-batches')).body.items, [{ id: made.body.id }]);
  t.match(await cloud.auditRows('command_batch.issued'), [{ hallId: cloud.hallId, after: { name: 'setLimit' } }]);
  t.equal((await cloud.auditRows('command_batch.cancelled')).length, 1);
});

t.test('by filter, within the right over each hall, and nothing where nothing fits', async (t) => {
  const { cloud, batch, devices, owner } = await setup(t);
  t.match(await batch({ filter: { profileId: 'acme/meter-1' } }), { status: 202, body: { total: 4, skipped: [] } });
  t.match(await batch({ filter: { hallId: cloud.otherHallId } }), { status: 400 });
  t.match(await batch({ filter: {} }), { status: 400 });
  t.match(await batch({ deviceIds: devices }, { limit: 101 }), { status: 400 });
  const reader = await cloud.signInAs('owner', { hallIds: [cloud.otherHallId] });
  const foreign = { name: 'setLimit', input: { limit: 5 }, targets: { deviceIds: devices } };
  t.match(await reader.post('/command-batches', foreign), { status: 400 });
  t.match((await reader.get('/command-batches')).body.items, []);
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match(await stranger.get(`/command-batches/${(await owner.get('/command-batches')).body.items[0].id}`), {
    status: 404,
  });
});

t.test(
  'a unit whose inbox is another one: what had left is unknown, never sent twice, and the truth may still come',
  async (t) => {
    const { cloud, owner, unit, events, deviceId, received, send } = await setup(t);
    const issued = await owner.post(`/devices/${deviceId}/commands`, { name: 'setLimit', input: { limit: 5 } });
    await until(async () => received().length === 1);
    unit.cut();
    // Its disk is of an earlier time: fewer rows than the cloud has committed.
    const back = await cloud.connect();
    await back.hello([], {
      streams: [{ lane: 'events', epoch: events.epoch, oldest: 0, head: 1 }],
    });
    const state = async () => (await owner.get(`/commands/${issued.body.id}`)).body;
    t.match(await state(), { state: 'unknown', provisional: true, error: { code: 'inbox_lost' } });
    const queued = await owner.post(`/devices/${deviceId}/commands`, { name: 'setLimit', input: { limit: 6 } });
    const ids = () => back.inbox.map(({ body }) => (body as { id?: string }).id).filter((id) => id !== undefined);
    await until(async () => ids().includes(queued.body.id));
    t.notOk(ids().includes(issued.body.id), 'it is not sent again');
    const again = new TestStream(cloud.unit, 'events', '00000000000000b2');
    again.append({ kind: 'command', at: cloud.clock.now(), commandId: issued.body.id, state: 'succeeded' });
    await back.sendBatch(again, again.batch(1));
    t.match(await state(), { state: 'succeeded', error: null });
    t.ok(send);
  },
);

t.test('other hardware takes over: what had left is unknown, what waits follows, the old streams end', async (t) => {
  const { cloud, owner, unit, events, deviceId, received, send } = await setup(t);
  const issue = async (limit: number) =>
    (await owner.post(`/devices/${deviceId}/commands`, { name: 'setLimit', input: { limit } })).body.id as string;
  const stateOf = async (id: string) => (await owner.get(`/commands/${id}`)).body;
  const [sent, running] = [await issue(1), await issue(2)];
  await until(async () => received().length > 0);
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: sent, state: 'received' });
  await until(async () => received().length > 1);
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: running, state: 'running' });
  unit.cut();
  await until(async () => (await owner.get(`/units/${cloud.unit.unitId}`)).body.presence === 'offline');
  const waiting = await issue(3);

  const lanes = ['events', 'live', 'manifest', 'backlog'] as const;
  const fresh = (epoch: string) => ({ streams: lanes.map((lane) => ({ lane, epoch, oldest: 1, head: 0 })) });
  const closed = async () =>
    (
      await cloud.db.ownerPool.query('SELECT epoch FROM streams WHERE closed_at IS NOT NULL AND unit_id = $1', [
        cloud.unit.unitId,
      ])
    ).rows.map(({ epoch }) => epoch as string);
  const box = await cloud.connect();
  await replaceCertificate(cloud);
  await box.hello([], fresh('00000000000000b2'));
  t.match(await stateOf(sent), { state: 'unknown', provisional: true, error: { code: 'inbox_lost' } });
  t.match(await stateOf(running), { state: 'unknown', provisional: true, error: { code: 'inbox_lost' } });
  const ids = () => box.inbox.map(({ body }) => (body as { id?: string }).id).filter((id) => id !== undefined);
  await until(async () => ids().includes(waiting));
  t.same([...new Set(ids())], [waiting], 'nothing is sent to the new box that the old one had');
  t.ok((await closed()).includes(events.epoch));
  t.notOk((await closed()).includes('00000000000000b2'));
  const gaps = await owner.get(`/units/${cloud.unit.unitId}/gaps`);
  t.match(gaps.body.items, [{ lane: 'events', reason: 'replaced', previousEpoch: events.epoch }]);

  // Its line breaks before it has sent a row: it is known, and what it was sent is still on it.
  await box.hello([], fresh('00000000000000b2'));
  t.match(await stateOf(waiting), { state: 'sent' });
});

t.test('the same box with a new certificate keeps its streams and its commands', async (t) => {
  const { cloud, owner, unit, events, deviceId, received } = await setup(t);
  const issued = await owner.post(`/devices/${deviceId}/commands`, { name: 'setLimit', input: { limit: 5 } });
  await until(async () => received().length === 1);
  unit.cut();
  const back = await cloud.connect();
  await replaceCertificate(cloud);
  const answer = await back.hello([events]);
  t.match((await owner.get(`/commands/${issued.body.id}`)).body, { state: 'sent' });
  t.match(answer.streams, [{ epoch: events.epoch, chain: events.chainAt(events.head) }]);
});
