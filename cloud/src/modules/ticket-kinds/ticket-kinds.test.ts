import { lintKind, type TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { readMigrations, withSystem, withTenant } from '../../db/index.js';
import { startTestApp } from '../../http/testing.js';
import { createTenant } from '../access/verbs/create-tenant.js';
import { blankKind } from './blank-kind.js';
import { listMakeable, readKind } from './kind-book.js';
import { readShippedKinds } from './read-shipped-kinds.js';
import { ticketKindRoutes } from './routes.js';
import { ensureShippedKinds } from './ship-kinds.js';

const label = { zh: '试', en: 'Try' };
// One organisation for all: each test has kinds of its own.
const started = startTestApp(t, { routes: ticketKindRoutes }).then(async (app) => {
  const owner = await app.signInAs('owner');
  const make = async (code: string, from?: string) => {
    const made = await owner.post('/ticket-kinds', { code, label, ...(from ? { from } : {}) });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body;
  };
  const published = (code: string, version?: number) =>
    withTenant(app.db, { tenantId: app.tenantId }, (tx) => readKind(tx, app.tenantId, code, version));
  return { app, owner, make, published };
});
const renamed = (kind: object, zh: string) => ({ ...kind, label: { zh } });

t.test('the blank kind has no fault', async (t) => {
  t.same(lintKind(blankKind('new_kind', label), { calendars: new Set() }), []);
  t.equal(blankKind('new_kind', label).numbering.prefix, 'NK');
  t.equal(blankKind('x9_9y', label).numbering.prefix, 'X');
});

t.test('drafted, checked, published; what was published never changes', async (t) => {
  const { app, owner, make, published } = await started;
  const made = await make('life');
  t.match(made, { published: null, versions: [], draft: { changed: true, shipped: false, faults: [], etag: '"1"' } });
  t.equal(await published('life'), undefined, 'a draft makes no tickets');
  t.equal((await owner.post('/ticket-kinds/life/publish')).status, 428);
  const first = await owner.post('/ticket-kinds/life/publish', undefined, { 'if-match': '"1"' });
  t.match(first, { status: 201, body: { published: 1, version: 2, faults: [] } });
  t.equal((await published('life'))?.kind.label.zh, '试', 'usable at once');
  t.match(await owner.post('/ticket-kinds/life/publish', undefined, { 'if-match': '"2"' }), {
    status: 409,
    body: { detail: String },
  });
  const document = renamed(made.draft.document, '试二');
  t.match(await owner.put('/ticket-kinds/life/draft', document, 2), { status: 200, body: { version: 3, faults: [] } });
  t.equal((await owner.put('/ticket-kinds/life/draft', document, 2)).status, 412);
  t.equal((await published('life'))?.kind.label.zh, '试', 'until it is published');
  await app.db.ownerPool.query("UPDATE users SET display_name = '李作者' WHERE id = $1", [owner.userId]);
  await owner.post('/ticket-kinds/life/publish', undefined, { 'if-match': '"3"' });
  t.match(await owner.get('/ticket-kinds/life/versions/2'), { body: { by: '李作者' } }, 'as people call them');
  t.match(await published('life'), { version: 2, kind: { label: { zh: '试二' } } });
  t.match(await published('life', 1), { version: 1, kind: { label: { zh: '试' } } }, 'running tickets stay on theirs');
  t.match(await owner.get('/ticket-kinds/life/versions/1'), { body: { number: 1, document: { label: { zh: '试' } } } });
  t.equal((await owner.get('/ticket-kinds/life/versions/9')).status, 404);
  const diff = await owner.get('/ticket-kinds/life/diff?from=1&to=draft');
  t.match(diff.body.changes, [{ change: 'changed', property: 'label' }]);
  for (const sql of ["UPDATE ticket_kind_versions SET document = '{}'", 'DELETE FROM ticket_kind_versions']) {
    await t.rejects(
      withTenant(app.db, { tenantId: app.tenantId }, (tx) => tx.$client.query(sql)),
      /permission denied/,
      sql,
    );
  }
  const actions = (await app.auditRows()).filter(({ targetId }) => targetId === 'life').map(({ action }) => action);
  t.same(actions, ['ticket_kind.created', 'ticket_kind.published', 'ticket_kind.draft_saved', 'ticket_kind.published']);
});

t.test('versions and drafts of before name their author as people call them, too', async (t) => {
  const { app, owner, make } = await started;
  const own = 'SELECT user_name FROM users WHERE id = $1';
  const { rows } = await app.db.ownerPool.query<{ user_name: string }>(own, [owner.userId]);
  await make('elder');
  await owner.post('/ticket-kinds/elder/publish', undefined, { 'if-match': '"1"' });
  const [before, step] = [rows[0]?.user_name, readMigrations().find(({ number }) => number === 285)];
  await app.db.ownerPool.query("UPDATE users SET display_name = '李作者' WHERE id = $1", [owner.userId]);
  await app.db.ownerPool.query(`UPDATE ticket_kind_versions SET published_by_name = '${before}' WHERE code = 'elder'`);
  await app.db.ownerPool.query(`UPDATE ticket_kinds SET draft_by_name = 'system' WHERE code = 'elder'`);
  await app.db.ownerPool.query(step?.sql ?? '');
  t.match(await owner.get('/ticket-kinds/elder/versions/1'), { body: { by: '李作者' } });
  const drafts = await app.db.ownerPool.query(`SELECT draft_by_name AS by FROM ticket_kinds WHERE code = 'elder'`);
  t.same(drafts.rows, [{ by: 'system' }]);
});

t.test('what is not finished is saved and told, and not published', async (t) => {
  const { owner, make, published } = await started;
  const { draft } = await make('faulty');
  const kind = draft.document as TicketKind;
  const saved = await owner.put('/ticket-kinds/faulty/draft', { ...kind, start: 'nowhere' }, 1);
  t.match(saved, {
    status: 200,
    body: { version: 2, faults: [{ code: 'unknown_step', severity: 'error', path: 'start' }] },
  });
  t.match(await owner.post('/ticket-kinds/faulty/publish', undefined, { 'if-match': '"2"' }), { status: 409 });
  const shapeless = await owner.put('/ticket-kinds/faulty/draft', { hello: ['world'], label: 5 }, 2);
  t.match(shapeless.body.faults[0], { code: 'shape', severity: 'error' });
  t.match((await owner.get('/ticket-kinds/faulty')).body, {
    draft: { document: { hello: ['world'] } },
    label: { zh: 'faulty' },
  });
  t.equal((await owner.get('/ticket-kinds/faulty/diff?from=draft&to=draft')).status, 409, 'no kind yet');
  t.equal((await owner.post('/ticket-kinds/faulty/publish', undefined, { 'if-match': '"3"' })).status, 409);
  const other = await owner.put('/ticket-kinds/faulty/draft', { ...kind, code: 'somebody_else' }, 3);
  t.match(other.body.faults, [{ code: 'other_code', about: 'somebody_else' }]);
  t.match((await owner.get('/ticket-kinds/faulty')).body.draft.faults, [{ code: 'other_code' }], 'and read so');
  t.equal((await owner.post('/ticket-kinds/faulty/publish', undefined, { 'if-match': '"4"' })).status, 409);
  const warned = { ...kind, clocks: [], states: kind.states };
  t.match(await owner.put('/ticket-kinds/faulty/draft', warned, 4), { body: { faults: [{ severity: 'warning' }] } });
  t.match(await owner.post('/ticket-kinds/faulty/publish', undefined, { 'if-match': '"5"' }), {
    status: 201,
    body: { faults: [{ code: 'no_promise' }] },
  });
  t.ok(await published('faulty'), 'a warning keeps nothing');
});

t.test('two who publish at once: one version', async (t) => {
  const { owner, make } = await started;
  await make('race');
  const publish = () => owner.post('/ticket-kinds/race/publish', undefined, { 'if-match': '"1"' });
  const both = await Promise.all([publish(), publish()]);
  t.same(both.map(({ status }) => status).sort(), [201, 412]);
  t.equal((await owner.get('/ticket-kinds/race')).body.versions.length, 1);
});

t.test('copied, discarded, retired', async (t) => {
  const { app, owner, make, published } = await started;
  await make('origin');
  await owner.post('/ticket-kinds/origin/publish', undefined, { 'if-match': '"1"' });
  const copy = await make('copy', 'origin');
  t.match(copy, { label, draft: { document: { code: 'copy', label }, faults: [] } });
  t.match(await owner.post('/ticket-kinds', { code: 'copy', label }), {
    status: 409,
    body: { errors: [{ path: 'body.code' }] },
  });
  t.equal((await owner.post('/ticket-kinds', { code: 'lost', label, from: 'nothing' })).status, 404);
  t.equal((await owner.post('/ticket-kinds', { code: 'Bad-Code', label })).status, 400);
  t.equal((await owner.delete('/ticket-kinds/copy/draft', 1)).status, 204);
  t.equal((await owner.get('/ticket-kinds/copy')).status, 404, 'it never was');
  await owner.put('/ticket-kinds/origin/draft', {}, 2);
  t.equal((await owner.delete('/ticket-kinds/origin/draft', 3)).status, 204);
  t.match((await owner.get('/ticket-kinds/origin')).body, { draft: { changed: false, faults: [] }, version: 4 });
  t.match(await owner.patch('/ticket-kinds/origin', { retired: true }, 4), { status: 200, body: { retired: true } });
  t.equal(await published('origin'), undefined, 'no new tickets');
  t.ok(await published('origin', 1), 'those that run go on');
  const makeable = await withTenant(app.db, { tenantId: app.tenantId }, (tx) => listMakeable(tx, app.tenantId));
  t.notOk(makeable.some(({ code }) => code === 'origin'));
  t.match(await owner.patch('/ticket-kinds/origin', { retired: false }, 5), { body: { retired: false } });
  t.ok((await owner.get('/ticket-kinds/makeable')).body.items.some((one: { code: string }) => one.code === 'origin'));
});

t.test('a trial stores nothing and knows the organisation’s calendars and places', async (t) => {
  const { app, owner, make } = await started;
  const { draft } = await make('trial');
  const script = [
    { as: 'anna', make: { fields: { title: '路灯不亮' } } },
    { as: 'place', command: { do: 'submit', action: 'send', to: ['works'] }, afterMinutes: 5 },
    { as: 'works', command: { do: 'submit', action: 'finish' } },
  ];
  const played = await owner.post('/ticket-kinds/trial/dry-run', { script, hallId: app.hallId });
  t.match(played, { status: 200, body: { steps: { length: 3 }, offers: Array, parties: Object } });
  const document = { ...draft.document, start: 'nowhere' };
  t.equal(
    (await owner.post('/ticket-kinds/trial/dry-run', { document, script })).status,
    200,
    'faults of flow do not keep it',
  );
  t.match(await owner.post('/ticket-kinds/trial/dry-run', { document: {}, script }), { status: 409 });
  t.equal((await owner.post('/ticket-kinds/trial/dry-run', { script: [] })).status, 400);
  t.equal((await owner.post('/ticket-kinds/nothing/dry-run', { script })).status, 404);
  const { rows } = await app.db.ownerPool.query('SELECT count(*)::int AS n FROM tickets');
  t.equal(rows[0].n, 0);
});

t.test('what ships is there in every organisation; a newer file is offered, never forced', async (t) => {
  const { app, owner, published } = await started;
  const shipped = readShippedKinds();
  const { clock } = app;
  await Promise.all([ensureShippedKinds(app.db, { clock }), ensureShippedKinds(app.db, { clock })]);
  t.equal((await published('repair'))?.version, 1, 'two starts at once make one');
  const rows = async () =>
    (await owner.get('/ticket-kinds')).body.items.find((one: { code: string }) => one.code === 'repair');
  t.match(await rows(), { published: { version: 1, by: '系统' }, draft: null });
  const newer = shipped.map((kind) => (kind.code === 'repair' ? (renamed(kind, '新报修') as TicketKind) : kind));
  await ensureShippedKinds(app.db, { clock, kinds: newer });
  const offered = await rows();
  t.match(offered, { published: { version: 1 }, draft: { shipped: true, by: null } });
  t.not((await published('repair'))?.kind.label.zh, '新报修', 'nothing is published by a start');
  await ensureShippedKinds(app.db, { clock, kinds: newer });
  t.equal((await rows()).version, offered.version, 'offered once');
  await owner.delete('/ticket-kinds/repair/draft', offered.version);
  await ensureShippedKinds(app.db, { clock, kinds: newer });
  t.equal((await rows()).draft, null, 'who declined it is not asked again');
  await owner.put('/ticket-kinds/repair/draft', renamed(shipped[0] as object, '我的'), offered.version + 1);
  const newest = newer.map((kind) => (kind.code === 'repair' ? (renamed(kind, '更新') as TicketKind) : kind));
  await ensureShippedKinds(app.db, { clock, kinds: newest });
  t.match(
    (await owner.get('/ticket-kinds/repair')).body.draft,
    { shipped: false, document: { label: { zh: '我的' } } },
    'what people write stays',
  );
  await owner.delete('/ticket-kinds/repair/draft', offered.version + 2);
  await ensureShippedKinds(app.db, { clock, kinds: newest });
  const again = await rows();
  t.match(again, { draft: { shipped: true } }, 'and is offered when their draft is gone');
  await owner.post('/ticket-kinds/repair/publish', undefined, { 'if-match': `"${again.version}"` });
  t.match(await published('repair'), { version: 2, kind: { label: { zh: '更新' } } });
  const later = await withSystem(app.db, (tx) => createTenant(tx, { code: 'later', name: '丙' }));
  await ensureShippedKinds(app.db, { clock });
  const { rows: theirs } = await app.db.ownerPool.query('SELECT code FROM ticket_kinds WHERE tenant_id = $1', [later]);
  t.equal(theirs.length, shipped.length);
  const { rows: calendars } = await app.db.ownerPool.query('SELECT code FROM work_calendars WHERE tenant_id = $1', [
    later,
  ]);
  t.same(calendars, [{ code: 'office' }]);
});

t.test('a kind of one’s own is not taken over by one that ships under its code', async (t) => {
  const { app, make, published } = await started;
  await make('mine');
  const own = (await published('mine'))?.kind;
  await ensureShippedKinds(app.db, { clock: app.clock, kinds: [blankKind('mine', { zh: '来的' })] });
  t.equal((await published('mine'))?.kind, own);
});

t.test('others', async (t) => {
  const { app, owner, make } = await started;
  await make('ours');
  const other = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await other.get('/ticket-kinds/ours')).status, 404);
  t.equal((await other.put('/ticket-kinds/ours/draft', {}, 1)).status, 404);
  t.equal((await other.post('/ticket-kinds', { code: 'theirs', label, from: 'ours' })).status, 404);
  const dispatcher = await app.signInAs('ticket-dispatcher', { hallIds: [app.hallId] });
  t.equal((await dispatcher.get('/ticket-kinds/ours')).status, 200);
  t.equal((await dispatcher.put('/ticket-kinds/ours/draft', {}, 1)).status, 403);
  t.equal((await dispatcher.post('/ticket-kinds/ours/migrate', { from: 1, to: 2 })).status, 403);
  const clerk = await app.signInAs('ticket-clerk');
  t.equal((await clerk.get('/ticket-kinds')).status, 403);
  t.equal((await clerk.get('/ticket-kinds/makeable')).status, 200);
  const manager = await app.signInAs('owner', { hallIds: [app.hallId] });
  t.equal((await manager.put('/ticket-kinds/ours/draft', {}, 1)).status, 403, 'a hall is not the organisation');
  t.equal((await manager.post('/ticket-kinds/ours/dry-run', { script: [{ as: 'a', make: {} }] })).status, 403);
  t.equal((await owner.post('/ticket-kinds/ours/migrate', { from: 1, to: 1 })).status, 400);
});
