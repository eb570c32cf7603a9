import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { sweepVision } from './jobs.js';
import { reviewRoutes } from './review-routes.js';
import { setUpRoutes } from './routes.js';
import { bringUpCamera, testFinding, testRule } from './testing.js';

const minuteMs = 60_000;

/** One app for all: what one test left is cleared away by the next. */
const hall = await bringUpCamera(t, { routes: () => [...setUpRoutes(), ...reviewRoutes({ blobs: {} as never })] });
const owner = await hall.cloud.signInAs('owner');

const setup = async () => {
  await hall.rows('DELETE FROM review_findings');
  await hall.rows('DELETE FROM review_items');
  const base = hall.cloud.clock.now() - 6 * 3_600_000;
  const list = async (query = '') => (await owner.get(`/review/items${query}`)).body.items;
  return { ...hall, base, list };
};

t.test('several items at once: each by itself, and what cannot be is told', async (t) => {
  const { find, list, base, cloud } = await setup();
  await find(...[0, 10, 20, 30].map((minute) => testFinding({ startedAt: base + minute * minuteMs })));
  const [a, b, c, d] = await list('?order=oldest');
  await owner.post(`/review/items/${b.id}/decisions`, { decision: 'accepted' }, { 'if-match': `"${b.version}"` });
  const nobody = uuidv7();
  const items = [
    ...[a, a, b, { ...c, version: c.version + 1 }, d].map(({ id, version }) => ({ id, version })),
    { id: nobody, version: 1 },
  ];
  const decide = (body: object, who = owner) => who.post('/review/decisions', body);
  const answer = await decide({ decision: 'false', opinion: '反光', items });
  t.match(answer, {
    status: 200,
    body: {
      done: 2,
      items: [
        { id: a.id, result: 'done', number: a.number },
        { id: b.id, result: 'changed' },
        { id: c.id, result: 'changed' },
        { id: d.id, result: 'done' },
        { id: nobody, result: 'not_found' },
      ],
    },
  });
  const [again] = (await decide({ decision: 'false', items: [{ id: b.id, version: b.version + 1 }] })).body.items;
  t.match(again, { result: 'conflict', by: /owner/ }, 'who was faster is told');
  t.match(await cloud.auditRows('review.decided'), [{}, { after: { decision: 'false', opinion: '反光' } }, {}]);
  t.match(await decide({ decision: 'duplicate', items }), { status: 400 });
  t.match(await decide({ decision: 'false', items: [] }), { status: 400 });
  const tooMany = Array.from({ length: 101 }, () => ({ id: uuidv7(), version: 1 }));
  t.match(await decide({ decision: 'false', items: tooMany }), { status: 400 });
  const observer = await cloud.signInAs('observer');
  t.equal((await decide({ decision: 'false', items }, observer)).status, 403);
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match((await decide({ decision: 'false', items: [{ id: c.id, version: c.version }] }, stranger)).body, {
    done: 0,
    items: [{ result: 'not_found' }],
  });

  const done = answer.body.items.filter(({ result }: { result: string }) => result === 'done');
  const undone = await owner.post('/review/undo', {
    items: done.map(({ id, version }: { id: string; version: number }) => ({ id, version })),
  });
  t.match(undone.body, { done: 2, items: [{ result: 'done' }, { result: 'done' }] });
  t.equal((await list('?state=open')).length, 3);
  t.equal((await cloud.auditRows('review.undone')).length, 2);
});

t.test('found by what is in it', async (t) => {
  const { find, list, base } = await setup();
  const rule = { id: uuidv7(), name: '三号窗口 100%_脱岗', algorithm: 'absence' as const };
  await find(
    testFinding({ startedAt: base, rule }),
    testFinding({ startedAt: base + 10 * minuteMs, detail: 'Frozen' }),
    testFinding({ startedAt: base + 20 * minuteMs }),
  );
  const [, , third] = await list('?order=oldest');
  await owner.post(
    `/review/items/${third.id}/decisions`,
    { decision: 'false', opinion: '镜子里的人' },
    { 'if-match': `"${third.version}"` },
  );
  const found = async (q: string) => (await list(`?q=${encodeURIComponent(q)}`)).length;
  t.equal(await found('脱岗'), 1);
  t.equal(await found('100%_'), 1, 'as it is written, not a pattern');
  t.equal(await found('10__'), 0);
  t.equal(await found('frozen'), 1);
  t.equal(await found('镜子'), 1);
  t.equal(await found('大厅球机'), 3);
  t.equal(await found(third.number.toLowerCase().replace('-', ' ')), 1);
});

