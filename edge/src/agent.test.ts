import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { type JoinReply, laneNames, unitTopics } from '@hallhub/shared/wire';
import { Aedes } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { until } from './__fixtures__/until.js';
import { Agent } from './agent.js';
import { findSocketPath } from './local-api/index.js';
import { ModelCloud } from './outbox/__fixtures__/model-cloud.js';
import { type Adapter, type AdapterFactory, type AdapterHost, type DeviceView, defineAdapter } from './ports/index.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
const secret = 's'.repeat(72);
const claim = 'c'.repeat(43);
const queueMachine = { v: 1, vendor: 'hallhub', model: 'qm-200', serial: 'QM1', firmware: '1.4.2', claim };

const folder = (test: Test, name = 'data'): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-agent-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const data = path.join(dir, name);
  mkdirSync(data, { recursive: true });
  return data;
};

/** A cloud over a real broker, with the model's mind. */
const startCloud = async (test: Test) => {
  const model = new ModelCloud(unitId, secret);
  const aedes = await Aedes.createBroker();
  const server = net.createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const seen: string[] = [];
  const down = (topic: string, message: object) =>
    aedes.publish(
      { cmd: 'publish', topic, payload: Buffer.from(JSON.stringify(message)), qos: 1, retain: false, dup: false },
      () => {},
    );
  aedes.on('publish', ({ topic, payload }, client) => {
    if (!client) return;
    seen.push(topic);
    if (topic === unitTopics.hello(unitId))
      down(unitTopics.downHello(unitId), model.hello(payload.toString(), Date.now()));
    for (const lane of laneNames) {
      if (topic === unitTopics.up(unitId, lane))
        down(unitTopics.downAck(unitId), model.batch(lane, payload as Buffer, Date.now()));
    }
  });
  test.teardown(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const rows = () =>
    [...model.rows('events'), ...model.rows('live'), ...model.rows('backlog')].map((row) => JSON.parse(row));
  return {
    model,
    seen,
    rows,
    url: `mqtt://127.0.0.1:${port}`,
    command: (message: object) => down(unitTopics.downCommand(unitId), message),
  };
};

interface Setup {
  readonly yaml?: string;
  readonly cloudUrl?: string;
  readonly factories?: readonly AdapterFactory[];
  readonly strict?: boolean;
}

const startAgent = async (
  test: Test,
  dataDir: string,
  { yaml = '', cloudUrl, factories = [], strict }: Setup = {},
): Promise<Agent> => {
  if (yaml !== 'keep')
    writeFileSync(
      path.join(dataDir, 'edge.yaml'),
      `version: 1\n${yaml.includes('broker:') ? '' : 'broker: { host: 127.0.0.1, port: 0 }\n'}${yaml}`,
    );
  if (cloudUrl)
    writeFileSync(path.join(dataDir, 'unit.json'), JSON.stringify({ unitId, secret, cloud: { mqtt: cloudUrl } }));
  const agent = new Agent({
    dataDir,
    clock: systemClock,
    software: '0.1.0',
    adapterFactories: factories,
    logSink: () => {},
    strict,
  });
  test.teardown(() => agent.stop());
  await agent.start();
  return agent;
};

const windowOpen = `join: { policy: window, until: ${new Date(Date.now() + 3_600_000).toISOString()} }\n`;

const dial = async (test: Test, agent: Agent, options: mqtt.IClientOptions): Promise<MqttClient> => {
  const client = mqtt.connect(agent.mqttUrl ?? '', { reconnectPeriod: 0, ...options });
  test.teardown(() => client.end(true));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  return client;
};

/** A stranger on its line: `say` joins and resolves with the next answer. */
const stranger = async (test: Test, agent: Agent, clientId = 'qm-1') => {
  const client = await dial(test, agent, { clientId, username: 'join' });
  await client.subscribeAsync(`hh/1/join/${clientId}/reply`, { qos: 1 });
  const replies: JoinReply[] = [];
  client.on('message', (_topic, payload) => replies.push(JSON.parse(payload.toString())));
  return {
    client,
    replies,
    say: async (request: object) => {
      const before = replies.length;
      await client.publishAsync(`hh/1/join/${clientId}`, JSON.stringify(request), { qos: 1 });
      return until(() => replies[before], 'an answer');
    },
  };
};

const joinAs = async (test: Test, agent: Agent, request: object = queueMachine) => {
  const line = await stranger(test, agent);
  const reply = await line.say(request);
  if (reply.status !== 'accepted') throw new Error(JSON.stringify(reply));
  line.client.end(true);
  const client = await dial(test, agent, {
    clientId: 'device',
    username: reply.credential.userName,
    password: reply.credential.password,
  });
  return { client, deviceId: reply.deviceId, topic: (channel: string) => `hh/1/d/${reply.deviceId}/${channel}` };
};

t.test('from join to committed rows, with a command back', async (t) => {
  const cloud = await startCloud(t);
  const agent = await startAgent(t, folder(t), { yaml: windowOpen, cloudUrl: cloud.url });
  const { client, deviceId, topic } = await joinAs(t, agent);
  await client.publishAsync(topic('telemetry'), JSON.stringify({ values: { waiting: 12, paper: 'ok' } }), { qos: 1 });
  const id = uuidv7();
  const event = JSON.stringify({
    id,
    event: 'ticketTaken',
    data: { ticket: 'A001', queue: 'personal', waitingBefore: 3 },
  });
  await client.publishAsync(topic('event'), event, { qos: 1 });
  await client.publishAsync(topic('event'), event, { qos: 1 });
  await client.publishAsync(topic('telemetry'), JSON.stringify({ values: { waiting: 12 } }), { qos: 1 });
  await until(
    () => cloud.rows().some(({ kind }) => kind === 'event') && cloud.rows().some(({ kind }) => kind === 'sample'),
    'rows at the cloud',
  );
  const rows = cloud.rows().filter((row) => row.deviceId === deviceId);
  t.match(
    rows.find(({ kind }) => kind === 'device'),
    { state: 'active', identity: { serial: 'QM1' }, deviceClass: 'queue-machine', profile: { id: 'hallhub/qm-200' } },
  );
  t.match(
    rows.find(({ kind }) => kind === 'presence'),
    { state: 'online', reason: 'joined' },
  );
  t.equal(rows.filter(({ kind }) => kind === 'event').length, 1, 'a repeated event counts once');
  t.same(
    rows.filter(({ kind }) => kind === 'sample').map(({ values }) => values),
    [{ waiting: 12, paper: 'ok' }],
    'no change is not told',
  );
  t.ok(
    cloud.rows().findIndex(({ kind }) => kind === 'profile') < cloud.rows().findIndex(({ kind }) => kind === 'device'),
  );

  await client.subscribeAsync(topic('command'), { qos: 1 });
  client.on('message', (_topic, payload) => {
    const { id: commandId, command, input } = JSON.parse(payload.toString());
    client.publish(
      topic('reply'),
      JSON.stringify({ id: commandId, ok: true, output: { ticket: `${command} ${input.counter}`, waiting: 1 } }),
      { qos: 1 },
    );
  });
  const commandId = uuidv7();
  const message = {
    v: 1,
    type: 'command',
    id: commandId,
    target: { deviceId },
    name: 'callNext',
    input: { counter: 2 },
    remainingMs: 60_000,
    issuedAt: Date.now(),
  };
  cloud.command(message);
  cloud.command(message);
  await until(() => cloud.rows().some(({ state }) => state === 'succeeded'), 'the command’s end');
  const steps = cloud.rows().filter((row) => row.commandId === commandId);
  t.same([...new Set(steps.map(({ state }) => state))], ['received', 'running', 'succeeded']);
  t.match(steps.at(-1), { output: { ticket: 'callNext 2' } });
  t.ok(cloud.seen.includes(unitTopics.heartbeat(unitId)));
  t.same(cloud.model.violations, []);
});

t.test('what breaks its contract is put aside and the connection stays', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: windowOpen });
  const { client, deviceId, topic } = await joinAs(t, agent);
  const bad: [string, string][] = [
    ['telemetry', '{'],
    ['telemetry', '{"values":{"waiting":"many"}}'],
    ['telemetry', '{"values":{"nothingKnown":1}}'],
    ['telemetry', '{"values":{"waiting":{"a":1}}}'],
    ['event', '{"event":"danced"}'],
    ['event', '{"event":"ticketTaken","data":{"ticket":5}}'],
    ['reply', '{"id":"x"}'],
    ['state', '[]'],
  ];
  for (const [channel, payload] of bad) await client.publishAsync(topic(channel), payload, { qos: 1 });
  await client.publishAsync(topic('telemetry'), '{"values":{"waiting":99999,"paper":"ok"}}', { qos: 1 });
  t.equal(client.connected, true);
  await until(() => agent.aside.count >= bad.length + 1, 'everything aside');
  t.same(
    agent.registry.values(deviceId).get('waiting'),
    { ...agent.registry.values(deviceId).get('waiting'), value: 99_999, quality: 'bad' },
    'out of range: kept and said to be bad',
  );
  t.equal(agent.registry.values(deviceId).get('paper')?.quality, 'good');
});

