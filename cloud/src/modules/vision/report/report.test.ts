import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { reviewRoutes } from '../review-routes.js';
import { bringUpCamera, testFinding } from '../testing.js';
import { reportRoutes } from './report-routes.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zone = 'Asia/Shanghai';

const hall = await bringUpCamera(t, { routes: () => [...reviewRoutes({ blobs: {} as never }), ...reportRoutes()] });
const { cloud, find, send, eventRow, rows, cameraId, addCamera } = hall;
const owner = await cloud.signInAs('owner');
const now = cloud.clock.now();
const today = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(now);
const yesterday = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(now - dayMs);
/** Noon of the hall's yesterday. */
const noon = Date.parse(`${yesterday}T12:00:00+08:00`);
const report = async (period: string, query = '', who = owner) => who.get(`/vision/report?period=${period}${query}`);

t.test('a day: totals, the day before, cameras, flow, what stands out', async (t) => {
  const rule = { id: uuidv7(), name: '三号窗口脱岗', algorithm: 'absence' as const };
  await find(
    ...[0, 10, 20].map((minute) => testFinding({ startedAt: noon + minute * 60_000, rule })),
    testFinding({ startedAt: noon - dayMs }),
  );
  const { items } = (await owner.get('/review/items?order=newest')).body;
  for (const [i, decision] of (['accepted', 'false'] as const).entries()) {
    await owner.post(`/review/items/${items[i].id}/decisions`, { decision }, { 'if-match': `"${items[i].version}"` });
  }
  const flow = (minute: number, counts: object) =>
    eventRow('vision.flow', { v: 1, ruleId: rule.id, viewId: uuidv7(), minute: noon + minute * 60_000, ...counts });
  await send(flow(1, { in: 30, out: 2 }), flow(61, { in: 5, out: 9 }));
  // Reachable from the day's beginning, but for six hours; another camera told nothing of that day.
  await rows('UPDATE presence_changes SET at = $1 WHERE device_id = $2', [new Date(noon - 2 * dayMs), cameraId]);
  for (const [hours, state] of [
    [1, 'offline'],
    [7, 'online'],
  ] as const) {
    await rows(
      `INSERT INTO presence_changes (tenant_id, device_id, id, at, received_at, state, reason, evidence) VALUES ($1, $2, $3, $4, $4, $5, 'x', '[]')`,
      [cloud.tenantId, cameraId, uuidv7(), new Date(noon + hours * hourMs), state],
    );
  }
  await addCamera(uuidv7(), '新来的');
  const { status, body } = await report(yesterday);
  t.equal(status, 200);
  t.match(body, {
    ...{ kind: 'day', isOver: true, timeZone: zone, place: null, before: { findings: 1 } },
    totals: { findings: 3, decided: 2, accepted: 1, open: 1, byRegion: [{ findings: 3 }] },
    topHours: [{ hour: 12, findings: 3 }],
    cameras: [
      { deviceId: cameraId, findings: 3, uptime: 0.75, outages: 1, downMs: 6 * hourMs },
      { name: '新来的', findings: 0, uptime: null },
    ],
    uptime: 0.75,
    rules: [{ name: '三号窗口脱岗', decided: 2 }],
    flow: {
      in: 35,
      out: 11,
      days: [{ day: yesterday, in: 35 }],
      busiest: { in: 30, at: new Date(noon).toISOString() },
    },
    findings: [{ ruleName: '三号窗口脱岗', decision: 'accepted' }],
    findingsAll: 1,
  });
  t.match(body.remarks[0], { kind: 'camera', uptime: 0.75, outages: 1 });
  t.match((await report(today)).body, { isOver: false, totals: { findings: 0 } });
  t.match((await report(yesterday.slice(0, 7), `&hallId=${cloud.hallId}`)).body, {
    kind: 'month',
    place: '营业厅 H1',
  });
});

t.test('what cannot be asked for', async (t) => {
  for (const period of ['2026-13', '2026-02-30', '2999-01', 'x']) t.equal((await report(period)).status, 400, period);
  t.equal((await report(today, `&hallId=${uuidv7()}`)).status, 404);
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.equal((await report(yesterday, `&hallId=${cloud.hallId}`, elsewhere)).status, 404);
  t.match((await report(yesterday, '', elsewhere)).body, { totals: { findings: 0 }, cameras: [] });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.match((await report(yesterday, '', stranger)).body, { totals: { findings: 0 }, cameras: [], rules: [] });
});

const fileOf = async (path: string): Promise<{ type: string | null; bytes: Buffer }> => {
  const answer = await cloud.app.request(`http://hallhub.test/api/v1${path}`, { headers: { cookie: owner.cookie } });
  return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
};

t.test('as PDF and as a workbook, in the trail', async (t) => {
  const pdf = await fileOf(`/vision/report.pdf?period=${yesterday}`);
  t.equal(pdf.type, 'application/pdf');
  t.equal(pdf.bytes.subarray(0, 5).toString(), '%PDF-');
  const file = join(t.testdir(), 'report.pdf');
  writeFileSync(file, pdf.bytes);
  const read = spawnSync('pdftotext', ['-layout', file, '-']);
  // Where poppler is: an independent reader finds the Chinese text.
  if (!read.error) t.match(read.stdout.toString(), /视频运行日报[\s\S]*三号窗口脱岗/);
  const book = await fileOf(`/vision/report.xlsx?period=${yesterday}&language=en`);
  t.match(book.type, /spreadsheetml/);
  t.equal(book.bytes.subarray(0, 2).toString(), 'PK');
  t.match(await cloud.auditRows('vision.report_exported'), [
    { targetName: yesterday, after: { format: 'pdf', findings: 3 } },
    { after: { format: 'xlsx' } },
  ]);
});

t.test('of many cameras the least reachable are shown, and sums are of all', async (t) => {
  const last = 'ffffffff-0000-7000-8000-000000000000';
  await rows(
    `INSERT INTO devices SELECT (jsonb_populate_record(d, jsonb_build_object('id', CASE n WHEN 1 THEN '${last}' ELSE gen_random_uuid()::text END, 'serial', 'many-' || n))).*
     FROM devices d, generate_series(1, 500) n WHERE d.id = $1`,
    [cameraId],
  );
  await rows(
    `INSERT INTO presence_changes (tenant_id, device_id, id, at, received_at, state, reason, evidence) VALUES ($1, $2, $3, $4, $4, 'offline', 'x', '[]')`,
    [cloud.tenantId, last, uuidv7(), new Date(noon - 2 * dayMs)],
  );
  const { body } = await report(yesterday);
  t.equal(body.cameras.length, 500);
  t.match(body.cameras[0], { deviceId: last, uptime: 0 });
  t.equal(body.uptime, 0.375, 'half of what was known of two');
});
