import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks, unequalSeals } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { ScriptedDevice } from './scripted-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Device {
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly presence: string;
}
interface Command {
  readonly id: string;
  readonly state: string;
  readonly error: { code: string; message: string } | null;
}
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly at: string;
}
interface Gap {
  readonly lane: string;
  readonly epoch: string;
  readonly reason: string;
  readonly previousEpoch: string | null;
}
interface UnitStatus {
  readonly uplink: { state: string; reason?: string };
  readonly lanes: { lane: string; epoch: string; pending: number }[];
  readonly clock: { state: string; segment: number; offsetMs: number | null };
  readonly store: { state: string; reason?: string };
}

const hall = await TestHall.open();
t.teardown(() => hall[Symbol.asyncDispose]());
const { api } = hall;

const counting = new CountingDevice('BOOK-1', 100);
const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 200 });
device.start();
t.teardown(() => device[Symbol.asyncDispose]());
const scripted = new ScriptedDevice('OBEY-1');
const obedient = new NativeDevice({ url: hall.edgeMqtt, behaviour: scripted, retryMs: 200 });
obedient.start();
t.teardown(() => obedient[Symbol.asyncDispose]());

const activeId = (serial: string) =>
  waitUntil(`${serial} in the cloud`, async () => {
    const all = await api.all<Device>('/devices');
    return all.find((d) => d.serial === serial && d.state === 'active' && d.presence === 'online')?.id;
  });
const [bookId, obeyId] = [await activeId('BOOK-1'), await activeId('OBEY-1')];

