import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';
import pino from 'pino';
import t from 'tap';
import { folderBlobStore } from '../../../blobs/index.js';
import { withTenant } from '../../../db/index.js';
import { createSealing } from '../../pki/sealing.js';
import { deviceRow } from '../../streams/test-link.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { openTickets } from '../../tickets/index.js';
import { publishKind, shippedKind } from '../../tickets/testing.js';
import { registerTicketHook } from '../../tickets/ticket-hooks.js';
import { reviewRoutes } from '../../vision/review-routes.js';
import { bringUpCamera, testFinding } from '../../vision/testing.js';
import { caseHook } from './review-cases.js';
import type { IntakeRule } from './source-contract.js';
import { SourceDesk } from './source-desk.js';
import { sourceRoutes } from './source-routes.js';

t.setTimeout(300_000);

const minute = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'hallhub-sources-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const evidence = folderBlobStore(join(folder, 'evidence'));

/** The real way in: rows of a unit over MQTT, ingest, the review desk’s API; one app for all. */
const hall = await bringUpCamera(t, {
  routes: (deps) => [
    ...openTickets({
      ...{ database: deps.db, clock: deps.clock, live: deps.bus, uploadsDir: join(folder, 'uploads') },
      ...{ sealing: createSealing('x'.repeat(32)), blobs: folderBlobStore(join(folder, 'blobs')) },
      log: pino({ level: 'silent' }),
    }).routes,
    ...reviewRoutes({ blobs: evidence }),
    ...sourceRoutes(),
  ],
});
const { cloud, rows, find, cameraId } = hall;
const { db, clock, bus, tenantId } = cloud;
registerTicketHook(db, caseHook);
for (const code of ['video_case', 'complaint']) await publishKind(db, { tenantId, kind: shippedKind(code) });
let owner = await cloud.signInAs('owner');
const newDesk = () => new SourceDesk({ database: db, clock, live: bus, log: pino({ level: 'silent' }), evidence });
const desk = newDesk();

const system = cloud.systemContext();
const act = (ticketId: string, command: TicketCommand) =>
  withTenant(db, system.actor, (tx) => actOnTicket(tx, system, { ticketId, command }));

interface TicketLine {
  id: string;
  number: string;
  title: string;
  kind: string;
  source: string;
  device_id: string | null;
  state: { fields: Record<string, unknown>; tasks: { id: string; state: string }[] };
}
const tickets = () => rows<TicketLine>('SELECT * FROM tickets ORDER BY made_at, number');
const said = async (ticketId: string) =>
  (
    await rows<{ opinion: string }>(
      'SELECT opinion FROM ticket_history WHERE ticket_id = $1 AND opinion IS NOT NULL ORDER BY seq',
      [ticketId],
    )
  ).map(({ opinion }) => opinion);
const outcomes = async () =>
  (await rows<{ outcome: string }>('SELECT outcome FROM intake_occurrences ORDER BY at, key')).map(
    (one) => one.outcome,
  );

const afresh = async (): Promise<void> => {
  // The time of the tests is longer than a session.
  owner = await cloud.signInAs('owner');
  for (const table of ['intake_pictures', 'review_cases', 'intake_occurrences', 'intake_inbox', 'intake_rules']) {
    await rows(`DELETE FROM ${table}`);
  }
  await rows('DELETE FROM ticket_files');
  for (const table of [
    'ticket_clock_events',
    'ticket_clocks',
    'ticket_tasks',
    'ticket_doers',
    'ticket_links',
    'ticket_history',
  ]) {
    await rows(`DELETE FROM ${table}`);
  }
  await rows('DELETE FROM tickets');
  await rows('DELETE FROM review_findings');
  await rows('DELETE FROM review_items');
};

const addRule = async (change: object): Promise<IntakeRule> => {
  const answer = await owner.post('/intake-rules', {
    ...{ name: '规则', source: 'vision', kind: 'video_case', enabled: true, ...change },
  });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};

