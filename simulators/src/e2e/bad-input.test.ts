import { connect } from 'node:net';
import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { connectBare, joinForCredential, ScriptedDevice } from './scripted-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Device {
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly presence: string;
}
interface Value {
  readonly property: string;
  readonly value: unknown;
  readonly quality: string;
}
interface Command {
  readonly id: string;
  readonly state: string;
  readonly error: { code: string; message: string } | null;
  readonly steps: { state: string; at: string }[];
}
interface Aside {
  readonly deviceId?: string;
  readonly source: string;
  readonly reason: string;
  readonly payload: string;
}

const hall = await TestHall.open();
t.teardown(() => hall[Symbol.asyncDispose]());
const { api } = hall;

/** The neighbour talks through everything below; at the end its book and the cloud's must agree. */
const counting = new CountingDevice('NEIGHBOUR', 100);
const neighbour = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 200 });
neighbour.start();
t.teardown(() => neighbour[Symbol.asyncDispose]());

const inCloud = (serial: string, state: string) =>
  waitUntil(`${serial} to be ${state} in the cloud`, async () =>
    (await api.all<Device>(`/devices?state=${state}`)).find((d) => d.serial === serial),
  );
const neighbourGoesOn = async () => {
  const before = counting.acknowledgedValues.length;
  await waitUntil('the neighbour to be acknowledged', () => counting.acknowledgedValues.length > before + 3);
};
const join = async (behaviour: ScriptedDevice) => {
  const device = new NativeDevice({ url: hall.edgeMqtt, behaviour, retryMs: 200 });
  t.teardown(() => device[Symbol.asyncDispose]());
  device.start();
  return device;
};
const asides = async () =>
  (JSON.parse((await hall.hub('outbox', '--aside', '--json')).out) as { entries: Aside[] }).entries;
const refusedAtTheBroker = async (): Promise<number> => {
  const { checks } = JSON.parse((await hall.hub('doctor', '--json')).out) as {
    checks: { check: string; facts: { refused: number } }[];
  };
  return checks.find(({ check }) => check === 'broker')?.facts.refused ?? 0;
};
const ended = (id: string) =>
  waitUntil('the command to end', async () => {
    const command = await api.get<Command>(`/commands/${id}`);
    return ['succeeded', 'failed', 'expired', 'unknown', 'cancelled'].includes(command.state) && command;
  });

const neighbourId = (await inCloud('NEIGHBOUR', 'active')).id;

t.test('an unknown model waits, is listed, approved from the API, and then lives', async (t) => {
  const odd = new ScriptedDevice('ODD-1', 'zz-9', 'acme');
  const device = await join(odd);
  await waitUntil('it to be told to wait', () => device.state === 'pending');
  const waiting = await inCloud('ODD-1', 'quarantined');
  t.match(await api.get(`/devices/${waiting.id}`), { state: 'quarantined', reason: 'no profile for acme zz-9' });
  const approval = await api.post<Command>(`/devices/${waiting.id}/approve`, {
    profileId: 'hallhub/qm-200',
    name: '取号机 2',
  });
  t.match(await ended(approval.id), { state: 'succeeded' });
  await waitUntil('it to be let in', () => device.state === 'online' && odd.line);
  await odd.talking.telemetry({ waiting: 7 });
  await waitUntil('its value in the cloud', async () => {
    const { items } = await api.get<{ items: Value[] }>(`/devices/${waiting.id}/values`);
    return items.find((v) => v.property === 'waiting' && v.value === 7);
  });
  t.match(await inCloud('ODD-1', 'active'), { name: '取号机 2', presence: 'online' });
  await neighbourGoesOn();
});