const status = async () => JSON.parse((await hall.hub('status', '--json')).out) as UnitStatus;
const health = async () => {
  const response = await fetch(`${api.origin}/healthz`, { signal: AbortSignal.timeout(10_000) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
const faults = () => api.all<Fault>(`/units/${hall.unitId}/faults`);
const acknowledgedMore = async (count: number) => {
  const before = counting.acknowledgedValues.length;
  await waitUntil('the hall to go on', () => counting.acknowledgedValues.length >= before + count);
};
/** What was acknowledged last has arrived in the cloud. */
const caughtUp = () =>
  waitUntil('the cloud to catch up', async () => {
    const wanted = counting.acknowledgedValues.at(-1) ?? 0;
    return waitUntil(
      'that number',
      async () => {
        const { items } = await api.get<{ items: { property: string; value: number }[] }>(`/devices/${bookId}/values`);
        return (items.find((v) => v.property === 'issuedToday')?.value ?? 0) >= wanted;
      },
      { withinMs: 10_000 },
    );
  });
const postgresPid = () =>
  Number(readFileSync(join(hall.dir, 'cloud', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
/** A zombie that nobody has reaped yet is dead as well. */
const isAlive = (pid: number) => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};
const lane = async (name: string) => (await status()).lanes.find((one) => one.lane === name);

t.test('the database stands still: health says degraded, the unit keeps everything, and it goes on', async (t) => {
  const pid = postgresPid();
  // The parent first: it starts nobody meanwhile, and whoever of its children ends stays as a zombie that takes signals.
  process.kill(pid, 'SIGSTOP');
  const backends = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  try {
    for (const one of backends) process.kill(one, 'SIGSTOP');
    const sick = await waitUntil('health to notice', async () => {
      const now = await health();
      return now.status === 503 && now;
    });
    t.match(sick.body, { status: 'degraded', database: 'degraded' });
    await acknowledgedMore(30);
    t.ok(((await lane('live'))?.pending ?? 0) + ((await lane('backlog'))?.pending ?? 0) > 10, 'it waits at the unit');
  } finally {
    for (const one of [...backends, pid]) process.kill(one, 'SIGCONT');
  }
  await waitUntil('health', async () => (await health()).status === 200);
  await caughtUp();
});

t.test('the database is killed: the unit is told to wait, the server comes back, nothing is missing', async (t) => {
  const pid = postgresPid();
  process.kill(pid, 'SIGKILL');
  await acknowledgedMore(20);
  await waitUntil('another server', async () => (await health()).status === 200 && postgresPid() !== pid);
  await caughtUp();
  await waitUntil('the unit to be online', async () => (await status()).uplink.state === 'online');
  t.match(hall.cloud.log(), /database/i, 'the log of the cloud says what happened');
});

t.test('kill -9 of the cloud leaves a database server: the next start takes it over', async (t) => {
  const orphan = postgresPid();
  await hall.cloud.kill();
  t.ok(isAlive(orphan), 'it lives on without its owner');
  await acknowledgedMore(10);
  await hall.startCloud();
  t.not(postgresPid(), orphan);
  t.notOk(isAlive(orphan), 'the orphan is gone');
  await api.signIn('admin', hall.password);
  await caughtUp();
});

t.test('kill -9 of the unit while a command runs: the device did it once, nobody claims to know', async (t) => {
  let asked: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    asked = resolve;
  });
  scripted.executed.length = 0;
  scripted.answer = () => {
    asked();
    return new Promise(() => undefined);
  };
  const issued = await api.post<Command>(`/devices/${obeyId}/commands`, { name: 'callNext', input: { counter: 1 } });
  await running;
  await hall.edge.kill();
  await hall.startEdge();
  const ended = await waitUntil('the command to end', async () => {
    const now = await api.get<Command>(`/commands/${issued.id}`);
    return now.state === 'unknown' && now;
  });
  t.match(ended.error, { code: 'agent_restarted', message: /not known/ });
  scripted.answer = () => ({ ok: true, output: {} });
  await waitUntil('the device to be back', () => scripted.line);
  const next = await api.post<Command>(`/devices/${obeyId}/commands`, { name: 'callNext', input: { counter: 2 } });
  await waitUntil(
    'the next one to run',
    async () => (await api.get<Command>(`/commands/${next.id}`)).state === 'succeeded',
  );
  t.same(
    scripted.executed.map(({ input }) => input.counter),
    [1, 2],
    'each was done once',
  );
});

t.test('the wall clock of the unit jumps by two hours: told, corrected, nothing in the future', async (t) => {
  const offsetFile = join(hall.dir, 'clock-offset');
  writeFileSync(offsetFile, '0');
  // The process reads its wall clock through this; its monotonic clock stays as it is, as when somebody sets the date.
  const shift = `import { readFileSync } from 'node:fs';
    const real = Date.now; let offset = 0; let read = 0;
    Date.now = () => { const now = real(); if (now - read > 100) { read = now; offset = Number(readFileSync(${JSON.stringify(offsetFile)}, 'utf8')) || 0; } return now + offset; };`;
  await hall.edge.stop();
  await hall.startEdge({ nodeArgs: [`--import=data:text/javascript,${encodeURIComponent(shift)}`] });
  await waitUntil('the uplink', async () => (await status()).uplink.state === 'online');
  const before = await status();
  writeFileSync(offsetFile, String(2 * 3_600_000));
  const after = await waitUntil('a new segment whose offset is known', async () => {
    const now = await status();
    return now.clock.segment > before.clock.segment && now.clock.offsetMs !== null && now;
  });
  t.equal(after.clock.state, 'untrusted');
  // A busy machine answers late, by which it is known less exactly.
  t.ok(Math.abs((after.clock.offsetMs ?? 0) + 2 * 3_600_000) < 60_000, `offset ${after.clock.offsetMs}`);
  await waitUntil('the fault in the cloud', async () => (await faults()).find((fault) => fault.code === 'clock_jump'));
  const doctor = await hall.hub('doctor');
  t.match(doctor.out, /clock +.*s off; times are corrected/);
  await caughtUp();
  const { items } = await api.get<{ items: { property: string; at: string }[] }>(`/devices/${bookId}/values`);
  const at = Date.parse(items.find((v) => v.property === 'issuedToday')?.at ?? '');
  t.ok(Math.abs(at - Date.now()) < 600_000, `the latest value is of ${new Date(at).toISOString()}`);
  writeFileSync(offsetFile, '0');
  await waitUntil('the clock to be right again', async () => (await status()).clock.state === 'trusted');
  await caughtUp();
});

t.test('so far nothing was lost or counted twice', async (t) => {
  await device[Symbol.asyncDispose]();
  t.match(await compareBooks(hall, bookId, counting), {
    missingValues: [],
    doubleValues: [],
    missingEvents: [],
    doubleEvents: [],
  });
  t.same(await unequalSeals(hall), []);
});

for (const [file, lanes] of [
  ['telemetry.db', ['live', 'backlog']],
  ['hub.db', ['events', 'manifest']],
] as const) {
  t.test(`${file} is damaged: the unit comes up, says so, opens new epochs, and the cloud sees the gap`, async (t) => {
    const before = await status();
    await hall.edge.stop();
    const path = join(hall.dir, 'edge', file);
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 0, Math.min(bytes.length, 16_384));
    writeFileSync(path, bytes);
    await hall.startEdge();
    const after = await waitUntil('the uplink', async () => {
      const now = await status();
      return now.uplink.state === 'online' && now;
    });
    for (const name of lanes)
      t.not(
        after.lanes.find((one) => one.lane === name)?.epoch,
        before.lanes.find((one) => one.lane === name)?.epoch,
        `${name} has a new epoch`,
      );
    t.match((await hall.hub('doctor')).out, /damaged|malformed|not a database/i, 'hub doctor says it');
    await waitUntil('the fault in the cloud', async () =>
      (await faults()).find((fault) => fault.code === 'store_damaged' && fault.message.includes(file)),
    );
    let gaps: readonly Gap[] = [];
    await waitUntil(
      'the gap in the cloud, from the epoch before',
      async () => {
        const all = await api.all<Gap>(`/units/${hall.unitId}/gaps`);
        const own = all.filter((gap) => lanes.some((name) => name === gap.lane) && gap.reason === 'damaged');
        gaps = own;
        return own.some((gap) => before.lanes.some((one) => one.epoch === gap.previousEpoch));
      },
      { seen: () => gaps },
    );
    const late = new ScriptedDevice(`AFTER-${file}`);
    const newcomer = new NativeDevice({ url: hall.edgeMqtt, behaviour: late, retryMs: 200 });
    t.teardown(() => newcomer[Symbol.asyncDispose]());
    newcomer.start();
    const id = await activeId(`AFTER-${file}`);
    await late.talking.telemetry({ waiting: 3 });
    await waitUntil('its value', async () => {
      const { items } = await api.get<{ items: { property: string; value: unknown }[] }>(`/devices/${id}/values`);
      return items.find((v) => v.property === 'waiting' && v.value === 3);
    });
    await waitUntil('the old device to be known still, or to have joined anew', () => obedient.state === 'online');
    await activeId('OBEY-1');
  });
}