t.test('what no batch could carry, or no stack could walk, goes aside and does not come for ever', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: 'join: { policy: approve }\n' });
  const line = await stranger(t, agent);
  await line.say({ ...queueMachine, model: 'unheard-of' });
  const { deviceId = '' } = agent.registry.list()[0] ?? {};
  await agent.desk.approve(deviceId, {});
  const reply = await until(() => line.replies[1], 'the credential');
  if (reply.status !== 'accepted') throw new Error(reply.status);
  const { userName, password } = reply.credential;
  const client = await dial(t, agent, { clientId: 'big', username: userName, password });
  const say = (channel: string, text: string) => client.publishAsync(`hh/1/d/${deviceId}/${channel}`, text, { qos: 1 });
  const values = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`p${index}`, 'y'.repeat(4_090)]));
  await say('telemetry', JSON.stringify({ values }));
  await say('event', JSON.stringify({ event: 'x', data: { text: 'x'.repeat(245_000) } }));
  await say('event', `{"event":"x","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`);
  t.equal(client.connected, true);
  await until(() => agent.aside.count === 3, 'all three aside');
  const madeUp = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`q${index}`, 1]));
  await say('telemetry', JSON.stringify({ values: madeUp }));
  t.equal(agent.registry.values(deviceId).size, 256, 'made-up names find an end');
  const reasons = agent.aside
    .latest(4)
    .slice(-3)
    .map(({ reason }) => reason);
  t.match(reasons.sort(), [/nested deeper than 32/, /^the event row of \d+ bytes/, /^the sample row of \d+ bytes/]);
});

