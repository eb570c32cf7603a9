import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { startTestApp, testOrigin } from '../../http/testing.js';
import { systemActor, userActor } from '../access/actor.js';
import type { Right } from '../access/rights.js';
import { accessChanged } from './access-changed.js';
import { inProcessLiveBus } from './in-process-live-bus.js';
import { mayReceive } from './live-filter.js';
import type { LiveEvent } from './live-port.js';
import { heartbeatMs, type LiveCloseReason, liveStream, maxWaitingBytes } from './live-stream.js';

const tenantId = '00000000-0000-7000-8000-000000000001';
const hallId = '00000000-0000-7000-8000-0000000000a1';
const event = (given: Partial<LiveEvent> = {}): LiveEvent => ({
  tenantId,
  hallId,
  topic: 'devices',
  type: 'device.changed',
  data: { deviceId: 'd1' },
  ...given,
});

const start = (options: { refresh?: () => Promise<ReturnType<typeof systemActor> | null> } = {}) => {
  const clock = new ManualClock();
  const bus = inProcessLiveBus({ clock });
  const stop = new AbortController();
  const reasons: LiveCloseReason[] = [];
  const actor = systemActor(tenantId);
  const stream = liveStream({
    bus,
    clock,
    actor,
    subscription: { topics: new Set(['devices', 'alarms']) },
    refresh: options.refresh ?? (async () => actor),
    onClose: (reason) => reasons.push(reason),
    signal: stop.signal,
  });
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? null : decoder.decode(value);
  };
  return { clock, bus, stop, reasons, reader, next };
};

t.test('hello, then what was asked for, then a comment every 15 s', async (t) => {
  const { bus, clock, next, reader, reasons } = start();
  t.match(await next(), /^event: hello\ndata: {"serverTime":"2026-01-01T00:00:00.000Z"}\n\n$/);
  bus.publish(event({ topic: 'units' }));
  bus.publish(event({ tenantId: 'another' }));
  bus.publish(event());
  t.equal(
    await next(),
    'event: device.changed\ndata: {"topic":"devices","type":"device.changed","at":"2026-01-01T00:00:00.000Z","data":{"deviceId":"d1"}}\n\n',
  );
  await clock.advance(heartbeatMs);
  t.match(await next(), /^: /);
  await clock.advance(heartbeatMs);
  t.match(await next(), /^: /);
  await reader.cancel();
  t.same(reasons, ['left']);
  bus.publish(event());
});

t.test('a reader that does not read is dropped at the bound, and its neighbour hears everything', async (t) => {
  const { bus, reasons, reader } = start();
  let heard = 0;
  bus.subscribe(tenantId, () => {
    heard += 1;
  });
  const big = 'x'.repeat(10_000);
  const count = Math.ceil(maxWaitingBytes / big.length) + 5;
  for (let i = 0; i < count; i++) bus.publish(event({ data: big }));
  t.same(reasons, ['slow']);
  t.equal(heard, count);
  await t.rejects(
    (async () => {
      for (;;) if ((await reader.read()).done) return;
    })(),
  );
});

t.test('the stream ends with its session, and with the server', async (t) => {
  let actor: ReturnType<typeof systemActor> | null = systemActor(tenantId);
  const ending = start({ refresh: async () => actor });
  await ending.next();
  actor = null;
  await ending.clock.advance(heartbeatMs);
  t.equal(await ending.next(), null);
  t.same(ending.reasons, ['ended']);

  const stopped = start();
  await stopped.next();
  stopped.stop.abort();
  t.equal(await stopped.next(), null);
  t.same(stopped.reasons, ['stopped']);
});

t.test('a database that is away for a moment does not end the stream', async (t) => {
  const { clock, next, reasons } = start({ refresh: () => Promise.reject(new Error('away')) });
  await next();
  await clock.advance(heartbeatMs);
  t.match(await next(), /^: /);
  t.same(reasons, []);
});

t.test('the filter: topic, hall, device, right at the hall', async (t) => {
  const reach = { all: false, regionIds: new Set<string>(), hallIds: new Set([hallId]) };
  const actor = userActor({
    userId: 'u',
    userName: 'u',
    tenantId,
    mustChangePassword: false,
    reaches: new Map<Right, typeof reach>([['device.read', reach]]),
  });
  const topics = new Set(['devices', 'alarms'] as const);
  t.ok(mayReceive(actor, { topics }, event()));
  t.ok(mayReceive(actor, { topics }, event({ hallId: null })), 'the tenant’s own news');
  t.notOk(mayReceive(actor, { topics }, event({ hallId: 'elsewhere' })));
  t.notOk(mayReceive(actor, { topics }, event({ topic: 'alarms' })), 'no right to alarms');
  t.notOk(mayReceive(actor, { topics }, event({ topic: 'units' })), 'did not ask for units');
  t.notOk(mayReceive(actor, { topics, hallId: 'elsewhere' }, event()));
  t.ok(mayReceive(actor, { topics, deviceId: 'd1' }, event({ deviceId: 'd1' })));
  t.notOk(mayReceive(actor, { topics, deviceId: 'd2' }, event({ deviceId: 'd1' })));
  t.ok(mayReceive(actor, { topics }, event({ personIds: ['u2', 'u'] })));
  t.notOk(mayReceive(actor, { topics }, event({ personIds: ['u2'] })), 'what is for others alone');
  t.notOk(mayReceive(systemActor(tenantId), { topics }, event({ personIds: ['u'] })), 'a key is nobody');
});

