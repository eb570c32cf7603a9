import { uuidv7 } from '@hallhub/shared';
import { visionConfigSchema } from '@hallhub/shared/vision';
import t from 'tap';
import { addTestUnit } from '../streams/testing.js';
import { setUpRoutes } from './routes.js';
import { bringUpCamera, testRule } from './testing.js';
import { visionGateway } from './vision-gateway.js';

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const nudged: string[] = [];
  const hall = await bringUpCamera(t, { routes: () => setUpRoutes({ nudge: (unitId) => nudged.push(unitId) }) });
  const owner = await hall.cloud.signInAs('owner');
  const path = `/vision/cameras/${hall.cameraId}`;
  const viewOf = (...rules: object[]) => ({ id: uuidv7(), name: '全景', rules });
  const gateway = visionGateway({
    database: hall.cloud.db,
    clock: hall.cloud.clock,
    live: { publish: () => undefined },
  });
  const ask = async (unitId: string, etag?: string) => {
    const request = new Request('https://gateway.test/unit/v1/vision', {
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    });
    return gateway.handle(request, { unitId, address: '127.0.0.1', certificateSha256: '' });
  };
  const say = async (unitId: string, report: object) => {
    const request = new Request('https://gateway.test/unit/v1/vision', {
      method: 'POST',
      body: JSON.stringify(report),
    });
    return gateway.handle(request, { unitId, address: '127.0.0.1', certificateSha256: '' });
  };
  return { ...hall, owner, path, viewOf, ask, say, nudged };
};

t.test('a camera is set up, with versions, and its unit hears of it', async (t) => {
  const { owner, path, viewOf, cloud, cameraId, ask } = await setup(t);
  t.match(await owner.get('/vision/cameras'), {
    body: {
      items: [
        {
          deviceId: cameraId,
          name: '大厅球机',
          presence: 'online',
          configured: false,
          rules: 0,
          rulesMost: 320,
          version: 0,
        },
      ],
    },
  });
  const view = viewOf(testRule());
  t.match(await owner.put(path, { purpose: '服务规范', views: [view] }, 4), { status: 412 });
  const made = await owner.put(path, { purpose: '服务规范', views: [view] }, 0);
  t.match(made, { status: 200, body: { version: 1, configured: true, rules: 1, document: { analysisFps: 5 } } });
  t.equal(made.headers.get('etag'), '"1"');
  t.match(await owner.put(path, { views: [view] }, 0), { status: 412 });
  t.match((await owner.get('/vision/cameras?configured=true&q=球机')).body.items, [{ deviceId: cameraId }]);
  t.match((await owner.get('/vision/cameras?configured=false')).body.items, []);
  const [entry] = await cloud.auditRows('vision.changed');
  t.match(entry, { targetId: cameraId, hallId: cloud.hallId, before: null, after: { purpose: '服务规范' } });
  t.ok(cloud.published.some(({ type, deviceId }) => type === 'vision.changed' && deviceId === cameraId));

  const answer = await ask(cloud.unit.unitId);
  const config = visionConfigSchema.parse(await answer.json());
  t.match(config, {
    zone: 'Asia/Shanghai',
    placeName: '营业厅 H1',
    cameras: [{ deviceId: cameraId, views: [{ name: '全景' }] }],
  });
  t.equal((await ask(cloud.unit.unitId, answer.headers.get('etag') ?? '')).status, 304);
  await owner.put(path, { enabled: false, views: [view] }, 1);
  const changed = await ask(cloud.unit.unitId, answer.headers.get('etag') ?? '');
  t.match(await changed.json(), { cameras: [{ enabled: false }] });
  const other = await addTestUnit(cloud.db, { tenantId: cloud.tenantId, hallId: cloud.hallId });
  t.match(await (await ask(other.unitId)).json(), { cameras: [] }, 'another unit’s cameras are none of its business');
});

t.test('who may not, and what is no set-up', async (t) => {
  const { owner, path, viewOf, cloud, hall } = await setup(t);
  const rule = testRule();
  const observer = await cloud.signInAs('observer');
  t.match(await observer.put(path, { views: [] }, 0), { status: 403 });
  t.match(await observer.get(path), { status: 200 });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match(await stranger.put(path, { views: [] }, 0), { status: 404 });
  t.match(await stranger.get('/vision/cameras'), { body: { items: { length: 0 } } });
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.match(await elsewhere.get(path), { status: 404 });
  const put = async (views: object[]) => (await owner.put(path, { views }, 0)).body.errors?.[0];
  t.match(await put([viewOf(rule, { ...rule })]), { path: 'body.views.0.rules.1.id' });
  const foreign = { deviceId: uuidv7(), property: 'state', equals: 'on' };
  t.match(await put([viewOf({ ...rule, facts: [foreign] })]), { path: 'body.views.0.rules.0.facts.0.deviceId' });
  t.match(await put([viewOf(), viewOf()]), { path: 'body.views' });
  t.match(await put([viewOf({ ...rule, mots: 3 })]), { path: /rules/ });
  t.match(await put(Array.from({ length: 11 }, () => viewOf())), { path: /views/ });
  const own = { ...foreign, deviceId: hall.deviceId };
  t.equal((await owner.put(path, { views: [viewOf({ ...rule, facts: [own] })] }, 0)).status, 200);
});