t.test('a rule’s threshold, and nothing else of its camera', async (t) => {
  const { cloud, cameraId, addCamera, send, eventRow, base } = await setup();
  const [rule, next] = [testRule(), testRule({ name: '二号窗口' })];
  await owner.put(`/vision/cameras/${cameraId}`, { views: [{ id: uuidv7(), name: '全景', rules: [rule, next] }] }, 0);
  const path = `/review/precision/${cameraId}/${rule.id}/threshold`;
  const set = (minConfidence: number, was: number, who = owner) => who.post(path, { minConfidence, was });
  t.match(await set(0.62, 0.5), { status: 200, body: { minConfidence: 0.62 } });
  t.match((await owner.get(`/vision/cameras/${cameraId}`)).body, {
    version: 2,
    document: { views: [{ rules: [{ minConfidence: 0.62 }, { minConfidence: 0.5 }] }] },
  });
  t.match(cloud.published.at(-1), { type: 'vision.changed', deviceId: cameraId });
  t.match(await cloud.auditRows('vision.threshold_set'), [{ targetId: cameraId, hallId: cloud.hallId }]);
  t.equal((await set(0.7, 0.5)).status, 412, 'somebody else gave it another');
  t.equal((await set(1, 0.62)).status, 400);
  const observer = await cloud.signInAs('observer');
  t.equal((await set(0.7, 0.62, observer)).status, 403);
  const twin = await addCamera(uuidv7(), '同一设置');
  for (const deviceId of [cameraId, twin]) {
    const data = testFinding({ startedAt: base, rule: { id: rule.id, name: rule.name, algorithm: 'absence' } });
    await send(eventRow('vision.finding', data, { deviceId }));
  }
  const views = [{ id: uuidv7(), name: '全景', rules: [{ ...rule, minConfidence: 0.9 }] }];
  await owner.put(`/vision/cameras/${twin}`, { views }, 0);
  const { items } = (await owner.get('/review/precision')).body;
  t.same(
    items.map((one: { deviceId: string; minConfidence: number }) => [one.deviceId, one.minConfidence]).sort(),
    [
      [cameraId, 0.62],
      [twin, 0.9],
    ].sort(),
    'another camera’s rule of the same id is another rule',
  );
  const gone = `/review/precision/${cameraId}/${uuidv7()}/threshold`;
  t.equal((await owner.post(gone, { minConfidence: 0.7, was: 0.5 })).status, 404);
});

t.test('who looks at it', async (t) => {
  const { find, list, base, cloud } = await setup();
  await find(testFinding({ startedAt: base }));
  const [item] = await list();
  const path = `/review/items/${item.id}/look`;
  const other = await cloud.signInAs('hall-manager', { hallIds: [cloud.hallId] });
  const look = async (who = owner) => (await who.put(path, {}, 0)).body.others;
  t.same(await look(), []);
  t.match(cloud.published.at(-1), { topic: 'review', type: 'review.looked', data: { itemId: item.id } });
  t.match(await look(other), [{ name: /owner/ }]);
  await cloud.clock.advance(1_000);
  const published = cloud.published.length;
  t.match(await look(), [{ name: /hall-manager/ }]);
  t.equal(cloud.published.length, published, 'who goes on looking says nothing new');
  await cloud.clock.advance(46_000);
  t.same(await look(other), [], 'who does not say it again looks no more');
  await look();
  t.equal((await other.delete(path)).status, 204);
  t.same(await look(), []);
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await stranger.put(path, {}, 0)).status, 404);
  await cloud.clock.advance(25 * 3_600_000);
  t.equal(await sweepVision({ database: cloud.db, clock: cloud.clock }), 1);
});