t.test('a listener that throws is reported and stops nobody', async (t) => {
  const errors: unknown[] = [];
  const bus = inProcessLiveBus({ onError: (error) => errors.push(error) });
  let heard = 0;
  bus.subscribe(tenantId, () => {
    throw new Error('bad');
  });
  const unsubscribe = bus.subscribe(tenantId, () => {
    heard += 1;
  });
  bus.publish(event());
  unsubscribe();
  bus.publish(event());
  t.equal(heard, 1);
  t.equal(errors.length, 2);
});

t.test('where something may have been missed the browser is told to fetch again, once for many', async (t) => {
  const { bus, clock, next, reader } = start();
  await next();
  bus.gap();
  bus.gap(tenantId);
  bus.gap('another');
  await clock.advance(500);
  t.match(await next(), /^event: refetch\ndata: {"topic":"overview","type":"refetch",/);
  bus.publish(event());
  t.match(await next(), /^event: device.changed/);
  await reader.cancel();
});

t.test('over HTTP: streams are counted and bounded, and a HEAD opens none', async (t) => {
  const app = await startTestApp(t);
  const { cookie } = await app.signInAs('observer');
  const ask = (method = 'GET') =>
    app.app.request(`${testOrigin}/api/v1/live?topics=devices`, { method, headers: { cookie } });
  t.equal((await ask('HEAD')).status, 200);
  t.match(await app.metrics.render(), /hallhub_live_streams 0/);
  const open = await Promise.all(Array.from({ length: 30 }, () => ask()));
  t.equal((await ask()).status, 429);
  await open[0]?.body?.cancel();
  const again = await ask();
  t.equal(again.status, 200);
  for (const response of [...open.slice(1), again]) await response.body?.cancel();
  t.match(await app.metrics.render(), /hallhub_live_streams 0/);
});

t.test('over HTTP: only what the person’s grants reach, and today’s grants count', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const manager = await app.signInAs('hall-manager', { hallIds: [app.hallId] });
  t.match(await manager.get('/live?topics=everything'), { status: 400 });
  const response = await app.app.request(`${testOrigin}/api/v1/live?topics=devices,alarms`, {
    headers: { cookie: manager.cookie },
  });
  t.equal(response.headers.get('content-type'), 'text/event-stream');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  t.match(await next(), /event: hello/);
  t.match(await app.metrics.render(), /hallhub_live_streams 1/);
  const publish = (where: string, name: string) =>
    app.bus.publish({
      tenantId: app.tenantId,
      hallId: where,
      topic: 'devices',
      type: 'device.changed',
      data: { name },
    });
  publish(app.otherHallId, 'hidden');
  publish(app.hallId, 'shown');
  t.match(await next(), /"name":"shown"/);

  const { body } = await owner.get(`/users/${manager.userId}`);
  t.equal((await owner.put(`/users/${manager.userId}/grants`, [], body.version)).status, 200);
  await app.clock.advance(heartbeatMs);
  t.match(await next(), /^: /);
  publish(app.hallId, 'hidden now');
  await app.clock.advance(heartbeatMs);
  t.match(await next(), /^: /, 'the next thing is the heartbeat, not the event');
  await reader.cancel();
  t.match(await app.metrics.render(), /hallhub_live_streams 0/);
});

t.test('rights that change are looked up at once; nothing goes out in between', async (t) => {
  let ask = 0;
  let answer: (actor: ReturnType<typeof systemActor> | null) => void = () => {};
  const refresh = () => {
    ask += 1;
    return new Promise<ReturnType<typeof systemActor> | null>((resolve) => {
      answer = resolve;
    });
  };
  const { bus, next, reasons } = start({ refresh });
  t.match(await next(), /^event: hello/);
  bus.publish(accessChanged(tenantId, 'somebody else'));
  t.equal(ask, 0, 'another person’s change is not asked about');
  bus.publish(accessChanged(tenantId));
  bus.publish(event({ type: 'device.waiting' }));
  t.equal(ask, 1);
  answer(systemActor(tenantId));
  t.match(await next(), /^event: device\.waiting/, 'what came meanwhile goes out with the new rights');
  bus.publish(accessChanged(tenantId));
  bus.publish(event());
  answer(null);
  t.equal(await next(), null, 'the session is over: the stream ends without it');
  t.same(reasons, ['ended']);
});

t.test('a role that loses a right silences the open stream at once', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const made = await owner.post('/roles', {
    key: 'watcher',
    label: { zh: '值守' },
    rights: ['device.read', 'alarm.read'],
  });
  const watcher = await app.signInAs('watcher', { hallIds: [app.hallId] });
  const response = await app.app.request(`${testOrigin}/api/v1/live?topics=devices,alarms`, {
    headers: { cookie: watcher.cookie },
  });
  const reader = response.body?.getReader();
  const next = async () => new TextDecoder().decode((await reader?.read())?.value);
  t.match(await next(), /^event: hello/);
  const publish = (topic: 'devices' | 'alarms') =>
    app.bus.publish({ tenantId: app.tenantId, hallId: app.hallId, topic, type: `${topic}.test`, data: {} });
  publish('devices');
  t.match(await next(), /devices\.test/);
  t.equal((await owner.patch(`/roles/${made.body.id}`, { rights: ['alarm.read'] }, made.body.version)).status, 200);
  publish('devices');
  publish('alarms');
  t.match(await next(), /^event: alarms\.test/, 'devices are gone from the very next event on');
  t.equal((await watcher.get('/devices')).status === 200, false);
  await reader?.cancel();
});
