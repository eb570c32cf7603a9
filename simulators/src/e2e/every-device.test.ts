import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../free-port.js';
import { hallParts, type PartName, partNames } from '../hall-parts.js';
import { seededRandom } from '../random.js';
import { testFolder } from './test-folder.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface DeviceSummary {
  readonly id: string;
  readonly deviceClass: string;
  readonly vendor: string;
  readonly model: string;
  readonly state: string;
  readonly presence: string;
  readonly stale: boolean;
}
interface Command {
  readonly id: string;
  readonly state: string;
  readonly output: Record<string, unknown> | null;
  readonly error: unknown;
}

/** What every device must show, and a command that every device must run. */
const expected: Record<
  PartName,
  { class: string; property: string; command?: [name: string, input: Record<string, unknown>] }
> = {
  'queue-machine': { class: 'queue-machine', property: 'waiting', command: ['takeTicket', { queue: 'priority' }] },
  evaluator: { class: 'evaluator', property: 'battery', command: ['setVolume', { volume: 3 }] },
  'energy-meter': { class: 'meter', property: 'power', command: ['resetDemand', {}] },
  'led-display': {
    class: 'led-display',
    property: 'brightness',
    command: ['showCall', { ticket: 'A007', counter: 3 }],
  },
  'id-card-reader': { class: 'id-card-reader', property: 'module', command: ['resetModule', {}] },
  camera: { class: 'camera', property: 'encoding', command: ['gotoPreset', { preset: '1' }] },
  'street-camera': { class: 'camera', property: 'encoding', command: ['gotoPreset', { preset: '2' }] },
};

t.test(
  'all devices over four protocols join by themselves, are live within 30 s, and obey',
  { timeout: 200_000 },
  async (t) => {
    const dir = testFolder(t);
    const edgePort = await freePort();
    const parts = new Map(
      await Promise.all(
        partNames.map(async (name) => {
          const part = await hallParts[name]({
            dataDir: join(dir, 'simulators'),
            edgeMqtt: `mqtt://127.0.0.1:${edgePort}`,
            random: seededRandom(7),
          });
          t.teardown(() => part[Symbol.asyncDispose]());
          return [name, part.device] as const;
        }),
      ),
    );
    const endpoint = (name: PartName) => parts.get(name)?.endpoint ?? '';
    const hall = await TestHall.open({
      edge: {
        broker: { host: '127.0.0.1', port: edgePort },
        modbus: [{ id: 'meters', url: endpoint('energy-meter'), unitIds: [1], discover: true }],
        serial: [
          { id: 'led', path: endpoint('led-display'), discover: true },
          { id: 'reader', path: endpoint('id-card-reader'), discover: true },
        ],
        onvif: {
          discover: false,
          hosts: [endpoint('camera'), endpoint('street-camera')],
          username: parts.get('camera')?.username,
          password: parts.get('camera')?.password,
        },
      },
    });
    t.teardown(() => hall[Symbol.asyncDispose]());
    const readyAt = Date.now();
    const devices = await waitUntil(
      'all devices to be live',
      async () => {
        const live = (await hall.api.all<DeviceSummary>('/devices')).filter(
          (d) => d.state === 'active' && d.presence === 'online' && !d.stale,
        );
        return live.length === partNames.length && live;
      },
      { everyMs: 250 },
    );
    t.comment(`all live after ${Date.now() - readyAt} ms`);
    t.same(devices.map((d) => d.deviceClass).sort(), partNames.map((name) => expected[name].class).sort());

    for (const name of partNames) {
      const wanted = expected[name];
      // Two are of one kind: each has its turn.
      const device = devices.filter((d) => d.deviceClass === wanted.class).at(name === 'street-camera' ? 1 : 0);
      if (!device) throw new Error(`${name} is missing`);
      await waitUntil(`${name} to report ${wanted.property}`, async () => {
        const { items } = await hall.api.get<{ items: { property: string; value: unknown }[] }>(
          `/devices/${device.id}/values`,
        );
        return items.some((v) => v.property === wanted.property && v.value !== null);
      });
      if (!wanted.command) continue;
      const [command, input] = wanted.command;
      const issued = await hall.api.post<Command>(`/devices/${device.id}/commands`, { name: command, input });
      const ended = await waitUntil(`${name} ${command} to end`, async () => {
        const now = await hall.api.get<Command>(`/commands/${issued.id}`);
        return ['succeeded', 'failed', 'expired', 'unknown', 'cancelled'].includes(now.state) && now;
      });
      t.equal(ended.state, 'succeeded', `${name} ${command}: ${JSON.stringify(ended.error)}`);
    }
    const card = await waitUntil(
      'a card to be read',
      async () =>
        (await hall.api.all<{ event: string; data: Record<string, string> }>('/events')).find(
          (e) => e.event === 'cardRead',
        ),
      { everyMs: 500 },
    );
    t.equal(card.data.number, '990••••••••20', 'what is about a person leaves the hall masked');
    t.notOk('sex' in card.data);
    const scan = await hall.hub('scan', 'modbus', '--json', '--timeout', '5000');
    t.match(JSON.parse(scan.out), { found: [{ profileId: 'eastron/sdm630', state: 'active' }] });
    const meter = devices.find((d) => d.deviceClass === 'meter')?.id ?? '';
    const read = await hall.hub('devices', 'read', meter.slice(-8), 'frequency');
    t.match(read.out + read.err, /frequency +(49|50)\./);
  },
);