t.test('two strangers with one serial at once: the first claim counts, the other is a conflict', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: windowOpen });
  const [first, second] = [await stranger(t, agent, 'one'), await stranger(t, agent, 'two')];
  const replies = await Promise.all([first.say(queueMachine), second.say({ ...queueMachine, claim: 'd'.repeat(43) })]);
  t.same(replies.map(({ status }) => status).sort(), ['accepted', 'refused']);
  t.match(
    replies.find(({ status }) => status === 'refused'),
    { reason: 'claim_mismatch' },
  );
});

t.test('quarantine: unknown models wait, a person approves, the answer comes on the same line', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: 'join: { policy: approve }\n' });
  const line = await stranger(t, agent);
  const pending = await line.say({ ...queueMachine, model: 'unheard-of' });
  t.match(pending, { status: 'pending', retryAfterMs: 60_000 });
  const [device] = agent.registry.list();
  t.match(device, { state: 'quarantined', reason: 'no profile for hallhub unheard-of', deviceClass: 'other' });
  await agent.desk.approve(device?.deviceId ?? '', { name: '取号机', profileId: 'hallhub/qm-200' });
  const accepted = await until(() => line.replies[1], 'the credential');
  t.match(accepted, { status: 'accepted', deviceId: device?.deviceId });
  t.match(agent.registry.get(device?.deviceId ?? ''), {
    state: 'active',
    name: '取号机',
    deviceClass: 'queue-machine',
    reason: undefined,
  });
});

