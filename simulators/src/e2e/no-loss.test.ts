import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks, unequalSeals } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(900_000);
// Each has a hall of its own, and mostly waits.
t.jobs = 3;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const openCountingHall = async (serial: string, everyMs: number) => {
  const hall = await TestHall.open();
  const counting = new CountingDevice(serial, everyMs);
  const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 300 });
  device.start();
  const deviceId = await waitUntil('the device in the cloud', async () => {
    const devices = await hall.api.all<{ id: string; serial: string; state: string }>('/devices');
    return devices.find((d) => d.serial === serial && d.state === 'active')?.id;
  });
  return { hall, counting, device, deviceId };
};

const nothing = { missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] };

t.test(
  'most of a minute without the uplink loses nothing and counts nothing twice',
  { timeout: 300_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId } = await openCountingHall('CUT-1', 30);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await pause(3000);
    hall.uplink.set('cut');
    const cutAt = counting.sent;
    await pause(45_000);
    t.ok(counting.acknowledgedValues.length >= cutAt + 1000, 'the hall goes on meanwhile');
    const waiting = JSON.parse((await hall.hub('outbox', '--json')).out) as {
      lanes: { lane: string; pending: number }[];
    };
    t.ok(
      (waiting.lanes.find((lane) => lane.lane === 'backlog')?.pending ?? 0) > 1000,
      'what came meanwhile waits in the backlog',
    );
    hall.uplink.set('pass');
    await pause(2000);
    await device[Symbol.asyncDispose]();
    const books = await compareBooks(hall, deviceId, counting);
    t.match(books, nothing);
    t.ok(books.cloudValues >= counting.acknowledgedValues.length);
    t.same(await unequalSeals(hall), []);
  },
);

t.test(
  'kill -9 of either side in the middle of batches loses nothing acknowledged',
  { timeout: 300_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId } = await openCountingHall('KILL-1', 20);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await pause(2000);
    await hall.edge.kill();
    await hall.startEdge();
    await pause(2000);
    await hall.cloud.kill();
    await pause(1500);
    await hall.startCloud();
    await pause(1500);
    await hall.edge.kill();
    await hall.startEdge();
    await waitUntil('the device to talk again', () => device.state === 'online');
    await pause(2000);
    await device[Symbol.asyncDispose]();
    await hall.api.signIn('admin', hall.password);
    const books = await compareBooks(hall, deviceId, counting);
    t.match(books, nothing);
    t.ok(counting.acknowledgedValues.length > 200, `${counting.acknowledgedValues.length} were acknowledged`);
  },
);

t.test(
  'a dead route (nothing answers, nothing closes) is noticed and survived',
  { timeout: 200_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId } = await openCountingHall('HOLE-1', 100);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await pause(1500);
    hall.uplink.set('blackhole');
    await waitUntil(
      'the unit to notice',
      async () => JSON.parse((await hall.hub('status', '--json')).out).uplink.state !== 'online',
      { withinMs: 90_000, everyMs: 1000 },
    );
    hall.uplink.reset();
    hall.uplink.set('pass');
    await pause(1000);
    await device[Symbol.asyncDispose]();
    t.match(await compareBooks(hall, deviceId, counting), nothing);
  },
);
