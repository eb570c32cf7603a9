import { uuidv7 } from '@hallhub/shared';
import { commandStates, isFinalCommandState, mayFollow, unitTopics } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { bringUpDevice, deviceRow, startTestLink } from '../streams/test-link.js';
import { until } from '../streams/testing.js';
import { resendMs, unheardMs } from './command-dispatcher.js';

t.setTimeout(180_000);

const setup = async (t: Parameters<typeof startTestLink>[0]) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const hall = await bringUpDevice(cloud);
  const topic = unitTopics.downCommand(cloud.unit.unitId);
  const received = () =>
    hall.unit.inbox.filter((one) => one.topic === topic).map(({ body }) => body as { id: string; type: string });
  const stateOf = async (id: string) => (await owner.get(`/commands/${id}`)).body;
  const issue = (input: object = { limit: 5 }, more: object = {}) =>
    owner.post(`/devices/${hall.deviceId}/commands`, { name: 'setLimit', input, ...more });
  return { ...hall, cloud, owner, received, stateOf, issue, topic };
};

t.test('a command goes down, and comes back step by step', async (t) => {
  const { issue, received, stateOf, send, events, deviceId, cloud } = await setup(t);
  const issued = await issue();
  t.match(issued, {
    status: 202,
    body: { state: /queued|sent/, label: { zh: '设限' }, input: { limit: 5 }, target: { deviceId } },
  });
  const [down] = await until(async () => received().length === 1 && received());
  t.match(down, {
    v: 1,
    type: 'command',
    id: issued.body.id,
    name: 'setLimit',
    target: { deviceId },
    remainingMs: 30_000,
  });
  t.match(await stateOf(issued.body.id), { state: 'sent' });
  const row = (state: string, more: object = {}) => ({
    kind: 'command',
    at: cloud.clock.now(),
    commandId: issued.body.id,
    state,
    ...more,
  });
  await send(events, row('received'), row('running'));
  t.match(await stateOf(issued.body.id), { state: 'running', finishedAt: null });
  await send(events, row('succeeded', { output: { limit: 5 } }), row('running'));
  t.match(await stateOf(issued.body.id), {
    state: 'succeeded',
    output: { limit: 5 },
    steps: [
      { state: 'queued' },
      { state: 'sent' },
      { state: 'received' },
      { state: 'running' },
      { state: 'succeeded' },
      { state: 'running', applied: false },
    ],
  });
  const states = cloud.published
    .filter(({ type }) => type === 'command.state')
    .map(({ data }) => (data as { state: string }).state);
  t.same(
    states,
    ['queued', 'sent', 'running', 'succeeded'].filter((state) => states.includes(state)),
  );
  t.equal((await cloud.auditRows('command.issued')).length, 1);
});

t.test('what does not fit the thing model never becomes a command', async (t) => {
  const { issue, owner, deviceId, cloud, events, send } = await setup(t);
  t.match(await issue({ limit: 101 }), { status: 400, body: { errors: [{ path: 'body.input.limit' }] } });
  t.match(await issue({ limit: 5, more: 1 }), { status: 400 });
  t.match(await issue({}), { status: 400 });
  t.match(await owner.post(`/devices/${deviceId}/commands`, { name: 'explode' }), { status: 415 });
  t.match(await owner.post(`/devices/${uuidv7()}/commands`, { name: 'setLimit', input: { limit: 1 } }), {
    status: 404,
  });
  const observer = await cloud.signInAs('observer');
  t.match(await observer.post(`/devices/${deviceId}/commands`, { name: 'setLimit', input: { limit: 1 } }), {
    status: 403,
  });
  await send(events, deviceRow(deviceId, 2, cloud.clock.now(), { state: 'retired' }));
  t.match(await issue(), { status: 409 });
  t.same((await owner.get('/commands')).body.items, []);
});

t.test('property.write goes to every device with a property to write, all values or none', async (t) => {
  const { owner, deviceId, received, cloud } = await setup(t);
  const write = (input: object) => owner.post(`/devices/${deviceId}/commands`, { name: 'property.write', input });
  t.match(await write({ values: { period: 61 } }), {
    status: 400,
    body: { errors: [{ path: 'body.input.values.period' }] },
  });
  t.match(await write({ values: { period: 5, power: 1 } }), {
    status: 400,
    body: { errors: [{ path: 'body.input.values.power', message: /read-only/ }] },
  });
  t.match(await write({ values: { other: 1 } }), {
    status: 400,
    body: { errors: [{ path: 'body.input.values.other' }] },
  });
  t.match(await write({ values: {} }), { status: 400, body: { errors: [{ path: 'body.input.values' }] } });
  t.match(await write({ period: 5 }), { status: 400 });
  const issued = await write({ values: { period: 5 } });
  t.match(issued, {
    status: 202,
    body: { name: 'property.write', label: { zh: '写入设置' }, input: { values: { period: 5 } } },
  });
  const [down] = await until(async () => received().length === 1 && received());
  t.match(down, { id: issued.body.id, name: 'property.write', input: { values: { period: 5 } }, target: { deviceId } });
  const [row] = await cloud.auditRows('command.issued');
  t.match(JSON.stringify(row), '"values":{"period":5}');
});