t.test('wrong types and values out of range: told with the reason, what is right goes on', async (t) => {
  const careless = new ScriptedDevice('CARELESS-1');
  const device = await join(careless);
  await waitUntil('it to be let in', () => device.state === 'online' && careless.line);
  const { id } = await inCloud('CARELESS-1', 'active');
  const line = careless.talking;
  await line.telemetry({ waiting: 'many', paper: 'purple', taking: 1, waitingPersonal: 3 });
  await line.telemetry({ issuedToday: -5, colour: 'red', calledToday: 2 });
  await line.telemetry({ boardTemperature: { celsius: 40 } });
  await line.event('ticketTaken', { ticket: 5 });
  await line.event('exploded', {});
  await line.telemetry({ waiting: 4 });

  const values = await waitUntil('its good values', async () => {
    const { items } = await api.get<{ items: Value[] }>(`/devices/${id}/values`);
    return items.some((v) => v.property === 'waiting') && items;
  });
  const of = (property: string) => values.find((v) => v.property === property);
  t.match(of('waiting'), { value: 4, quality: 'good' });
  t.match(of('waitingPersonal'), { value: 3, quality: 'good' });
  t.match(of('calledToday'), { value: 2, quality: 'good' });
  t.match(of('issuedToday'), { value: -5, quality: 'bad' }, 'out of its range: kept, and said to be bad');
  for (const property of ['paper', 'taking', 'colour', 'boardTemperature']) t.equal(of(property), undefined, property);
  t.same(await api.all(`/events?deviceId=${id}&event=ticketTaken`), [], 'an event without its data is none');

  const told = await waitUntil('all of it aside', async () => {
    const own = (await asides()).filter((entry) => entry.deviceId === id);
    return own.length >= 5 && own.map(({ source, reason }) => `${source}: ${reason}`).join('\n');
  });
  for (const word of [/waiting/, /paper/, /taking/, /issuedToday/, /colour/, /boardTemperature/, /exploded/, /ticket/])
    t.match(told, word);
  const show = await hall.hub('devices', 'show', 'CARELESS-1');
  t.match(
    show.out,
    /5 messages were put aside; the last at .*: there is\s+no event exploded/s,
    'hub devices show has it',
  );
  await waitUntil('hub logs to have it', async () =>
    /put aside.*colour/.test((await hall.hub('logs', '--level', 'warn')).out),
  );
  const faults = await waitUntil('the console to have it', async () => {
    const all = await api.all<{ code: string; message: string; context: { deviceId?: string } | null }>(
      `/units/${hall.unitId}/faults`,
    );
    const own = all.filter((fault) => fault.context?.deviceId === id);
    return own.length > 0 && own;
  });
  t.match(faults[0], { code: 'message_aside', message: /CARELESS-1/ });
  t.ok(faults.length <= 2, 'a device that goes on and on does not flood the events');
  t.equal(device.state, 'online', 'the connection stayed');
  await neighbourGoesOn();
});

