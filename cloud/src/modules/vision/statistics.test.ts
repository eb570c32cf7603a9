import { ManualClock, uuidv7 } from '@hallhub/shared';
import { heatColumns, heatRows } from '@hallhub/shared/vision';
import t from 'tap';
import { sweepVision } from './jobs.js';
import { reviewRoutes } from './review-routes.js';
import { setUpRoutes } from './routes.js';
import { statisticsRoutes } from './statistics-routes.js';
import { bringUpCamera, testFinding } from './testing.js';

const hourMs = 3_600_000;
const blobs = { stat: async () => undefined } as never;

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const hall = await bringUpCamera(t, {
    routes: () => [...setUpRoutes(), ...reviewRoutes({ blobs }), ...statisticsRoutes({ blobs, keepDays: 180 })],
  });
  const owner = await hall.cloud.signInAs('owner');
  const now = hall.cloud.clock.now();
  const span = (hours = 48) =>
    `from=${new Date(now - hours * hourMs).toISOString()}&to=${new Date(now + hourMs).toISOString()}`;
  return { ...hall, owner, now, span };
};

t.test('totals, shares, days and hours', async (t) => {
  const { find, owner, now, span, cameraId, cloud } = await setup(t);
  const rule = { id: uuidv7(), name: '拥挤', algorithm: 'crowding' as const };
  const at = now - 3 * hourMs;
  await find(
    ...[0, 1, 2].map((i) => testFinding({ startedAt: at + i * 300_000 })),
    testFinding({ startedAt: at + 1_500_000, rule }),
  );
  const { items } = (await owner.get('/review/items')).body;
  for (const [i, decision] of (['accepted', 'false'] as const).entries()) {
    await owner.post(`/review/items/${items[i].id}/decisions`, { decision }, { 'if-match': `"${items[i].version}"` });
  }
  const { body } = await owner.get(`/vision/statistics?${span()}`);
  t.match(body, {
    ...{
      findings: 4,
      decided: 2,
      accepted: 1,
      false: 1,
      duplicates: 0,
      open: 2,
      reviewRate: 0.5,
      precision: 0.5,
      refused: 0,
    },
    byAlgorithm: [
      { algorithm: 'intrusion', findings: 3 },
      { algorithm: 'crowding', findings: 1 },
    ],
    byCamera: [{ deviceId: cameraId, findings: 4 }],
    byHall: [{ hallId: cloud.hallId, findings: 4 }],
  });
  t.equal(
    body.byHour.reduce((sum: number, one: number) => sum + one, 0),
    4,
  );
  t.equal(
    body.byDay.reduce((sum: number, one: { findings: number }) => sum + one.findings, 0),
    4,
  );
  t.match(
    await owner.get(`/vision/statistics?from=${new Date(now).toISOString()}&to=${new Date(now - 1).toISOString()}`),
    { status: 400 },
  );
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.match((await elsewhere.get(`/vision/statistics?${span()}`)).body, {
    findings: 0,
    reviewRate: null,
    precision: null,
  });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match((await stranger.get(`/vision/statistics?${span()}`)).body, { findings: 0 });
});

t.test('flow by step, heat of a view', async (t) => {
  const { send, eventRow, owner, now, span, cameraId, cloud, rows } = await setup(t);
  const [ruleId, viewId] = [uuidv7(), uuidv7()];
  const hour = Math.floor(now / hourMs) * hourMs - 5 * hourMs;
  const flow = (minute: number, change: object) =>
    eventRow('vision.flow', { v: 1, ruleId, viewId, minute: hour + minute * 60_000, ...change });
  await send(flow(1, { in: 3, out: 1 }), flow(62, { in: 2, out: 4, occupancyMost: 5 }));
  const get = async (step: string) =>
    (await owner.get(`/vision/flow?step=${step}&${span(step === 'minute' ? 24 : 48)}`)).body;
  t.match(await get('hour'), {
    points: [
      { in: 3, out: 1 },
      { in: 2, out: 4 },
    ],
    rules: [{ ruleId, deviceId: cameraId, in: 5, out: 5, name: null }],
  });
  t.match((await get('minute')).points, [{ at: new Date(hour + 60_000).toISOString() }, {}]);
  t.equal(
    (await get('day')).points.reduce((sum: number, one: { in: number }) => sum + one.in, 0),
    5,
  );
  t.match(await owner.get(`/vision/flow?step=minute&${span(72)}`), { status: 400 });
  const heat = (value: number, at: number) =>
    eventRow('vision.heat', {
      v: 1,
      viewId,
      hour: at,
      seconds: Array.from({ length: heatColumns * heatRows }, () => value),
    });
  await send(heat(3, hour), heat(4, hour + hourMs));
  const path = `/vision/cameras/${cameraId}/heat?viewId=${viewId}&${span()}`;
  const answer = (await owner.get(path)).body;
  t.match(answer, { hours: 2, columns: 32, rows: 18 });
  t.ok(answer.seconds.every((one: number) => one === 7));
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await stranger.get(path)).status, 404);

  const later = new ManualClock(now + 100 * 24 * hourMs);
  t.equal(await sweepVision({ database: cloud.db, clock: later }), 2);
  t.equal((await rows('SELECT 1 FROM flow_hours')).length, 2, 'hours outlive their minutes');
});