t.test('a serial with another claim is a conflict; approving it lets the new one in', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: windowOpen });
  const { deviceId } = await joinAs(t, agent);
  const impostor = await stranger(t, agent, 'impostor');
  const other = { ...queueMachine, claim: 'd'.repeat(43) };
  t.match(await impostor.say(other), { status: 'refused', reason: 'claim_mismatch' });
  t.match(agent.registry.record(deviceId)?.conflict, /another claim/);
  t.match(
    await impostor.say(queueMachine),
    { status: 'refused', reason: 'delivered' },
    'the right claim after first use',
  );
  await agent.desk.approve(deviceId, {});
  t.match(await impostor.say(other), { status: 'accepted', deviceId });
});

t.test('refused and retired devices are put out and stay out', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: windowOpen });
  const { client, deviceId } = await joinAs(t, agent);
  await until(() => agent.registry.get(deviceId)?.presence === 'online', 'online');
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await agent.desk.refuse(deviceId, 'not ours');
  await closed;
  await until(() => agent.registry.get(deviceId)?.presence === 'offline', 'offline, and not online for ever');
  const line = await stranger(t, agent);
  t.match(await line.say(queueMachine), { status: 'refused', reason: 'refused' });
  t.match(await line.say({ v: 1 }), { status: 'refused', reason: 'malformed' });
});

t.test('devices keep their presence over a restart, and a cut is offline with a reason', async (t) => {
  const dir = folder(t);
  const first = await startAgent(t, dir, { yaml: windowOpen });
  const { client, deviceId } = await joinAs(t, first);
  await until(() => first.registry.get(deviceId)?.presence === 'online', 'online');
  await first.stop();
  client.end(true);
  const second = await startAgent(t, dir, { yaml: windowOpen });
  t.equal(second.registry.get(deviceId)?.presence, 'online', 'a restart of the agent is no news about the device');
});

t.test('a damaged hub.db costs the rows in it, not the devices', async (t) => {
  const cloud = await startCloud(t);
  const dir = folder(t);
  const first = await startAgent(t, dir, { yaml: windowOpen, cloudUrl: cloud.url });
  const { client, deviceId } = await joinAs(t, first);
  await until(() => first.outbox.lane('events').rows === 0 && first.outbox.lane('events').head.seq > 0, 'drained');
  const { epoch } = first.outbox.lane('events');
  const secretHash = first.registry.record(deviceId)?.secretHash;
  client.end(true);
  await first.stop();
  for (const suffix of ['', '-wal']) writeFileSync(path.join(dir, `hub.db${suffix}`), Buffer.alloc(20_000, 9));
  const second = await startAgent(t, dir, { yaml: windowOpen, cloudUrl: cloud.url });
  t.match(second.registry.get(deviceId), {
    state: 'active',
    identity: { serial: 'QM1' },
    profile: { id: 'hallhub/qm-200' },
  });
  t.same(second.registry.record(deviceId)?.secretHash, secretHash);
  await until(() => second.outbox.lane('events').rows === 0, 'drained again');
  const [gap] = cloud.model.stream('events', second.outbox.lane('events').epoch).rows;
  t.match(JSON.parse(gap ?? ''), { kind: 'gap', reason: 'damaged', previousEpoch: epoch });
  t.ok(cloud.rows().some(({ code }) => code === 'store_damaged'));
});

t.test('a full disk is said, costs no acknowledged row and is over when there is room', async (t) => {
  const agent = await startAgent(t, folder(t), { yaml: windowOpen });
  const { client, topic } = await joinAs(t, agent);
  const { db } = agent.store.telemetry.commit;
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
  const put = (one: MqttClient, n: number) =>
    one.publishAsync(topic('telemetry'), JSON.stringify({ values: { waiting: n } }), { qos: 1 });
  let acknowledged = 0;
  client.on('close', () => {});
  for (let n = 1; n <= 400 && agent.store.status.state === 'ok'; n++) {
    const done = await Promise.race([
      put(client, n).then(() => true),
      until(() => agent.store.status.state === 'full', 'full').then(() => false),
    ]);
    if (done) acknowledged += 1;
  }
  t.match(agent.store.status, { state: 'full', reason: /full/ });
  t.ok(acknowledged > 0);
  t.equal(agent.outbox.lane('backlog').rows, acknowledged);
  db.pragma('max_page_count = 1073741823');
  await until(() => agent.store.status.state === 'ok', 'taking writes again, by itself');
  await agent.outbox.write('backlog', { kind: 'fault', at: Date.now(), code: 'x', message: 'x' });
});