t.test('malformed and oversize packets end their own connection alone, and are counted', async (t) => {
  const refusedBefore = await refusedAtTheBroker();
  const raw = (bytes: Uint8Array, then?: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(hall.edgePort, '127.0.0.1');
      const timer = setTimeout(() => reject(new Error('the connection was not ended')), 60_000);
      socket.on('connect', () => socket.write(bytes));
      if (then) socket.once('data', () => socket.write(then));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  const credential = await joinForCredential(hall.edgeMqtt, 'BROKEN-1');
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  };
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 60]),
    ...[credential.deviceId, credential.userName, credential.password].map(text),
  ]);
  const login = Buffer.concat([Buffer.from([0x10, body.length]), body]);
  await Promise.all([
    raw(Buffer.from('GET / HTTP/1.1\r\nHost: unit\r\n\r\n')),
    raw(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])),
    raw(Buffer.from([0x30, 5, 0, 1, 0x61, 0x62, 0x63])),
    raw(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 60, 0, 0])),
  ]);
  await raw(login, Buffer.from([0xf0, 0]));
  await raw(login, Buffer.concat([Buffer.from([0x32, 0xff, 0xff, 0x7f]), Buffer.alloc(70_000)]));
  const bare = await connectBare(hall.edgeMqtt, { clientId: credential.deviceId, ...credential });
  const closed = new Promise<void>((resolve) => bare.once('close', () => resolve()));
  bare.publish(`hh/1/d/${credential.deviceId}/telemetry`, Buffer.alloc(300 * 1024, 0x20), { qos: 1 });
  await closed;
  bare.end(true);
  const counted = async () => (await refusedAtTheBroker()) >= refusedBefore + 5;
  t.ok(await waitUntil('hub doctor to count what was refused', counted));
  await waitUntil('hub logs to say so', async () =>
    /refused at the broker/.test((await hall.hub('logs', '--level', 'warn')).out),
  );
  await neighbourGoesOn();

  const again = await connectBare(hall.edgeMqtt, { clientId: credential.deviceId, ...credential });
  await again.publishAsync(`hh/1/d/${credential.deviceId}/telemetry`, 'not JSON \u0007', { qos: 1 });
  await again.publishAsync(`hh/1/d/${credential.deviceId}/telemetry`, '{"values":[1,2]}', { qos: 1 });
  await again.publishAsync(`hh/1/d/${credential.deviceId}/telemetry`, '{"values":{"waiting":9}}', { qos: 1 });
  await waitUntil('the good message among bad ones', async () => {
    const { items } = await api.get<{ items: Value[] }>(`/devices/${credential.deviceId}/values`);
    return items.find((v) => v.property === 'waiting' && v.value === 9);
  });
  await waitUntil('the bad ones aside', async () =>
    (await asides()).some((entry) => entry.deviceId === credential.deviceId && /not JSON/.test(entry.reason)),
  );
  const foreign = new Promise<void>((resolve) => again.once('close', () => resolve()));
  again.publish(`hh/1/d/${neighbourId}/telemetry`, '{"values":{"issuedToday":99999}}', { qos: 1 });
  await foreign;
  again.end(true);
  await neighbourGoesOn();
});

t.test('joining: a stolen serial, a closed hall, a stranger at other topics', async (t) => {
  const thief = await connectBare(hall.edgeMqtt, { clientId: 'thief', userName: 'join' });
  t.teardown(() => thief.end(true));
  const answers: { status: string; reason?: string }[] = [];
  thief.on('message', (_topic, payload) => void answers.push(JSON.parse(payload.toString())));
  await thief.subscribeAsync('hh/1/join/thief/reply', { qos: 1 });
  const ask = async (serial: string) => {
    const before = answers.length;
    const request = {
      v: 1,
      vendor: 'hallhub',
      model: 'qm-200',
      serial,
      claim: Buffer.alloc(24, 7).toString('base64url'),
    };
    await thief.publishAsync('hh/1/join/thief', JSON.stringify(request), { qos: 1 });
    await waitUntil('an answer', () => answers.length > before);
    return answers.at(-1);
  };
  t.match(await ask('NEIGHBOUR'), { status: 'refused', reason: 'claim_mismatch' });
  await waitUntil('the engineer to see the conflict', async () =>
    /another claim/.test((await hall.hub('devices', 'show', 'NEIGHBOUR')).out),
  );
  await waitUntil('the conflict in the cloud', async () =>
    (await api.all<{ code: string; message: string }>(`/units/${hall.unitId}/faults`)).find(
      (fault) => fault.code === 'device_conflict' && /NEIGHBOUR/.test(fault.message),
    ),
  );

  const closing = await api.request<Command>('PUT', `/api/v1/units/${hall.unitId}/join-policy`, { policy: 'closed' });
  t.match(await ended(closing.body.id), { state: 'succeeded' });
  t.match(await ask('LATE-1'), { status: 'refused', reason: 'closed' });
  t.notOk(
    (await api.all<Device>('/devices')).some((d) => d.serial === 'LATE-1'),
    'who was refused is not registered',
  );
  await neighbourGoesOn();

  const refusedBefore = await refusedAtTheBroker();
  const [granted] = await thief.subscribeAsync(`hh/1/d/${neighbourId}/command`, { qos: 1 }).catch(() => []);
  t.ok(granted === undefined || granted.qos === 128, 'a stranger does not overhear commands');
  const closed = new Promise<void>((resolve) => thief.once('close', () => resolve()));
  thief.publish(`hh/1/d/${neighbourId}/telemetry`, '{"values":{"issuedToday":88888}}', { qos: 1 });
  await closed;
  await waitUntil('that to be counted', async () => (await refusedAtTheBroker()) > refusedBefore);
});

