import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { startPart } from './part-process.js';
import { ScriptedDevice } from './scripted-device.js';
import { testFolder } from './test-folder.js';
import { runHub, TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Device {
  readonly id: string;
  readonly serial: string;
  readonly name: string | null;
  readonly state: string;
  readonly presence: string;
}
interface Command {
  readonly id: string;
  readonly state: string;
}

t.test('one scan and the new box is the hall’s unit: ids, credentials, policy and what waits', async (t) => {
  const missing = '/dev/hallhub-test-serial-of-the-old-box';
  const hall = await TestHall.open({ edge: { serial: [{ id: 'led', path: missing, discover: true }] } });
  t.teardown(() => hall[Symbol.asyncDispose]());
  t.on('bailout', () => console.error(hall.logs()));
  const { api } = hall;
  const memory = testFolder(t);
  const devices = ['SWAP-1', 'SWAP-2'].map((serial) => {
    const behaviour = new ScriptedDevice(serial);
    const memoryFile = join(memory, `${serial}.json`);
    const device = new NativeDevice({ url: hall.edgeMqtt, behaviour, memoryFile, retryMs: 300 });
    device.start();
    t.teardown(() => device[Symbol.asyncDispose]());
    return { serial, behaviour, device, memoryFile };
  });
  const known = await waitUntil('both devices', async () => {
    const all = await api.all<Device>('/devices');
    return all.filter((d) => d.state === 'active' && d.presence === 'online').length === 2 && all;
  });
  const idOf = (serial: string) => known.find((d) => d.serial === serial)?.id ?? '';
  t.equal((await hall.hub('devices', 'rename', 'SWAP-1', '一号排队机')).code, 0);
  t.equal((await hall.hub('join', '--policy', 'closed')).code, 0);
  const memories = devices.map(({ memoryFile }) => readFileSync(memoryFile, 'utf8'));
  // It is told soon after a start, and else a minute after the one before; later than that there was nothing to tell any more.
  const changedAt = Date.now();
  await hall.edge.stop();
  await hall.startEdge();
  await waitUntil(
    'a snapshot after the last change',
    async () => {
      const { snapshotAt = 0 } = JSON.parse((await hall.hub('status', '--json')).out).identity;
      return snapshotAt > changedAt || (snapshotAt > 0 && Date.now() > changedAt + 66_000);
    },
    { everyMs: 2_000 },
  );

  // The box dies; a command is given meanwhile.
  await hall.edge.kill();
  await waitUntil(
    'the unit to be missed',
    async () => {
      const unit = await api.get<{ presence: string }>(`/units/${hall.unitId}`);
      return unit.presence === 'offline';
    },
    { everyMs: 500 },
  );
  const command = await api.post<Command>(`/devices/${idOf('SWAP-1')}/commands`, {
    name: 'callNext',
    input: { counter: 3 },
    deadlineMs: 120_000,
  });

  // Another box, an empty folder, one code.
  const { code } = await api.post<{ code: string }>(`/units/${hall.unitId}/enrolment-codes`, { kind: 'replace' });
  await hall.enrol('edge-b', code);
  await hall.startEdge({ folder: 'edge-b' });
  await waitUntil('the devices at the new box', () => devices.every(({ device }) => device.state === 'online'));
  t.same(
    devices.map(({ device }) => device.deviceId),
    devices.map(({ serial }) => idOf(serial)),
  );
  t.same(
    devices.map(({ memoryFile }) => readFileSync(memoryFile, 'utf8')),
    memories,
    'nobody joined anew',
  );
  await waitUntil('the command', async () => (await api.get<Command>(`/commands/${command.id}`)).state === 'succeeded');
  t.same(
    devices.map(({ behaviour }) => behaviour.executed.length),
    [1, 0],
    'it ran once',
  );

  const list = await api.all<Device>('/devices');
  t.same(list.map((d) => d.id).sort(), known.map((d) => d.id).sort(), 'the cloud has the same devices');
  const b = join(hall.dir, 'edge-b');
  const status = JSON.parse((await runHub(b, 'status', '--json')).out);
  t.match(status, {
    join: { policy: 'closed' },
    identity: { state: 'ready', replaced: { devices: 2, missing: [missing] } },
  });
  const names = (await runHub(b, 'devices', 'list')).out;
  t.match(names, '一号排队机');
  const doctor = await runHub(b, 'doctor');
  t.match(doctor.out, new RegExp(`replacement +Not on this machine: ${missing}`));
  await devices[0]?.behaviour.talking.telemetry({ waiting: 4 });
  await waitUntil('its reading in the cloud', async () => {
    const { items } = await api.get<{ items: { property: string; value: unknown }[] }>(
      `/devices/${idOf('SWAP-1')}/values`,
    );
    return items.some(({ property, value }) => property === 'waiting' && value === 4);
  });

  // The old box comes back to life: it is told, and the new one is not disturbed.
  await hall.edge.stop();
  const old = await startPart('edge/src/main.ts', { args: ['--data', join(hall.dir, 'edge')] });
  t.teardown(() => old.stop());
  const refused = await waitUntil(
    'the refusal',
    async () => {
      const seen = JSON.parse((await hall.hub('status', '--json')).out);
      return seen.identity.state === 'refused' && seen;
    },
    { everyMs: 500 },
  );
  t.match(refused.identity.reason, /another box took this unit’s place/);
});
