import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Faults } from '../faults/faults.js';
import { openPtyLink } from '../links/pty-link.js';
import { openCamera } from '../peers/camera/camera.js';
import type { CameraFault } from '../peers/camera/onvif-server.js';
import { createEnergyMeter } from '../peers/modbus/energy-meter.js';
import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { serveLedDisplay } from '../peers/serial/led-display.js';
import { seededRandom } from '../random.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Device {
  readonly id: string;
  readonly protocol: string;
  readonly state: string;
  readonly presence: string;
  readonly presenceReason: string | null;
  readonly presenceDetail: string | null;
  readonly address: string;
  readonly presenceEvidence: { check: string; ok: boolean; detail: string | null }[];
}
interface Value {
  readonly property: string;
  readonly value: unknown;
  readonly quality: string;
  readonly at: string;
}
interface Change {
  readonly state: string;
  readonly reason: string;
  readonly detail: string | null;
}

/** Every bad peer has a good one of the same kind beside it, on a line of its own. */
const openMeter = async (serial: number) => {
  const meter = createEnergyMeter({ random: seededRandom(serial) });
  const server = await openModbusTcpServer(new Map([[1, meter]]));
  t.teardown(async () => {
    meter[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });
  return { meter, server, url: `tcp://127.0.0.1:${server.port}` };
};
const folder = mkdtempSync(join(tmpdir(), 'hallhub-tty-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const openLed = (name: string) => {
  const faults = new Faults(seededRandom(11));
  const line = openPtyLink(join(folder, name));
  t.teardown(() => line[Symbol.dispose]());
  const led = serveLedDisplay(line, { faults });
  return { led, faults, path: line.path };
};
const account = { userName: 'operator', password: 'faulty-camera-1' };
const openFaultyCamera = async (serial: string) => {
  const camera = await openCamera({
    identity: { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', serial, hardware: 'A' },
    credential: account,
    stream: false,
    discovery: false,
  });
  t.teardown(() => camera[Symbol.asyncDispose]());
  return camera;
};

const meters = { bad: await openMeter(1), good: await openMeter(2) };
const leds = { bad: openLed('bad'), good: openLed('good') };
/** What the camera does, and what a person reads about it. */
const refusals: readonly [CameraFault, RegExp, RegExp][] = [
  ['unauthorized', /refused/, /refuses|401|password|signed in/i],
  ['unavailable', /refused|poll_failed/, /503/],
  ['hang', /silent|poll_failed|link_down/, /answer|within|time/i],
  ['garbage', /poll_failed/, /SOAP|XML/i],
  ['reset', /link_down|poll_failed/, /reset|closed|reach|hang up/i],
];
const cameras = await Promise.all(refusals.map(([fault]) => openFaultyCamera(`CAM-${fault}`)));
const goodCamera = await openFaultyCamera('CAM-good');

const hall = await TestHall.open({
  edge: {
    modbus: Object.entries(meters).map(([id, { url }]) => ({ id: `meter-${id}`, url, unitIds: [1], discover: true })),
    serial: Object.entries(leds).map(([id, { path }]) => ({ id: `led-${id}`, path, discover: true })),
    onvif: {
      discover: false,
      hosts: [...cameras, goodCamera].map((camera) => `127.0.0.1:${camera.server.port}`),
      username: account.userName,
      password: account.password,
      timeoutMs: 1_000,
      presenceEveryMs: 1_000,
    },
  },
});
t.teardown(() => hall[Symbol.asyncDispose]());
const { api } = hall;

const device = (id: string) => api.get<Device>(`/devices/${id}`);
const values = async (id: string) => (await api.get<{ items: Value[] }>(`/devices/${id}/values`)).items;
const summaries = await waitUntil(
  'ten devices of three protocols',
  async () => {
    const live = (await api.all<{ id: string; presence: string; state: string }>('/devices')).filter(
      (d) => d.state === 'active' && d.presence === 'online',
    );
    return live.length === 10 && live;
  },
  { everyMs: 250 },
);
const details = await Promise.all(summaries.map(({ id }) => device(id)));
const { devices: onUnit } = JSON.parse((await hall.hub('devices', 'list', '--json')).out) as {
  devices: { deviceId: string; adapterId: string; identity: { serial: string } }[];
};
const idOf = (adapterId: string) => onUnit.find((d) => d.adapterId === adapterId)?.deviceId ?? '';
const idOfCamera = (port: number) => details.find((d) => d.address.includes(`:${port}`))?.id ?? '';
const states = async (id: string) => (await api.get<{ items: Change[] }>(`/devices/${id}/presence`)).items;
const stayedOnline = async (id: string) =>
  (await states(id)).every(({ state }) => state === 'online' || state === 'unknown');
const showCall = async (id: string, counter: number) => {
  const issued = await api.post<{ id: string }>(`/devices/${id}/commands`, {
    name: 'showCall',
    input: { ticket: 'A007', counter },
  });
  return waitUntil('the display to answer', async () => {
    const command = await api.get<{ state: string; error: { code: string; message: string } | null }>(
      `/commands/${issued.id}`,
    );
    return ['succeeded', 'failed', 'expired', 'unknown'].includes(command.state) && command;
  });
};
const offline = (id: string) =>
  waitUntil(
    'the cloud to show it offline',
    async () => {
      const now = await device(id);
      return now.presence === 'offline' && now;
    },
    { everyMs: 250 },
  );
const online = (id: string) =>
  waitUntil('it to be online again', async () => (await device(id)).presence === 'online', {
    everyMs: 250,
  });

t.test('truncated and corrupt Modbus frames: no wrong number, a reason, and back by itself', async (t) => {
  const [bad, good] = [idOf('meter-bad'), idOf('meter-good')];
  await waitUntil('both to have voltages', async () =>
    (await Promise.all([bad, good].map(values))).every((all) => all.some((v) => v.property === 'voltageL1')),
  );
  for (const settings of [{ truncateTo: 7 }, { corruptShare: 1 }]) {
    meters.bad.meter.faults.set(settings);
    const asked = meters.good.server.requests;
    if ('truncateTo' in settings) {
      const seen = await offline(bad);
      t.match(seen.presenceReason, /^(silent|poll_failed|link_down)$/, String(seen.presenceReason));
      t.ok(
        seen.presenceEvidence.some((one) => !one.ok && one.detail),
        JSON.stringify(seen.presenceEvidence),
      );
    } else {
      await waitUntil('some rounds of polling', () => meters.good.server.requests > asked + 20);
    }
    await waitUntil('the healthy meter to be asked on', () => meters.good.server.requests > asked);
    meters.bad.meter.faults.clear();
    await online(bad);
  }
  t.ok(await stayedOnline(good), 'the healthy meter was never said to be away');
  for (const { property, value, quality } of await values(good)) t.equal(quality, 'good', `${property} ${value}`);
});

t.test('truncated and corrupt serial frames: told, the other display obeys, and it comes back', async (t) => {
  const [bad, good] = [idOf('led-bad'), idOf('led-good')];
  leds.bad.faults.set({ truncateTo: 5 });
  const seen = await offline(bad);
  t.match(seen.presenceReason, /^(silent|poll_failed)$/, String(seen.presenceReason));
  t.ok(
    seen.presenceEvidence.some((one) => !one.ok && one.detail),
    JSON.stringify(seen.presenceEvidence),
  );
  const refused = await showCall(bad, 1);
  t.equal(refused.state, 'failed');
  t.match(refused.error?.message, /./, refused.error?.message ?? 'no error');
  t.match(await showCall(good, 2), { state: 'succeeded' });
  leds.bad.faults.set({ corruptShare: 1 });
  t.match(await showCall(bad, 3), { state: 'failed' }, 'a damaged answer is not taken for a yes');
  t.match(await showCall(good, 4), { state: 'succeeded' });
  leds.bad.faults.clear();
  await online(bad);
  t.match(await showCall(bad, 5), { state: 'succeeded' });
  t.ok(await stayedOnline(good), 'the other display was never said to be away');
});

t.test('cameras that refuse, each in its way: the reason and the evidence; the good one stays live', async (t) => {
  for (const [at, [fault]] of refusals.entries()) {
    const camera = cameras[at];
    if (camera) camera.server.fault = fault;
  }
  const asked = goodCamera.server.requests;
  await Promise.all(
    refusals.map(async ([fault, reason, detail], at) => {
      const id = idOfCamera(cameras[at]?.server.port ?? 0);
      // One that still answers, if only by refusing, is degraded until its other checks have failed as well.
      const evidenceOf = ({ presenceEvidence }: Device) =>
        presenceEvidence.filter((one) => !one.ok).map((one) => one.detail);
      // That it has no stream may have been seen before, and counts for nothing here.
      let last: Device | undefined;
      const seen = await waitUntil(
        `the cloud to show that the camera fails by ${fault}`,
        async () => {
          last = await device(id);
          const isBad = ['offline', 'degraded'].includes(last.presence);
          return isBad && evidenceOf(last).some((one) => detail.test(one ?? '')) && last;
        },
        { everyMs: 250, seen: () => [last?.presence, last?.presenceReason, last && evidenceOf(last)] },
      );
      const wanted = seen.presence === 'degraded' ? /^partial$/ : reason;
      t.match(seen.presenceReason, wanted, `${fault}: ${seen.presence}, ${seen.presenceReason}`);
      t.notMatch(JSON.stringify(seen), account.password);
    }),
  );
  await waitUntil('the good camera to be asked on', () => goodCamera.server.requests > asked);
  t.ok((await states(idOfCamera(goodCamera.server.port))).every(({ state }) => state !== 'offline'));
  for (const camera of cameras) camera.server.fault = 'none';
  // These cameras have no stream, which is bad evidence of its own: what has to be good again is their answering.
  for (const camera of [...cameras, goodCamera]) {
    const id = idOfCamera(camera.server.port);
    await waitUntil(
      'the camera to be heard again',
      async () => {
        const { out } = await hall.hub('devices', 'show', id, '--json');
        const { evidence } = JSON.parse(out) as { evidence: { check: string; ok: boolean }[] };
        return evidence.find(({ check }) => check === 'soap')?.ok === true;
      },
      { everyMs: 500 },
    );
  }
});