t.test('a hanging device blocks only itself, and nothing is in progress for ever', async (t) => {
  const policy = { policy: 'window', until: new Date(Date.now() + 3_600_000).toISOString() };
  const opening = await api.request<Command>('PUT', `/api/v1/units/${hall.unitId}/join-policy`, policy);
  t.match(await ended(opening.body.id), { state: 'succeeded' });
  const hanging = new ScriptedDevice('HANGING-1');
  hanging.answer = () => new Promise(() => undefined);
  const lively = new ScriptedDevice('LIVELY-1');
  const pair = [await join(hanging), await join(lively)];
  await waitUntil('both to be let in', () => pair.every((device) => device.state === 'online'));
  const [stuck, free] = [await inCloud('HANGING-1', 'active'), await inCloud('LIVELY-1', 'active')];
  const issue = (id: string, body: object) => api.post<Command>(`/devices/${id}/commands`, body);
  const first = await issue(stuck.id, { name: 'callNext', input: { counter: 1 } });
  const behind = await issue(stuck.id, { name: 'callNext', input: { counter: 2 }, deadlineMs: 2_000 });
  await waitUntil('the hanging device to be asked', () => hanging.executed.length === 1);
  const other = await issue(free.id, { name: 'callNext', input: { counter: 1 } });
  const obeyed = await ended(other.id);
  t.match(obeyed, { state: 'succeeded' });
  t.match(await ended(behind.id), { state: 'expired', error: { code: 'deadline' } }, 'what waits behind it expires');
  const givenUp = await ended(first.id);
  t.match(givenUp, { state: 'failed', error: { code: 'timeout', message: /no answer within/ } });
  const [sooner, later] = [obeyed, givenUp].map(({ steps }) => Date.parse(steps.at(-1)?.at ?? ''));
  t.ok(Number(sooner) < Number(later), `its neighbour obeyed meanwhile: ${sooner} ms, ${later} ms`);
  t.equal(hanging.executed.length, 1);
  hanging.answer = () => ({ ok: false, error: { code: 'paper_out', message: 'there is no paper' } });
  t.match(await ended((await issue(stuck.id, { name: 'callNext', input: { counter: 3 } })).id), {
    state: 'failed',
    error: { code: 'paper_out', message: 'there is no paper' },
  });
});

t.test('a command whose time is over while the unit is away never runs', async (t) => {
  const lively = new ScriptedDevice('AWAY-1');
  const device = await join(lively);
  await waitUntil('it to be let in', () => device.state === 'online');
  const { id } = await inCloud('AWAY-1', 'active');
  hall.uplink.set('cut');
  await waitUntil('the cloud to see the unit go', async () => {
    const unit = await api.get<{ presence: string; presenceReason: string }>(`/units/${hall.unitId}`);
    return unit.presence === 'offline' && unit.presenceReason === 'will';
  });
  const command = await api.post<Command>(`/devices/${id}/commands`, {
    name: 'callNext',
    input: { counter: 1 },
    deadlineMs: 2_000,
  });
  const over = await ended(command.id);
  t.match(over, { state: 'expired' });
  t.same(
    over.steps.map((step) => step.state),
    ['queued', 'expired'],
    'it was never sent',
  );
  await neighbourGoesOn();
  hall.uplink.set('pass');
  const next = await api.post<Command>(`/devices/${id}/commands`, { name: 'callNext', input: { counter: 2 } });
  t.match(await ended(next.id), { state: 'succeeded' });
  t.same(lively.executed, [{ command: 'callNext', input: { counter: 2 } }]);
});

t.test('through all of this nothing of the neighbour was lost or counted twice', async (t) => {
  await neighbour[Symbol.asyncDispose]();
  const books = await compareBooks(hall, neighbourId, counting);
  t.match(books, { missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] });
  t.ok(books.cloudValues > 50);
});