const picture = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
/** Its bytes come when the test says so. */
const bringPicture = async (id: string): Promise<void> => {
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const file = join(folder, `in-${id}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, picture);
  await evidence.adopt({ tenantId, sha256 }, file);
  await rows(
    `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, state, device_id, name, media_type, bytes, sha256, manifest_at, stored_sha256, stored_bytes,
       stored_at, received_at, changed_at)
     SELECT tenant_id, $1, unit_id, hall_id, 'complete', id, 'p.jpg', 'image/jpeg', $2, decode($3, 'hex'), now(), decode($3, 'hex'), $2, now(), now(), now()
     FROM devices WHERE id = $4`,
    [id, picture.length, sha256, cameraId],
  );
};

const evidenceOf = (id: string) => ({
  ...{ id, role: 'overview' as const, sha256: 'a'.repeat(64), sm3: 'b'.repeat(64), bytes: picture.length },
});

const itemOf = async (findingId: string) => {
  const [row] = await rows<{ item_id: string }>('SELECT item_id FROM review_findings WHERE id = $1', [findingId]);
  return (await owner.get(`/review/items/${row?.item_id}`)).body;
};
const decide = async (findingId: string, decision: string) => {
  const item = await itemOf(findingId);
  return owner.post(`/review/items/${item.id}/decisions`, { decision }, { 'if-match': `"${item.version}"` });
};

t.test('a confirmed finding becomes one case, with its pictures, and hears what came of it', async (t) => {
  await afresh();
  await addRule({ match: { when: 'confirmed', fromSeverity: 'warning' } });
  const pictureId = uuidv7();
  const one = testFinding({ startedAt: clock.now(), evidence: [evidenceOf(pictureId)] });
  const wrong = testFinding({ startedAt: clock.now() - 30 * minute });
  await find(one, wrong);
  await desk.look();
  t.equal((await tickets()).length, 0, 'nobody has confirmed it');
  await decide(wrong.episodeId, 'false');
  t.equal((await decide(one.episodeId, 'accepted')).status, 200);
  // Three processes, one of which breaks in the middle.
  let breaks = 1;
  registerTicketHook(db, {
    onLines: () => (breaks-- > 0 ? Promise.reject(new Error('power cut')) : Promise.resolve()),
  });
  await Promise.all([desk.look(), newDesk().look(), newDesk().look()]);
  await clock.advance(minute);
  await Promise.all([desk.look(), newDesk().look()]);
  const [made, ...more] = await tickets();
  t.same(more, []);
  const { number } = (await itemOf(one.episodeId)).parts[0];
  t.match(made, { kind: 'video_case', source: 'vision', title: '入侵（大厅球机）', device_id: cameraId });
  t.match(made?.state.fields, { camera: cameraId, seenAt: new Date(one.startedAt).toISOString(), place: {} });
  t.match(made?.state.fields.description, new RegExp(`发现编号 ${number}，已由审核人员确认`));
  t.same(await rows('SELECT 1 FROM intake_inbox'), []);

  await t.test('its picture follows when it comes, once', async (t) => {
    t.same(await rows('SELECT 1 FROM ticket_files'), []);
    await bringPicture(pictureId);
    await Promise.all([desk.look(), newDesk().look()]);
    await desk.look();
    const files = await rows<{ id: string; field: string; ticket_id: string }>(
      'SELECT id, field, ticket_id FROM ticket_files WHERE ticket_id IS NOT NULL',
    );
    t.match(files, [{ field: 'evidence', ticket_id: made?.id }]);
    t.same((await tickets())[0]?.state.fields.evidence, [files[0]?.id]);
  });

  await t.test('taken back by the reviewer: whoever has it hears so', async (t) => {
    const item = await itemOf(one.episodeId);
    t.equal(
      (await owner.post(`/review/items/${item.id}/undo`, undefined, { 'if-match': `"${item.version}"` })).status,
      200,
    );
    await desk.look();
    t.ok((await said(made?.id ?? '')).includes('审核人员撤回了对该发现的确认'));
    await decide(one.episodeId, 'accepted');
    await desk.look();
    t.equal((await tickets()).length, 1, 'confirmed again it is the same case');
  });

  await t.test('handled and checked, the finding is told', async (t) => {
    const { id } = await itemOf(one.episodeId);
    const cases = async () => (await owner.get(`/review/items/${id}/cases`)).body.items;
    t.match(await cases(), [{ number: made?.number, by: null, outcome: null, result: null, state: { zh: '待派遣' } }]);
    const ticketId = made?.id ?? '';
    t.match((await owner.get(`/tickets/${ticketId}/findings`)).body, {
      items: [{ id: one.episodeId, itemId: id, number: /^[A-Z0-9-]{9}$/, camera: { name: String } }],
    });
    const task = async () =>
      (await tickets())[0]?.state.tasks.find(({ state }) => state === 'open' || state === 'signed')?.id ?? '';
    await act(ticketId, { do: 'submit', task: await task(), action: 'to_matter', fields: { matter: ['lighting'] } });
    await act(ticketId, { do: 'sign', task: await task() });
    const fields = { isTrue: false, result: '现场无人，为灯光闪烁' };
    await act(ticketId, { do: 'submit', task: await task(), action: 'done', fields });
    await act(ticketId, {
      do: 'submit',
      task: await task(),
      action: 'pass',
      fields: { checkedBy: 'video', checkWords: '回看属实' },
    });
    t.match(await cases(), [
      {
        outcome: 'closed',
        result: {
          isTrue: false,
          result: '现场无人，为灯光闪烁',
          checkedBy: { zh: '视频核查' },
          checkWords: '回看属实',
        },
      },
    ]);
    await act(ticketId, { do: 'reopen', opinion: '又发现' });
    t.match(await cases(), [{ outcome: null, result: null }]);
  });
});

t.test('at once: what comes soon after joins; more than so many an hour are held back and told', async (t) => {
  await afresh();
  await addRule({ match: { when: 'seen', algorithms: ['intrusion'] }, mergeMinutes: 10, mostPerHour: 2 });
  const base = clock.now() - 5 * 60 * minute;
  const at = (minutes: number) => testFinding({ startedAt: base + minutes * minute });
  await find(at(0), at(5), at(14));
  await desk.look();
  t.equal((await tickets()).length, 1);
  t.same(await outcomes(), ['opened', 'joined', 'joined'], 'each within ten minutes of the one before');
  await find(at(40), at(80), at(120), at(160));
  await desk.look();
  t.same((await outcomes()).slice(3), ['opened', 'held', 'held', 'held']);
  const log = (await owner.get('/intake-rules/log?outcome=held')).body.items;
  t.match(log, [{ reason: '2/2', text: '入侵（大厅球机）', ticket: null }, {}, {}]);
  await clock.advance(40 * minute);
  await rows(`UPDATE intake_occurrences SET noted_at = noted_at - interval '59 minutes' WHERE outcome = 'opened'`);
  await find(at(200));
  await desk.look();
  const last = (await tickets()).at(-1);
  t.same(await said(last?.id ?? ''), ['此前一小时另有 3 次因超过每小时 2 单未开单']);
  await find(
    testFinding({ startedAt: base + 290 * minute, rule: { id: uuidv7(), name: '离岗', algorithm: 'absence' } }),
  );
  await desk.look();
  t.equal((await tickets()).length, 3, 'another algorithm is none of the rule’s');
  t.match((await owner.get('/intake-rules')).body.items, [
    {
      lately: { opened: 3, joined: 2, held: 3 },
      hints: [{ hint: 'first_step_asks', fields: [{ key: 'matter' }] }, { hint: 'at_once' }],
    },
  ]);
});

t.test('a case by hand: once, and again only after it was cancelled', async (t) => {
  await afresh();
  const one = testFinding({ startedAt: clock.now() });
  await find(one);
  const { id } = await itemOf(one.episodeId);
  const both = await Promise.all([
    owner.post(`/review/items/${id}/cases`, {}),
    owner.post(`/review/items/${id}/cases`, { title: '有人翻越' }),
  ]);
  t.same(
    both.map(({ status }) => status),
    [200, 200],
  );
  const [made, ...more] = await tickets();
  t.same(more, []);
  t.match(both[1]?.body.items, [{ ticketId: made?.id, by: /owner/, mayOpen: true }]);
  await act(made?.id ?? '', { do: 'cancel', opinion: '不予立案' });
  await owner.post(`/review/items/${id}/cases`, {});
  t.equal((await tickets()).length, 2);
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await stranger.post(`/review/items/${id}/cases`, {})).status, 404);
  const observer = await cloud.signInAs('observer');
  t.equal((await observer.post(`/review/items/${id}/cases`, {})).status, 403);
  t.match(await owner.post(`/review/items/${id}/cases`, { findingIds: [uuidv7()] }), { status: 400 });
});

t.test('dissatisfied twice in minutes at one counter is one complaint, with counter and staff', async (t) => {
  await afresh();
  const evaluatorId = uuidv7();
  const at = clock.now();
  const device = { deviceClass: 'evaluator', name: '评价器', protocol: 'mqtt' };
  await hall.send(
    deviceRow(evaluatorId, 1, at, { ...device, identity: { vendor: 'hallhub', model: 'ev-100', serial: 'E-1' } }),
  );
  const [counter] = await rows<{ id: string }>(
    `INSERT INTO counters (id, tenant_id, hall_id, code, name) SELECT gen_random_uuid(), tenant_id, hall_id, 'C3', '3 号窗口' FROM devices WHERE id = $1 RETURNING id`,
    [evaluatorId],
  );
  await rows('UPDATE devices SET counter_id = $1 WHERE id = $2', [counter?.id, evaluatorId]);
  await rows(
    `INSERT INTO commands (id, tenant_id, unit_id, hall_id, device_id, name, input, state, issued_by_name, issued_at, deadline_at)
     SELECT gen_random_uuid(), tenant_id, unit_id, hall_id, id, 'signOn', '{"staff": "1024"}', 'succeeded', 'x', $2, $2 FROM devices WHERE id = $1`,
    [evaluatorId, new Date(at - 10 * minute)],
  );
  const rate = (score: string, change: object = {}, data: object = {}) =>
    hall.send(
      hall.eventRow(
        'rated',
        { score, responseTime: 3, ...data },
        { deviceId: evaluatorId, severity: 'info', ...change },
      ),
    );
  const rule = await addRule({
    ...{ name: '不满意转投诉', source: 'evaluator', kind: 'complaint', enabled: false },
    ...{ preset: { about: 'manner' }, mergeMinutes: 10 },
  });
  t.same(rule.hints, [{ hint: 'source_silent', grave: false }]);
  await rate('veryDissatisfied');
  await desk.look();
  t.equal((await tickets()).length, 0, 'off until somebody turns it on');
  const { id, version, ...body } = rule;
  const keep = [
    'name',
    'source',
    'hallId',
    'kind',
    'level',
    'match',
    'preset',
    'count',
    'withinMinutes',
    'mergeMinutes',
    'mostPerHour',
  ];
  const change = Object.fromEntries(Object.entries(body).filter(([key]) => keep.includes(key)));
  const edit = (more: object, etag = version) => owner.put(`/intake-rules/${id}`, { ...change, ...more }, etag);
  t.match(await edit({ enabled: true }), { status: 200, body: { enabled: true, hints: [] } });
  t.equal((await edit({ enabled: true })).status, 412);
  await rate('satisfied');
  await rate('dissatisfied', {}, { ticket: 'A012' });
  await Promise.all([desk.look(), newDesk().look()]);
  await clock.advance(3 * minute);
  await rate('veryDissatisfied');
  await Promise.all([desk.look(), newDesk().look()]);
  await desk.look();
  const [made, ...more] = await tickets();
  t.same(more, []);
  t.match(made, { kind: 'complaint', source: 'evaluator', title: '3 号窗口：评价“不满意”', device_id: null });
  t.match(made?.state.fields, {
    about: 'manner',
    against: /3 号窗口 工号 1024$/,
    content: /（工号 1024，排队号 A012）$/,
  });
  t.match(await said(made?.id ?? ''), [/^再次发生（第 2 次）：.*评价“非常不满意”/]);
  await clock.advance(20 * minute);
  await rate('poor', {}, { rating: 'none' });
  await desk.look();
  t.equal((await tickets()).length, 2, 'later it is another; serial ones say it in other words');

  await t.test('so many within a time', async (t) => {
    await edit({ enabled: true, count: 3, withinMinutes: 30, mergeMinutes: 0 }, 2);
    await clock.advance(60 * minute);
    for (let i = 0; i < 7; i++) {
      await clock.advance(2 * minute);
      await rate('dissatisfied');
    }
    await desk.look();
    t.same((await outcomes()).slice(-7), ['counted', 'counted', 'opened', 'counted', 'counted', 'opened', 'counted']);
    t.same(await said((await tickets()).at(-1)?.id ?? ''), ['30 分钟内第 3 次']);
  });
});

t.test('events of sounds join by the catalogue alone; a rule whose kind is gone says so', async (t) => {
  await afresh();
  await addRule({ source: 'audio', match: { fromSeverity: 'warning', algorithms: ['quarrel'] } });
  const gone = await addRule({ source: 'audio', kind: 'nowhere' });
  t.match(gone.hints, [{ hint: 'kind_missing', grave: true }]);
  await hall.send(
    hall.eventRow('audio.finding', { algorithm: 'quarrel' }),
    hall.eventRow('audio.finding', { algorithm: 'quarrel' }, { severity: 'notice' }),
    hall.eventRow('audio.finding', { algorithm: 'glass' }),
  );
  await desk.look();
  t.match(await tickets(), [{ source: 'audio', kind: 'video_case' }]);
  t.match(await rows(`SELECT DISTINCT reason FROM intake_occurrences WHERE outcome = 'failed'`), [
    { reason: 'kind_missing' },
  ]);
  t.match((await owner.get('/intake-sources')).body.items, [
    { id: 'vision' },
    { id: 'evaluator', asksAnswers: true },
    { id: 'audio', lastAt: /Z$/ },
  ]);
});

t.test('what is no rule is refused; whoever only reads writes none', async (t) => {
  const post = (body: object, who = owner) => who.post('/intake-rules', body);
  t.match(await post({ name: 'x', source: 'smell', kind: 'video_case' }), { status: 400 });
  t.match(await post({ name: 'x', source: 'vision', kind: 'video_case', hallId: uuidv7() }), { status: 400 });
  t.match(await post({ name: 'x', source: 'vision', kind: 'video_case', mostPerHour: 0 }), { status: 400 });
  const observer = await cloud.signInAs('observer');
  t.equal((await post({ name: 'x', source: 'vision', kind: 'video_case' }, observer)).status, 403);
  const checked = await owner.post('/intake-rules/check', {
    ...{ name: 'x', source: 'evaluator', kind: 'complaint', match: { worst: 3 }, level: 'huge' },
    preset: { about: 'nothing', nowhere: 1, verdict: 'upheld' },
  });
  t.same(
    checked.body.hints.map(({ hint }: { hint: string }) => hint),
    ['level_unknown', 'preset_unknown', 'preset_invalid', 'preset_late', 'first_step_asks', 'every_answer'],
  );
});