/** An adapter in memory that knows one bus with one meter. */
const meterFactory = (hosts: AdapterHost[], attached: DeviceView[]): AdapterFactory =>
  defineAdapter({
    protocol: 'modbus',
    section: 'modbus',
    configSchema: z.strictObject({ id: z.string() }),
    idOf: ({ id }) => id,
    create: ({ id }, host): Adapter => {
      hosts.push(host);
      if (id === 'explodes') throw new Error('no such port');
      return {
        id,
        protocol: 'modbus',
        start: () => Promise.resolve(),
        stop: () => new Promise(() => {}),
        status: () => ({ state: 'running', since: 0 }),
        attach: (device) => void attached.push(device),
        detach: () => {},
        async *discover() {},
        execute: () => Promise.resolve(undefined),
        read: ({ length }) => Promise.resolve({ deviceId: String(length), values: {} }),
        write: () => Promise.resolve(),
      };
    },
  });

t.test('adapters: found devices follow the policy, one that fails leaves the others alone', async (t) => {
  const [hosts, attached]: [AdapterHost[], DeviceView[]] = [[], []];
  const yaml = `${windowOpen}modbus:\n  - { id: meters }\n  - { id: explodes }\n  - { identity: 1 }\n`;
  const agent = await startAgent(t, folder(t), { yaml, factories: [meterFactory(hosts, attached)] });
  t.same(
    agent.board.statuses().map(({ id, status }) => [id, status.state]),
    [
      ['mqtt', 'running'],
      ['meters', 'running'],
      ['explodes', 'failed'],
      ['modbus-3', 'failed'],
    ],
  );
  t.match(agent.board.statuses()[3]?.status.reason, /edge\.yaml:7/);
  const identity = { vendor: 'eastron', model: 'sdm630', serial: 'tcp:127.0.0.1:5020#1' };
  const device = await hosts[0]?.found({
    address: 'tcp://127.0.0.1:5020#1',
    identity,
    profileId: 'eastron/sdm630',
    certainty: 'certain',
  });
  t.match(device, { state: 'active', protocol: 'modbus', adapterId: 'meters' });
  await until(() => attached.length === 1, 'attached');
  const unknown = await hosts[0]?.found({
    address: 'x#2',
    identity: { ...identity, serial: '2' },
    certainty: 'unknown',
  });
  t.match(unknown, { state: 'quarantined', reason: 'no profile fits' });
  await t.rejects(agent.desk.approve(unknown?.deviceId ?? '', {}), { code: 'precondition_failed' });
  await agent.policy.set({ policy: 'closed' });
  t.equal(
    await hosts[0]?.found({
      address: 'x#3',
      identity: { ...identity, serial: '3' },
      certainty: 'certain',
      profileId: 'eastron/sdm630',
    }),
    undefined,
  );
  const pinned = await hosts[0]?.found({
    address: 'x#4',
    identity: { ...identity, serial: '4' },
    certainty: 'certain',
    profileId: 'eastron/sdm630',
    configured: true,
  });
  t.match(pinned, { state: 'active' });
});

