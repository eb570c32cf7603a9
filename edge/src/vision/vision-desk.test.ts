import { ManualClock, uuidv7 } from '@hallhub/shared';
import { type VisionConfig, visionConfigSchema } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { until } from '../__fixtures__/until.js';
import { type Adapter, type DeviceView, silentLogger } from '../ports/index.js';
import { cameraId, openStores, outcomes, rule, viewId } from './findings/__fixtures__/finding-unit.js';
import type { VisionConfigBook } from './vision-config-book.js';
import { VisionDesk, type VisionDeskOptions } from './vision-desk.js';
import { visionSectionSchema } from './vision-settings.js';
import type { CameraFigures, FactValues, VisionWorkerListener, WatchSettings, WatchStatus } from './vision-worker.js';

const counterId = uuidv7();
const fact = { deviceId: counterId, property: 'signedOn', equals: true };
const watched = { ...rule(false), facts: [fact] };
const configOf = (cameras: object[]): VisionConfig =>
  visionConfigSchema.parse({ v: 1, version: 'a', zone: 'Asia/Shanghai', placeName: '演示营业厅', cameras });
const camera = (over: object = {}) => ({
  ...{ deviceId: cameraId, views: [{ id: viewId, name: '窗口', rules: [watched] }] },
  ...over,
});

const setup = async (t: Test, given: { cameras?: unknown[]; config?: VisionConfig } = {}) => {
  const dataDir = t.testdir();
  const clock = new ManualClock(Date.now());
  const { store, outbox, evidence, faults, onFault } = await openStores(dataDir);
  const devices = new Map<string, DeviceView>();
  const values = new Map<string, Map<string, { value: unknown; at: number; quality: string }>>();
  const listeners = new Set<() => void>();
  const put = (over: Partial<DeviceView> & { deviceId: string }): DeviceView => {
    const identity = { vendor: 'generic', model: 'camera', serial: over.deviceId.slice(-6) };
    const base = { revision: 1, state: 'active', identity, deviceClass: 'camera', name: undefined, presence: 'online' };
    const device = { ...base, adapterId: 'onvif', address: 'http://10.0.0.9', ...over } as unknown as DeviceView;
    devices.set(device.deviceId, device);
    for (const listener of listeners) listener();
    return device;
  };
  const settings: (WatchSettings | undefined)[] = [];
  const facts: FactValues[] = [];
  const status = { state: 'running', restarts: 0, pid: 1, cameras: [] as CameraFigures[] } satisfies WatchStatus;
  const stopped: string[] = [];
  let child: VisionWorkerListener | undefined;
  const reported: { deviceId: string; ok: boolean }[] = [];
  const readings: unknown[] = [];
  const config = {
    config: given.config ?? configOf([camera()]),
    start: () => undefined,
    stop: async () => void stopped.push('config'),
  };
  const state = {
    answer: () => Promise.resolve({ uri: 'rtsp://10.0.0.9/one' }),
    secret: undefined as string | undefined,
  };
  const desk = new VisionDesk({
    ...{ dataDir, configFolder: dataDir, store, outbox, evidence, clock, logger: silentLogger, onFault },
    section: visionSectionSchema.parse({ cameras: given.cameras ?? [] }),
    registry: {
      get: (id: string) => devices.get(id),
      list: () => [...devices.values()],
      values: (id: string) => values.get(id) ?? new Map(),
      onChange: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    } as unknown as VisionDeskOptions['registry'],
    devices: {
      found: async (adapterId: string, _protocol: string, { address }: { address: string }) => {
        if (address === 'broken') throw new Error('the registry is full');
        return put({ deviceId: cameraId, adapterId, address });
      },
      update: async (deviceId: string, { name }: { name?: string }) => put({ ...devices.get(deviceId)!, name }),
    } as unknown as VisionDeskOptions['devices'],
    intake: {
      evidence: ({ deviceId, ok }: { deviceId: string; ok: boolean }) => void reported.push({ deviceId, ok }),
      reading: async (reading: unknown) => void readings.push(reading),
    } as unknown as VisionDeskOptions['intake'],
    config: config as unknown as VisionConfigBook,
    adapterOf: () => ({ stream: () => state.answer() }) as unknown as Adapter,
    identity: () => undefined,
    secret: () => state.secret,
    makeWorker: (listener) => {
      child = listener;
      return {
        status,
        apply: (one) => void settings.push(one),
        tellFacts: (one) => void facts.push(one),
        orderClip: () => undefined,
        stop: async () => void stopped.push('worker'),
      };
    },
  });
  t.teardown(async () => {
    await desk.stop();
    store.close();
  });
  const until1 = (what: () => unknown, words: string) =>
    until(() => {
      void clock.advance(1_000);
      return Boolean(what());
    }, words);
  return {
    ...{ desk, clock, store, put, devices, values, settings, facts, status, faults, reported, readings, config, state },
    ...{ stopped, until1, child: () => child as VisionWorkerListener },
    wanted: () => settings.at(-1),
    findings: () =>
      (
        store.hub.commit.db.prepare("SELECT body FROM vision_finding WHERE state = 'told'").pluck().all() as string[]
      ).map((body) => JSON.parse(body) as { phase: string; episodeId: string }),
  };
};

