import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import t from 'tap';
import { bringUpDevice, deviceRow, startTestLink } from '../streams/test-link.js';
import { TestStream, until } from '../streams/testing.js';

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
