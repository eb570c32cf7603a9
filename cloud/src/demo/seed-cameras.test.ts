import { uuidv7 } from '@hallhub/shared';
import { profileHash, profileSchema } from '@hallhub/shared/profile';
import pino from 'pino';
import t from 'tap';
import { systemActor } from '../modules/access/actor.js';
import { deviceRow, testProfile } from '../modules/streams/test-link.js';
import { until } from '../modules/streams/testing.js';
import { bringUpCamera } from '../modules/vision/testing.js';
import { getCamera, putCamera } from '../modules/vision/verbs/camera-set-up.js';
import { demoCameraSchema, demoDocument } from './demo-cameras.js';
import { DemoCameras } from './seed-cameras.js';

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const hall = await bringUpCamera(t);
  const { cloud } = hall;
  const ctx = { ...cloud.systemContext(), actor: systemActor(cloud.systemContext().actor.tenantId, 'demo') };
  const nudged: string[] = [];
  const cameras = new DemoCameras({
    ...{ ctx, bus: cloud.bus, fleet: cloud.link.fleet, hallId: cloud.hallId, log: pino({ level: 'silent' }) },
    nudge: (unitId) => nudged.push(unitId),
  });
  t.teardown(() => cameras[Symbol.asyncDispose]());
  const at = cloud.clock.now();
  const add = (deviceId: string, serial: string, change: object = {}) =>
    hall.hall.send(
      hall.hall.events,
      deviceRow(deviceId, 1, at, {
        ...{ deviceClass: 'camera', name: undefined, protocol: 'onvif', profile: undefined },
        ...{ identity: { vendor: 'HallHub', model: 'Dome-2', serial }, ...change },
      }),
    );
  const setUpOf = (deviceId: string) => getCamera(ctx, { deviceId });
  const isSetUp = (deviceId: string) => until(async () => (await setUpOf(deviceId)).version > 0);
  return { ...hall, ctx, cameras, nudged, add, setUpOf, isSetUp };
};

t.test('a camera that films is set up as soon as it is registered, named, and its unit told', async (t) => {
  const { cloud, cameras, nudged, add, setUpOf, isSetUp } = await setup(t);
  cameras.filming({ serial: 'DM2000009', scene: 'street' });
  const deviceId = uuidv7();
  await add(deviceId, 'DM2000009');
  await isSetUp(deviceId);
  const { document, updatedBy } = await setUpOf(deviceId);
  t.equal(updatedBy, 'demo');
  t.match(document, { recordHours: 1, views: [{ name: '人行道' }] });
  t.same(
    document.views[0]?.rules.map(({ algorithm }) => algorithm),
    ['line_count', 'crowding', 'dwell', 'tamper'],
  );
  t.same(nudged, [cloud.unit.unitId]);
  t.match(await cloud.auditRows('vision.changed'), [{ targetId: deviceId, actorName: 'demo' }]);
  t.match(await cloud.auditRows('command.issued'), [
    { actorName: 'demo', after: { name: 'device.update', input: { deviceId, name: '厅外人行道摄像机' } } },
  ]);
});

t.test('the first counter’s rule asks whether somebody has signed on; a name that somebody gave stays', async (t) => {
  const { cloud, hall, cameras, add, setUpOf, isSetUp } = await setup(t);
  const at = cloud.clock.now();
  const profile = profileSchema.parse({
    ...testProfile,
    ...{ model: 'ev', class: 'evaluator', match: { mqtt: [{ vendor: 'acme', model: 'ev' }] }, alarms: [] },
    thing: { properties: [{ id: 'signedOn', label: { zh: '已签到' }, type: 'boolean' }] },
  } as unknown);
  const [camera, evaluator] = [uuidv7(), uuidv7()];
  await add(camera, 'DM2000008', { name: '我的摄像机' });
  cameras.filming({ serial: 'DM2000008', scene: 'counter' });
  await hall.send(
    hall.events,
    { kind: 'profile', at, hash: profileHash(profile), document: profile },
    deviceRow(evaluator, 1, at, {
      ...{ deviceClass: 'evaluator', identity: { vendor: 'acme', model: 'ev', serial: 'E1' } },
      profile: { id: 'acme/ev', version: '1.0.0', hash: profileHash(profile) },
    }),
  );
  await isSetUp(camera);
  const [absence] = (await setUpOf(camera)).document.views[0]?.rules ?? [];
  t.match(absence, { algorithm: 'absence', facts: [{ deviceId: evaluator, property: 'signedOn', equals: true }] });
  t.same(await cloud.auditRows('command.issued'), []);
});

t.test('without an evaluator the counter is watched after a while, signed on or not', async (t) => {
  const { cloud, cameras, add, setUpOf, isSetUp } = await setup(t);
  const camera = uuidv7();
  await add(camera, 'DM2000008');
  cameras.filming({ serial: 'DM2000008', scene: 'counter' });
  await until(async () => {
    await cloud.clock.advance(5_000);
    return (await setUpOf(camera)).version > 0;
  });
  await isSetUp(camera);
  t.match((await setUpOf(camera)).document.views[0]?.rules[0], { name: '1 号窗口无人', facts: [] });
});

t.test('a camera that somebody set up, or cleared, is left alone', async (t) => {
  const { ctx, cameras, nudged, add, setUpOf } = await setup(t);
  const [cleared, other] = [uuidv7(), uuidv7()];
  await add(cleared, 'DM2000009');
  const document = { ...demoDocument('street', undefined), views: [] };
  await putCamera(ctx, { deviceId: cleared, document, version: 0 });
  cameras.filming({ serial: 'DM2000009', scene: 'street' });
  cameras.filming({ serial: 'DM2000010', scene: 'street' });
  await add(other, 'DM2000010');
  await until(async () => (await setUpOf(other)).version > 0);
  t.match(await setUpOf(cleared), { version: 1, rules: 0 });
  t.equal(nudged.length, 1);
});

t.test('what the launcher says is checked', async (t) => {
  t.ok(demoCameraSchema.safeParse({ serial: 'S', scene: 'counter' }).success);
  t.notOk(demoCameraSchema.safeParse({ serial: 'S', scene: 'crowd' }).success);
});