t.test('one view’s rules to other cameras: first what would go, then only what was shown', async (t) => {
  const { owner, path, viewOf, addCamera, cameraId, cloud } = await setup(t);
  const other = await addCamera(uuidv7(), '一号窗口');
  const third = await addCamera(uuidv7(), '二号窗口');
  const view = viewOf(testRule(), testRule({ name: '二号窗口脱岗' }));
  await owner.put(path, { views: [view] }, 0);
  await owner.put(`/vision/cameras/${other}`, { views: [viewOf(testRule({ name: '旧规则' }))] }, 0);
  const copy = (body: object) => owner.post(`${path}/copies`, { viewId: view.id, mode: 'replace', ...body });
  const shown = await copy({
    targets: [{ deviceId: other }, { deviceId: third }, { deviceId: cameraId }, { deviceId: uuidv7() }],
  });
  const of = (answer: typeof shown, id: string) =>
    answer.body.targets.find(({ deviceId }: { deviceId: string }) => deviceId === id);
  t.match(of(shown, other), {
    result: 'would_change',
    overwritten: ['旧规则'],
    rulesBefore: 1,
    rulesAfter: 2,
    version: 1,
  });
  t.match(of(shown, third), { result: 'would_change', overwritten: [], version: 0 });
  t.match(of(shown, cameraId), { result: 'is_source' });
  t.same((await owner.get(`/vision/cameras/${other}`)).body.version, 1, 'nothing was changed');
  await owner.put(`/vision/cameras/${third}`, { views: [] }, 0);
  const targets = [
    { deviceId: other, version: 1 },
    { deviceId: third, version: 0 },
  ];
  const done = await copy({ dryRun: false, targets });
  t.match(of(done, other), { result: 'changed', version: 2 });
  t.match(of(done, third), { result: 'changed_meanwhile' });
  const copied = (await owner.get(`/vision/cameras/${other}`)).body.document.views[0].rules;
  t.match(copied, [{ name: '一号窗口脱岗' }, { name: '二号窗口脱岗' }]);
  t.not(copied[0].id, view.rules[0] && (view.rules[0] as { id: string }).id, 'a rule of its own');
  const added = await copy({ dryRun: false, mode: 'add', targets: [{ deviceId: other, version: 2 }] });
  t.match(of(added, other), { result: 'changed', rulesAfter: 4, overwritten: [] });
  t.equal((await cloud.auditRows('vision.copied')).length, 2);
});

t.test('templates of the organisation', async (t) => {
  const { owner, cloud } = await setup(t);
  const made = await owner.post('/vision/templates', { name: '窗口', note: '', rules: [testRule()] });
  t.match(made, { status: 201, body: { name: '窗口', version: 1, rules: [{ algorithm: 'absence' }] } });
  t.match(await owner.post('/vision/templates', { name: '窗口', rules: [testRule()] }), { status: 400 });
  const manager = await cloud.signInAs('hall-manager', { hallIds: [cloud.hallId] });
  t.match(await manager.get('/vision/templates'), { body: { items: [{ name: '窗口' }] } });
  t.match(await manager.post('/vision/templates', { name: '我的', rules: [testRule()] }), { status: 403 });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match(await stranger.get('/vision/templates'), { body: { items: { length: 0 } } });
  const path = `/vision/templates/${made.body.id}`;
  t.match(await owner.put(path, { name: '窗口二', rules: [testRule()] }, 1), { body: { name: '窗口二', version: 2 } });
  t.equal((await owner.delete(path, 1)).status, 412);
  t.equal((await owner.delete(path, 2)).status, 204);
  for (const action of ['created', 'changed', 'deleted']) {
    t.equal((await cloud.auditRows(`vision_template.${action}`)).length, 1, action);
  }
});

t.test('everything to a file and back', async (t) => {
  const { owner, path, viewOf, addCamera, cloud } = await setup(t);
  await owner.put(path, { views: [viewOf(testRule())] }, 0);
  await owner.post('/vision/templates', { name: '窗口', rules: [testRule()] });
  const { body: file } = await owner.get('/vision/file');
  t.match(file, { format: 'hallhub.vision', cameras: [{ name: '大厅球机' }], templates: [{ name: '窗口' }] });
  await owner.put(path, { views: [] }, 1);
  const other = await addCamera(uuidv7(), '新球机');
  const stranger = { ...file.cameras[0], deviceId: uuidv7(), serial: 'nobody', name: '拆走的' };
  const moved = { ...file.cameras[0], deviceId: uuidv7(), serial: `C-${other.slice(-6)}` };
  const whole = { ...file, cameras: [...file.cameras, stranger, moved] };
  const results = (answer: { body: { cameras: { result: string }[] } }) =>
    answer.body.cameras.map(({ result }) => result);
  t.same(results(await owner.post('/vision/file?dryRun=true', whole)), ['replaced', 'unknown', 'created']);
  t.equal((await owner.get(path)).body.version, 2);
  t.same(results(await owner.post('/vision/file?dryRun=false', whole)), ['replaced', 'unknown', 'created']);
  t.same(results(await owner.post('/vision/file?dryRun=false', whole)), ['unchanged', 'unknown', 'unchanged']);
  t.match(await owner.get(path), { body: { version: 3, rules: 1 } });
  t.equal((await cloud.auditRows('vision.imported')).length, 2);
  t.match(await owner.post('/vision/file', { ...file, v: 2 }), { status: 400 });
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.equal((await elsewhere.get(`/vision/file?hallId=${cloud.hallId}`)).status, 404, 'nothing is written of that hall');
  t.match(await elsewhere.get(`/vision/file?hallId=${cloud.otherHallId}`), { status: 200, body: { cameras: [] } });
  t.equal((await cloud.auditRows('vision.exported')).length, 2);
  const observer = await cloud.signInAs('observer');
  t.match(await observer.post('/vision/file', file), { status: 403 });
});