t.test('the privacy receipt of a day', async (t) => {
  const { find, owner, now, cameraId, cloud, rows } = await setup(t);
  const files = ['a', 'b', 'c'].map((letter) => ({
    id: uuidv7(),
    role: 'overview' as const,
    sha256: letter.repeat(64),
    sm3: letter.repeat(64),
    bytes: 10,
  }));
  const startedAt = now - 60_000;
  await find(testFinding({ startedAt, evidence: files }), testFinding({ startedAt, faces: 'none' }));
  for (const [i, state] of (['complete', 'given_up'] as const).entries()) {
    await rows(
      `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, device_id, state, name, media_type, bytes, sha256, stored_sha256, stored_bytes, manifest_at, received_at, changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'x', 'image/jpeg', 10, $7, $7, 10, now(), now(), now())`,
      [cloud.tenantId, files[i]?.id, cloud.unit.unitId, cloud.hallId, cameraId, state, Buffer.alloc(32, i)],
    );
  }
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(startedAt);
  await owner.put(`/vision/cameras/${cameraId}`, { purpose: '服务规范', views: [] }, 0);
  await rows(
    `INSERT INTO audit_entries (id, tenant_id, at, actor_kind, actor_name, action, target_kind, target_id) VALUES ($1, $2, $4, 'user', '王', 'evidence.viewed', 'evidence', $3)`,
    [uuidv7(), cloud.tenantId, files[0]?.id, new Date(startedAt)],
  );
  const path = `/vision/cameras/${cameraId}/privacy?day=${day}`;
  const receipt = (await owner.get(path)).body;
  t.match(receipt, {
    ...{ purpose: '服务规范', findings: 2, faces: { blurred: 1, none: 1 }, keepDays: 180, timeZone: 'Asia/Shanghai' },
    files: { left: 3, here: 1, hereBytes: 10, never: 1, onTheWay: 1, deleted: 0 },
    looked: { times: 1, people: [{ name: '王', times: 1 }] },
  });
  const observer = await cloud.signInAs('observer');
  t.match((await observer.get(path)).body, { looked: { times: 1, people: [] }, namesShown: false });
  for (const [action, target] of [
    ['camera.watched', cameraId],
    ['recording.viewed', cameraId],
    ['recording.downloaded', cameraId],
    ['camera.watched', uuidv7()],
    ['evidence.viewed', uuidv7()],
  ])
    await rows(
      `INSERT INTO audit_entries (id, tenant_id, at, actor_kind, actor_name, action, target_kind, target_id) VALUES ($1, $2, $3, 'user', '李', $4, 'device', $5)`,
      [uuidv7(), cloud.tenantId, new Date(startedAt), action, target],
    );
  const seen = {
    looked: {
      times: 3,
      people: [
        { name: '李', times: 2 },
        { name: '王', times: 1 },
      ],
    },
  };
  t.match(
    (await owner.get(path)).body,
    { ...seen, exported: { times: 1, files: 1 } },
    'live and recorded pictures, too',
  );
  await rows(`DELETE FROM evidence`);
  t.match((await owner.get(path)).body, seen, 'who looked at a file that is deleted now did look at it');
  await rows('INSERT INTO vision_days VALUES ($1, $2, $3, 18231)', [cloud.tenantId, cameraId, day]);
  await rows(
    `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_name, action, target_kind, target_id, after, seq) VALUES ($1, $2, 'system', 'evidence.sweep', 'evidence.deleted', 'device', $3, $4, 77)`,
    [uuidv7(), cloud.tenantId, cameraId, { files: [{ id: files[0]?.id }, { id: files[1]?.id }, { id: uuidv7() }] }],
  );
  t.match((await owner.get(path)).body, { analysed: 18_231, deletions: [{ files: 2, seq: 77 }] });
  await rows(`UPDATE review_findings SET received_at = received_at - interval '181 days'`);
  t.match((await owner.get(path)).body, { files: { left: 3, here: 0, deleted: 3 } }, 'what is gone is looked up');
  t.match((await owner.get(`/vision/cameras/${cameraId}/privacy?day=2020-01-01`)).body, {
    findings: 0,
    files: { left: 0 },
  });
});
