import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface DeviceSummary {
  readonly id: string;
  readonly serial: string;
  readonly state: string;
  readonly presence: string;
}
interface Command {
  readonly id: string;
  readonly state: string;
  readonly output: Record<string, unknown> | null;
  readonly steps: { state: string }[];
}

t.test('a device joins by itself, is seen in the cloud, talks and obeys', async (t) => {
  const hall = await TestHall.open({ folderName: '营业厅 一' });
  t.teardown(() => hall[Symbol.asyncDispose]());
  t.on('bailout', () => console.error(hall.logs()));
  const machine = new NativeDevice({ url: hall.edgeMqtt, behaviour: new QueueMachine({ serial: 'E2E-1' }) });
  machine.start();
  t.teardown(() => machine[Symbol.asyncDispose]());

  const device = await waitUntil('the device in the cloud', async () => {
    const devices = await hall.api.all<DeviceSummary>('/devices');
    return devices.find((d) => d.serial === 'E2E-1' && d.state === 'active' && d.presence === 'online');
  });
  const values = await waitUntil('its values', async () => {
    const { items } = await hall.api.get<{ items: { property: string; value: unknown }[] }>(
      `/devices/${device.id}/values`,
    );
    return ['waiting', 'paper'].every((id) => items.some(({ property }) => property === id)) && items;
  });
  t.match(
    values.find((v) => v.property === 'paper'),
    { value: 'ok' },
  );

  const take = await hall.api.post<Command>(`/devices/${device.id}/commands`, {
    name: 'takeTicket',
    input: { queue: 'personal' },
  });
  const done = await waitUntil('the command to succeed', async () => {
    const command = await hall.api.get<Command>(`/commands/${take.id}`);
    return command.state === 'succeeded' && command;
  });
  t.match(done.output, { ticket: 'A001', waitingBefore: 0 });
  t.same(
    done.steps.map((s) => s.state),
    ['queued', 'sent', 'received', 'running', 'succeeded'],
  );

  await waitUntil('the event', async () => {
    const events = await hall.api.all<{ event: string; data: { ticket: string } }>(`/events?deviceId=${device.id}`);
    return events.find((e) => e.event === 'ticketTaken' && e.data.ticket === 'A001');
  });

  const list = await hall.hub('devices', 'list');
  t.equal(list.code, 0, list.err);
  t.match(list.out, /qm-200 +E2E-1 +mqtt +active +online/);
  const status = await hall.hub('status', '--json');
  t.match(JSON.parse(status.out), { uplink: { state: 'online' }, devices: { online: 1 } });
  const command = await hall.hub('devices', 'command', 'E2E-1', 'callNext', 'counter=2');
  t.match(command.out, /succeeded[\s\S]*A001/);
});