t.test('boot: half-written credential, damaged store, port in use', async (t) => {
  const dir = folder(t);
  writeFileSync(path.join(dir, 'unit.json'), '{"unitId":"0190');
  writeFileSync(path.join(dir, 'hub.db'), Buffer.alloc(10_000, 7));
  const first = await startAgent(t, dir);
  t.match(first.uplinkStatus(), { state: 'disabled' });
  t.match(first.store.status, { state: 'recovered' });
  const busy = Number(new URL(first.mqttUrl ?? '').port);
  const yaml = `broker: { host: 127.0.0.1, port: ${busy} }\n`;
  await t.rejects(startAgent(t, folder(t), { yaml, strict: true }), { code: 'configuration', message: /in use/ });
  const second = await startAgent(t, folder(t), { yaml });
  t.match(second.brokerFailure, /in use.*broker\.port/);
  t.equal(second.mqttUrl, undefined);
  await t.rejects(startAgent(t, dir, { yaml: 'keep' }), { code: 'store_busy' }, 'a second agent on the same data');
});

const talk = async (
  socketPath: string,
  ...lines: string[]
): Promise<{ send: (line: string) => void; answers: Record<string, unknown>[]; end: () => void }> => {
  const socket = net.connect(socketPath);
  const answers: Record<string, unknown>[] = [];
  let held = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const parts = (held + chunk).split('\n');
    held = parts.pop() ?? '';
    for (const part of parts) answers.push(JSON.parse(part));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const send = (line: string) => void socket.write(`${line}\n`);
  for (const line of lines) send(line);
  return { send, answers, end: () => socket.destroy() };
};

t.test('the local line: private, strict, streaming, for long and Chinese paths too', async (t) => {
  const dir = folder(t, `很长的 数据 文件夹/${'x'.repeat(90)}`);
  const agent = await startAgent(t, dir, { yaml: windowOpen });
  const socketPath = findSocketPath(dir);
  t.equal(socketPath, agent.localApi.socketPath);
  t.ok(Buffer.byteLength(socketPath) < 104);
  t.equal(statSync(socketPath).mode & 0o777, 0o600);
  const { client, deviceId, topic } = await joinAs(t, agent);
  const line = await talk(
    socketPath,
    'not json',
    '{"id":1,"method":"nope"}',
    '{"id":2,"method":"devices.show","params":{"device":"QM1"}}',
    '{"id":3,"method":"devices.list","params":{"sate":"x"}}',
    '{"id":4,"method":"status"}',
    '{"id":5,"method":"devices.watch"}',
    '{"id":6,"method":"doctor"}',
    '{"id":7,"method":"devices.command","params":{"device":"QM1","command":"callNext","input":{"counter":1}}}',
    '{"id":8,"method":"logs","params":{"lines":5}}',
    '{"id":9,"method":"devices.read","params":{"device":"QM1"}}',
    '{"id":10,"method":"join.set","params":{"policy":"closed"}}',
    '{"id":11,"method":"scan","params":{"timeoutMs":200}}',
    '{"id":12,"method":"outbox"}',
  );
  t.teardown(() => line.end());
  const answer = (id: number | null) =>
    until(() => line.answers.find((one) => one.id === id && !('item' in one)), `answer ${id}`);
  t.match(await answer(null), { error: { code: 'invalid_input' } });
  t.match(await answer(1), { error: { code: 'not_found' } });
  t.match(await answer(2), { result: { deviceId, thing: { commands: [] } } });
  t.match(await answer(3), { error: { code: 'invalid_input' } });
  t.match(await answer(4), { result: { devices: { active: 1 }, broker: { state: 'running' } } });
  t.match(await answer(6), { result: { checks: [{ check: 'store', verdict: 'ok' }] } });
  t.match(await answer(8), { result: {} });
  t.match(await answer(10), { result: { policy: 'closed' } });
  t.match(await answer(11), { result: {} });
  t.match(await answer(12), { result: { asideCount: 0 } });
  await client.publishAsync(topic('telemetry'), '{"values":{"waiting":7}}', { qos: 1 });
  await until(
    () =>
      line.answers.some(
        ({ id, item }) => id === 5 && (item as { values?: { waiting?: number } })?.values?.waiting === 7,
      ),
    'the reading in the stream',
  );
  line.send('{"id":5,"cancel":true}');
  await answer(5);
  client.end(true);
  t.match(
    await answer(7),
    { result: { state: 'failed', error: { code: 'link_lost' } } },
    'nobody answered before the device went',
  );
  t.match(await answer(9), { error: { code: 'link_lost' } }, 'nor what it was asked for');
});