t.test('what the unit says: which version it works by, how each camera fares, what it can carry', async (t) => {
  const { owner, path, viewOf, cloud, cameraId, ask, say, rows } = await setup(t);
  await owner.put(path, { views: [viewOf(testRule())] }, 0);
  t.match((await owner.get(path)).body, { analysis: 'unknown', applied: { version: null, reportedAt: null } });
  const { version } = (await (await ask(cloud.unit.unitId)).json()) as { version: string };
  const at = cloud.clock.now();
  const today = new Date(at).toISOString().slice(0, 10);
  const camera = {
    ...{ deviceId: cameraId, state: 'watching', since: at, reason: null, hint: null, fps: 4.5, health: null },
    ...{
      recordedFrom: at - 3_600_000,
      days: [today, '2001-01-01', '2999-01-01'].map((day) => ({ day, looked: 1_000 })),
    },
  };
  const report = (change: object = {}, ...cameras: object[]) => ({
    ...{ v: 1, at, config: { source: 'cloud', version, appliedAt: at, problem: null, ...change } },
    process: { state: 'running', restarts: 0, reason: null, hint: null },
    slots: { most: 64, used: 1 },
    detector: { model: 'nanodet-g-416', p50Ms: 40, p95Ms: 60, skipped: 0 },
    cameras: cameras.length > 0 ? cameras : [camera],
  });
  t.equal((await say(cloud.unit.unitId, report({ version: 'older' }))).status, 204);
  t.match((await owner.get(path)).body, { analysis: 'waiting', applied: { version: null } });
  await say(cloud.unit.unitId, report());
  t.match((await owner.get(path)).body, {
    analysis: 'watching',
    applied: { version: 1, at: new Date(at).toISOString(), fps: 4.5, model: 'nanodet-g-416', source: 'cloud' },
  });
  t.same(await rows('SELECT day::text FROM vision_days'), [{ day: today }], 'no days of a clock gone wild');
  t.match((await owner.get('/vision/cameras?analysis=watching&presence=online')).body.items, [{ deviceId: cameraId }]);
  t.same((await owner.get('/vision/cameras?analysis=trouble')).body.items, []);
  t.match((await owner.get('/vision/places')).body, {
    halls: [
      {
        cameras: 1,
        online: 1,
        configured: 1,
        watching: 1,
        trouble: 0,
        units: [{ slotsMost: 64, slotsUsed: 1, busy: 0.18 }],
      },
    ],
    regions: [{ name: String }],
  });
  await owner.put(path, { views: [], enabled: true }, 1);
  t.match((await owner.get(path)).body, { analysis: 'not_set_up', applied: { version: 1 } });
  await owner.put(path, { views: [viewOf(testRule())] }, 2);
  await say(
    cloud.unit.unitId,
    report({ problem: 'not understood' }, { ...camera, state: 'no_model', reason: 'none', hint: 'hub models pull' }),
  );
  t.match((await owner.get(path)).body, {
    analysis: 'waiting',
    applied: { version: 1, problem: 'not understood', reason: 'none', hint: 'hub models pull' },
  });
  const other = await addTestUnit(cloud.db, { tenantId: cloud.tenantId, hallId: cloud.hallId });
  await say(other.unitId, report({}, { ...camera, state: 'stopped' }));
  t.match((await owner.get(path)).body, { applied: { reason: 'none' } }, 'a unit says nothing of another’s cameras');
  t.rejects(say(cloud.unit.unitId, { v: 1 }), { code: 'invalid_input' });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.same((await stranger.get('/vision/places')).body, { halls: [], regions: [] });
});

t.test('units are told at once where something was set up', async (t) => {
  const { owner, path, viewOf, cloud, nudged, addCamera } = await setup(t);
  const view = viewOf(testRule());
  await owner.put(path, { views: [view] }, 0);
  t.same(nudged, [cloud.unit.unitId]);
  const other = await addCamera(uuidv7(), '一号窗口');
  const targets = [{ deviceId: other, version: 0 }];
  await owner.post(`${path}/copies`, { viewId: view.id, mode: 'add', dryRun: false, targets });
  t.equal(nudged.length, 2);
});
