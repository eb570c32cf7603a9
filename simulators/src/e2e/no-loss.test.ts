import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks, unequalSeals } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(900_000);
// Each has a hall of its own, and mostly waits.
t.jobs = 3;

const openCountingHall = async (serial: string, everyMs: number) => {
  const hall = await TestHall.open();
  const counting = new CountingDevice(serial, everyMs);
  const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 300 });
  device.start();
  const deviceId = await waitUntil('the device in the cloud', async () => {
    const devices = await hall.api.all<{ id: string; serial: string; state: string }>('/devices');
    return devices.find((d) => d.serial === serial && d.state === 'active')?.id;
  });
  /** The device goes on and is heard: as many more values as these were acknowledged. */
  const more = (count: number) => {
    const before = counting.acknowledgedValues.length;
    return waitUntil(`${count} more values`, () => counting.acknowledgedValues.length >= before + count);
  };
  return { hall, counting, device, deviceId, more };
};

const nothing = { missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] };

t.test(
  'most of a minute without the uplink loses nothing and counts nothing twice',
  { timeout: 900_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId, more } = await openCountingHall('CUT-1', 30);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await more(50);
    hall.uplink.set('cut');
    // The hall goes on meanwhile.
    await more(1000);
    await waitUntil(
      'what came meanwhile to wait in the backlog',
      async () => {
        const { lanes } = JSON.parse((await hall.hub('outbox', '--json')).out) as {
          lanes: { lane: string; pending: number }[];
        };
        return (lanes.find(({ lane }) => lane === 'backlog')?.pending ?? 0) > 1000;
      },
      { everyMs: 1000 },
    );
    hall.uplink.set('pass');
    await more(50);
    await device[Symbol.asyncDispose]();
    const books = await compareBooks(hall, deviceId, counting);
    t.match(books, nothing);
    t.ok(books.cloudValues >= counting.acknowledgedValues.length);
    t.same(await unequalSeals(hall), []);
  },
);

t.test(
  'kill -9 of either side in the middle of batches loses nothing acknowledged',
  { timeout: 900_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId, more } = await openCountingHall('KILL-1', 20);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await more(60);
    await hall.edge.kill();
    await hall.startEdge();
    await more(60);
    await hall.cloud.kill();
    await more(60);
    await hall.startCloud();
    await more(60);
    await hall.edge.kill();
    await hall.startEdge();
    await more(60);
    await device[Symbol.asyncDispose]();
    await hall.api.signIn('admin', hall.password);
    const books = await compareBooks(hall, deviceId, counting);
    t.match(books, nothing);
  },
);

t.test(
  'a dead route (nothing answers, nothing closes) is noticed and survived',
  { timeout: 900_000, buffered: true },
  async (t) => {
    const { hall, counting, device, deviceId, more } = await openCountingHall('HOLE-1', 100);
    t.teardown(() => hall[Symbol.asyncDispose]());
    await more(10);
    hall.uplink.set('blackhole');
    await waitUntil(
      'the unit to notice',
      async () => JSON.parse((await hall.hub('status', '--json')).out).uplink.state !== 'online',
      { everyMs: 1000 },
    );
    hall.uplink.reset();
    hall.uplink.set('pass');
    await more(10);
    await device[Symbol.asyncDispose]();
    t.match(await compareBooks(hall, deviceId, counting), nothing);
  },
);