t.test('the child is told what is to be watched, and nothing twice', async (t) => {
  const one = await setup(t);
  await one.desk.start();
  t.equal(one.wanted(), undefined, 'the camera is not known yet');
  t.match(one.desk.standings(), [{ state: 'unknown_device', hint: 'hub devices list' }]);
  const camera1 = one.put({ deviceId: cameraId });
  await until(() => one.wanted(), 'its address is known');
  t.match(one.wanted(), {
    ...{ zone: 'Asia/Shanghai', placeName: '演示营业厅', clips: 'reduced' },
    cameras: [{ cameraId, source: { kind: 'rtsp', url: 'rtsp://10.0.0.9/one' }, vision: { views: [{ id: viewId }] } }],
  });
  t.match(one.wanted()?.overlayKey, /^[0-9a-f]{64}$/, 'also where the unit has no secret yet');
  const told = one.settings.length;
  one.put({ ...camera1, presence: 'offline' });
  one.desk.apply();
  t.equal(one.settings.length, told, 'what changes nothing for it is not said');
  one.put({ ...camera1, name: '大厅球机' });
  t.match(one.wanted(), { cameras: [{ name: '大厅球机' }] });
  t.same(one.wanted()?.overlayKey, one.settings.at(-2)?.overlayKey, 'one and the same key');
  one.config.config = configOf([camera({ enabled: false })]);
  one.desk.apply();
  t.equal(one.wanted(), undefined);
  t.match(one.desk.standings(), [{ state: 'disabled', rules: 1 }]);
});

t.test('cameras of edge.yaml become devices; one that cannot be is told and stops none', async (t) => {
  const cameras = [
    { id: 'broken', file: 'x.mp4' },
    { id: 'film', name: '演示', url: 'rtsp://admin:secret@10.0.0.5/1' },
  ];
  const one = await setup(t, { cameras });
  await one.desk.start();
  t.ok(one.faults.includes('vision_camera'));
  t.match(one.wanted(), { cameras: [{ name: '演示', source: { url: 'rtsp://10.0.0.5/1', password: 'secret' } }] });
  one.status.cameras = [
    { cameraId, state: 'watching', since: 0, fps: 5, looked: 1, skipped: 0, people: 0, health: null },
  ];
  await one.until1(() => one.reported.length > 0, 'its presence is told');
  t.match(one.reported, [{ deviceId: cameraId, ok: true }]);
  t.match(one.readings, [{ values: { streaming: true } }]);
  const before = one.reported.length;
  await one.clock.advance(5_000);
  t.equal(one.reported.length, before, 'now and then');
});

t.test('facts: of devices that are there; told anew to another child', async (t) => {
  const one = await setup(t);
  one.put({ deviceId: cameraId });
  await one.desk.start();
  t.same(one.facts.at(-1) ?? {}, {}, 'a counter that is not there says nothing');
  const counter = one.put({ deviceId: counterId, deviceClass: 'counter' });
  const value = { value: true as unknown, at: 1, quality: 'good' };
  one.values.set(counterId, new Map([['signedOn', value]]));
  const known = () => Object.values(one.facts.at(-1) ?? {});
  await one.until1(() => known()[0] === true, 'it is told');
  const told = one.facts.length;
  await one.clock.advance(5_000);
  t.equal(one.facts.length, told, 'once');
  one.status.pid = 2;
  one.child().onStatus();
  t.equal(one.facts.length, told + 1, 'another child knows nothing');
  value.value = 'true';
  await one.until1(() => known()[0] === false, 'a text is no truth');
  value.quality = 'bad';
  await one.until1(() => known().length === 0, 'a value that is not good is not known');
  value.quality = 'good';
  one.put({ ...counter, presence: 'offline' });
  await one.clock.advance(3_000);
  t.same(known(), []);
});

t.test('an episode of a view or a rule that is no more is over', async (t) => {
  const one = await setup(t);
  one.put({ deviceId: cameraId });
  await one.desk.start();
  await until(() => one.wanted(), 'it is watched');
  const episodeId = uuidv7();
  const began = { kind: 'began' as const, episodeId, rule: rule(false), seen: [], startedAt: Date.now() };
  one.child().onNews(outcomes(began));
  one.child().onNews({ kind: 'pictures', episodeId, problem: 'none' });
  await until(() => one.findings().length === 1, 'it is told');
  one.put({ deviceId: uuidv7() });
  one.config.config = configOf([camera({ purpose: '客流' })]);
  one.desk.apply();
  await one.desk.findings.endAll(() => false);
  t.equal(one.findings().length, 1, 'its rule is there');
  // The camera is watched on, by another view: nobody in the child knows of the old one.
  one.config.config = configOf([camera({ views: [{ id: uuidv7(), name: '门', rules: [] }] })]);
  one.desk.apply();
  await until(() => one.findings().length === 2, 'it ends');
  t.match(one.findings()[1], { phase: 'ended', episodeId });
  await one.desk.tidy();
  t.same(one.desk.book.kept(), [], 'and what its rules remembered goes');
});

t.test('the end: the child and what it said last', async (t) => {
  const one = await setup(t);
  one.put({ deviceId: cameraId });
  await one.desk.start();
  await until(() => one.wanted(), 'it is watched');
  const told = one.settings.length;
  await one.desk.stop();
  t.same(one.stopped, ['config', 'worker']);
  one.put({ deviceId: cameraId, name: 'x' });
  one.desk.apply();
  t.equal(one.settings.length, told, 'nothing is watched any more');
});