t.test('a unit that is away gets its commands when it says hello; nothing is queued by the broker', async (t) => {
  const { issue, unit, stateOf, cloud, events, live, owner } = await setup(t);
  await unit.close();
  await until(async () => (await owner.get(`/units/${cloud.unit.unitId}`)).body.presence === 'offline');
  const issued = await issue({ limit: 1 }, { deadlineMs: 600_000 });
  await cloud.clock.advance(2_000);
  t.match(await stateOf(issued.body.id), { state: 'queued' });
  const back = await cloud.connect();
  await back.hello([events, live]);
  t.match(await back.next(unitTopics.downCommand(cloud.unit.unitId)), { id: issued.body.id, remainingMs: 598_000 });
  const again = await cloud.connect();
  const from = again.inbox.length;
  await again.hello([events, live]);
  await cloud.clock.advance(100);
  t.match(
    await again.next(unitTopics.downCommand(cloud.unit.unitId), from),
    { id: issued.body.id },
    'not confirmed: it goes again',
  );
  t.match(await stateOf(issued.body.id), { state: 'sent' });
});

t.test('sent again until received; then no more', async (t) => {
  const { issue, received, cloud, send, events } = await setup(t);
  const issued = await issue({ limit: 1 }, { deadlineMs: 600_000 });
  await until(async () => received().length === 1);
  await cloud.clock.advance(resendMs + 1_100);
  await until(async () => received().length === 2);
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: issued.body.id, state: 'received' });
  await cloud.clock.advance(3 * resendMs);
  await send(events, { kind: 'fault', at: cloud.clock.now(), code: 'x', message: 'x' });
  t.equal(received().length, 2);
});

t.test('nothing is in progress for ever', async (t) => {
  const { issue, stateOf, cloud, unit, send, events, received, owner } = await setup(t);
  const sent = await issue();
  await until(async () => received().length === 1);
  await cloud.clock.advance(30_000 + unheardMs + 2_000);
  await until(async () => (await stateOf(sent.body.id)).state === 'unknown');
  t.match(await stateOf(sent.body.id), { provisional: true });
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: sent.body.id, state: 'running' });
  t.match(await stateOf(sent.body.id), { state: 'unknown' }, 'only an end replaces a provisional end');
  await send(events, {
    kind: 'command',
    at: cloud.clock.now(),
    commandId: sent.body.id,
    state: 'failed',
    error: { code: 'x', message: 'y' },
  });
  t.match(await stateOf(sent.body.id), { state: 'failed', provisional: false, error: { code: 'x' } });

  await unit.close();
  await until(async () => (await owner.get(`/units/${cloud.unit.unitId}`)).body.presence === 'offline');
  const queued = await issue();
  await cloud.clock.advance(32_000);
  await until(async () => (await stateOf(queued.body.id)).state === 'expired');
  t.match(await stateOf(queued.body.id), { provisional: false, finishedAt: /T/ });
});

t.test('taking back: at once while queued, by asking the unit after that', async (t) => {
  const { issue, stateOf, cloud, unit, owner, received, send, events } = await setup(t);
  const sent = await issue({ limit: 1 }, { deadlineMs: 600_000 });
  await until(async () => received().length === 1);
  t.match(await owner.post(`/commands/${sent.body.id}/cancel`), {
    status: 200,
    body: { state: 'sent', cancelAskedAt: /T/ },
  });
  await until(async () => received().some(({ type }) => type === 'cancel'));
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: sent.body.id, state: 'cancelled' });
  t.match(await stateOf(sent.body.id), { state: 'cancelled' });
  t.match(await owner.post(`/commands/${sent.body.id}/cancel`), { status: 409 });

  await unit.close();
  await until(async () => (await owner.get(`/units/${cloud.unit.unitId}`)).body.presence === 'offline');
  const queued = await issue();
  t.match(await owner.post(`/commands/${queued.body.id}/cancel`), { status: 200, body: { state: 'cancelled' } });
  t.equal((await cloud.auditRows('command.cancelled')).length, 1);
  t.equal((await cloud.auditRows('command.cancel_asked')).length, 1);
});

t.test('rows about commands of other units go aside', async (t) => {
  const { send, events, cloud, owner } = await setup(t);
  await send(events, { kind: 'command', at: cloud.clock.now(), commandId: uuidv7(), state: 'succeeded' });
  t.match((await owner.get(`/units/${cloud.unit.unitId}/aside`)).body.items, [{ reason: 'unknown_command' }]);
});

t.test('whatever order rows come in, the ledger moves as the contract says', async (t) => {
  const { issue, stateOf, cloud, send, events, received } = await setup(t);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...commandStates), { minLength: 1, maxLength: 5 }), async (states) => {
      const before = received().length;
      const { id } = (await issue({ limit: 1 }, { deadlineMs: 600_000 })).body;
      await until(async () => received().length > before);
      await send(events, ...states.map((state) => ({ kind: 'command', at: cloud.clock.now(), commandId: id, state })));
      let expected: (typeof commandStates)[number] = 'sent';
      for (const state of states) if (mayFollow({ state: expected }, state)) expected = state;
      const shown = await stateOf(id);
      // Until the unit has it, the next one for that device waits.
      await send(events, { kind: 'command', at: cloud.clock.now(), commandId: id, state: 'received' });
      return shown.state === expected && (shown.finishedAt !== null) === isFinalCommandState(expected);
    }),
    { numRuns: 25 },
  );
  t.pass();
});
