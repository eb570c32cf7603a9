import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { withTenant } from '../../db/index.js';
import { startTestApp } from '../../http/testing.js';
import { until } from '../streams/testing.js';
import { PartyBook } from './party-book.js';
import { officeRoutes } from './routes.js';

// One organisation for all: each test has offices of its own.
const start = async () => {
  const app = await startTestApp(t, { routes: officeRoutes });
  const owner = await app.signInAs('owner');
  const make = async (code: string, more: object = {}) => {
    const made = await owner.post('/offices', { code, name: `${code}处`, ...more });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body;
  };
  const book = () => withTenant(app.db, { tenantId: app.tenantId }, (tx) => PartyBook.load(tx, app.tenantId));
  return { app, owner, make, book };
};
const started = start();

t.test('offices are made, edited, moved, archived and brought back', async (t) => {
  const { app, owner, make } = await started;
  const head = await make('head');
  const works = await make('works', { parentId: head.id, hallId: app.hallId });
  t.match(works, { parentId: head.id, hallId: app.hallId, isFallback: false, version: 1, openTasks: 0, members: [] });
  t.match(await owner.post('/offices', { code: 'works', name: '又' }), {
    status: 409,
    body: { errors: [{ path: 'body.code' }] },
  });
  for (const wrong of [{ parentId: uuidv7() }, { hallId: uuidv7() }, { regionId: uuidv7() }, { calendar: 'nothing' }]) {
    t.equal((await owner.post('/offices', { code: 'x', name: 'x', ...wrong })).status, 400, JSON.stringify(wrong));
  }
  const named = await owner.patch(`/offices/${works.id}`, { name: '市政所', calendar: 'always' }, 1);
  t.match(named, { status: 200, body: { name: '市政所', calendar: 'always', version: 2 } });
  t.equal((await owner.patch(`/offices/${works.id}`, { name: '迟' }, 1)).status, 412);
  t.equal((await owner.patch(`/offices/${works.id}`, { name: '迟' })).status, 428);
  t.match(await owner.patch(`/offices/${head.id}`, { parentId: works.id }, 1), {
    status: 400,
    body: { errors: [{ path: 'body.parentId' }] },
  });
  t.equal((await owner.patch(`/offices/${head.id}`, { parentId: head.id }, 1)).status, 400, 'nor below itself');
  t.match(await owner.delete(`/offices/${head.id}`, 1), { status: 409 });
  t.match(await owner.delete(`/offices/${works.id}`, 2), { status: 200, body: { archivedAt: String } });
  t.notOk((await owner.get('/offices')).body.items.some((one: { id: string }) => one.id === works.id));
  t.ok((await owner.get('/offices?archived=true')).body.items.some((one: { id: string }) => one.id === works.id));
  const next = await make('works');
  t.equal((await owner.patch(`/offices/${works.id}`, { archived: false }, 3)).status, 409, 'its code is another’s now');
  t.match(await owner.patch(`/offices/${works.id}`, { archived: false, code: 'works-2' }, 3), {
    status: 200,
    body: { archivedAt: null, code: 'works-2' },
  });
  t.equal((await owner.get(`/offices/${next.id}`)).body.code, 'works');
  t.equal((await owner.get(`/offices/${uuidv7()}`)).status, 404);
  const actions = (await app.auditRows()).map(({ action }) => action).filter((one) => one.startsWith('office.'));
  t.same([...new Set(actions)].sort(), ['office.archived', 'office.created', 'office.updated']);
});

t.test('two moves at once make no loop', async (t) => {
  const { owner, make } = await started;
  const [a, b] = [await make('a-1'), await make('b-1')];
  const both = await Promise.all([
    owner.patch(`/offices/${a.id}`, { parentId: b.id }, 1),
    owner.patch(`/offices/${b.id}`, { parentId: a.id }, 1),
  ]);
  t.same(both.map(({ status }) => status).sort(), [200, 400]);
});

t.test('there is always exactly one fallback', async (t) => {
  const { app, owner, make, book } = await started;
  const old = (await owner.get('/offices')).body.items.find((one: { isFallback: boolean }) => one.isFallback);
  t.match(old, { code: 'fallback', isFallback: true });
  t.match(await owner.delete(`/offices/${old.id}`, old.version), { status: 409 });
  const [a, b] = [await make('a-2'), await make('b-2')];
  const both = await Promise.all([a, b].map(({ id }) => owner.patch(`/offices/${id}`, { isFallback: true }, 1)));
  t.ok(both.every(({ status }) => status === 200 || status === 412));
  const fallbacks = (await owner.get('/offices')).body.items.filter((one: typeof old) => one.isFallback);
  t.equal(fallbacks.length, 1);
  t.equal((await book()).fallback.id, fallbacks[0].id);
  t.equal((await owner.patch(`/offices/${old.id}`, { isFallback: false }, 2)).status, 400);

  // Who waits for one of them holds none that comes later: two cannot wait for each other.
  const holder = await app.db.ownerPool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM offices WHERE id = $1 FOR UPDATE', [a?.id]);
  const c = await make('c-2');
  const waiting = owner.patch(`/offices/${c.id}`, { isFallback: true }, 1);
  await until(async () => {
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return ((await app.db.ownerPool.query(sql)).rowCount ?? 0) > 0;
  });
  await holder.query('SELECT 1 FROM offices WHERE id = $1 FOR UPDATE NOWAIT', [c.id]);
  await holder.query('COMMIT');
  holder.release();
  t.equal((await waiting).status, 200);
});

t.test('members, areas and categories; dispatch sees them at once', async (t) => {
  const { app, owner, make, book } = await started;
  const works = await make('works-3');
  const staff = await app.signInAs('ticket-handler');
  t.equal((await book()).officesOf(staff.userId).length, 0);
  const members = [{ userId: staff.userId, isLeader: true, skills: ['repair', 'repair'] }];
  const filled = await owner.put(`/offices/${works.id}/members`, { members }, 1);
  t.match(filled, { status: 200, body: { version: 2, members: [{ name: String, active: true, skills: ['repair'] }] } });
  t.same((await book()).officesOf(staff.userId), [works.id]);
  t.match(await owner.put(`/offices/${works.id}/members`, { members: [{ userId: uuidv7() }] }, 2), {
    status: 400,
    body: { errors: [{ path: 'body.members.0.userId' }] },
  });
  t.equal((await owner.put(`/offices/${works.id}/members`, { members: [...members, ...members] }, 2)).status, 400);
  const areas = [
    { hallId: app.hallId },
    { regionId: app.regionId, purpose: 'repair' },
    {
      name: '网格',
      polygon: [
        [121, 31],
        [122, 31],
        [122, 32],
      ],
    },
  ];
  t.match(await owner.put(`/offices/${works.id}/areas`, { areas }, 2), {
    status: 200,
    body: { version: 3, areas: { length: 3 } },
  });
  for (const wrong of [
    {},
    { hallId: app.hallId, regionId: app.regionId },
    { hallId: uuidv7() },
    { regionId: uuidv7() },
    { polygon: [[0, 0]] },
  ]) {
    t.equal((await owner.put(`/offices/${works.id}/areas`, { areas: [wrong] }, 3)).status, 400, JSON.stringify(wrong));
  }
  const categories = [{ tree: 'matters', code: 'lights' }];
  t.match(await owner.put(`/offices/${works.id}/categories`, { categories }, 3), { body: { version: 4, categories } });
  t.equal((await owner.put(`/offices/${works.id}/categories`, { categories }, 3)).status, 412);
  t.match(await app.auditRows('office.members_changed'), [
    { before: { members: [] }, after: { members: [{ isLeader: true }] } },
  ]);
});

t.test('an office with tasks stays', async (t) => {
  const { app, owner, make } = await started;
  const works = await make('works-4');
  const ticketId = uuidv7();
  const at = new Date();
  await app.db.ownerPool.query(
    `INSERT INTO tickets (id, tenant_id, number, title, kind, kind_version, status, phase, state_id, step, source, state, live_tasks, seq,
       made_at, made_by, made_by_name, acted_at, clock_stamp, supervised, reminded, returned, reopened)
     VALUES ($1, $2, 'X1', 'x', 'k', 1, 'running', 'open', 's', 's', 'console', '{}', '[]', 1, $3, 'system', '系统', $3, '', false, 0, 0, 0)`,
    [ticketId, app.tenantId, at],
  );
  const task = (id: string, party: string, state: string) =>
    app.db.ownerPool.query(
      `INSERT INTO ticket_tasks (tenant_id, id, ticket_id, purpose, step, visit, party_kind, party_id, state, lead, unplaced, began_at, sort_due, made_at)
       VALUES ($1, $2, $3, 'handle', 's', 1, 'office', $4, $5, false, false, $6, $6, $6)`,
      [app.tenantId, id, ticketId, party, state, at],
    );
  const open = uuidv7();
  await task(open, works.id, 'lent');
  await task(uuidv7(), works.id, 'done');
  t.match(await owner.get(`/offices/${works.id}`), { body: { openTasks: 1 } });
  t.match(await owner.delete(`/offices/${works.id}`, 1), { status: 409 });
  await app.db.ownerPool.query("UPDATE ticket_tasks SET state = 'done' WHERE id = $1", [open]);
  t.match(await owner.delete(`/offices/${works.id}`, 1), { status: 200 });
});

t.test('who stands in for whom: by those who may, and each for themselves', async (t) => {
  const { app, owner, book } = await started;
  const [anna, bo] = [await app.signInAs('ticket-handler'), await app.signInAs('ticket-handler')];
  const now = app.clock.now();
  const span = { from: new Date(now - 1_000).toISOString(), until: new Date(now + 60_000).toISOString() };
  const items = [{ userId: anna.userId, standInId: bo.userId, ...span }];
  const { body: empty } = await owner.get('/stand-ins');
  const set = await owner.put('/stand-ins', { items }, empty.version);
  t.match(set, { status: 200, body: { items: [{ userName: String, standInName: String, ...span }] } });
  t.equal((await owner.put('/stand-ins', { items: [] }, empty.version)).status, 412, 'somebody else was faster');
  t.same((await book()).standsInFor(bo.userId, now), [anna.userId]);
  t.same((await book()).standsInFor(bo.userId, now + 60_000), []);
  const again = await owner.put('/stand-ins', { items }, set.body.version);
  t.equal(again.body.items[0].id, set.body.items[0].id, 'what stays keeps its id');
  const own = await bo.put('/me/stand-ins', { items: [{ standInId: anna.userId, ...span }] });
  t.match(own, { status: 200, body: { items: { length: 1 } } });
  t.same((await bo.get('/me/stand-ins')).body.items.length, 1);
  t.same((await book()).standsInFor(anna.userId, now), [bo.userId]);
  t.equal((await bo.put('/me/stand-ins', { items: [{ standInId: bo.userId, ...span }] })).status, 400);
  t.equal((await bo.put('/me/stand-ins', { items: [{ standInId: uuidv7(), ...span }] })).status, 400);
  t.equal((await owner.get('/stand-ins')).body.items.length, 2);
  t.equal((await bo.put('/stand-ins', { items: [] }, 1)).status, 403);
  t.equal((await app.auditRows('stand_ins.own_changed')).length, 1);
});

t.test('people who leave and new names are seen at once', async (t) => {
  const { app, book } = await started;
  const anna = await app.signInAs('ticket-handler');
  const name = (await book()).personName(anna.userId);
  await app.db.ownerPool.query("UPDATE users SET display_name = '安娜' WHERE id = $1", [anna.userId]);
  t.not(name, '安娜');
  const now = await book();
  t.equal(now.personName(anna.userId), '安娜');
  await app.db.ownerPool.query('UPDATE users SET last_sign_in_at = now() WHERE id = $1', [anna.userId]);
  const { rows } = await app.db.ownerPool.query('SELECT stamp FROM office_stamps WHERE tenant_id = $1', [app.tenantId]);
  await app.db.ownerPool.query('UPDATE users SET failed_sign_ins = 1 WHERE id = $1', [anna.userId]);
  const after = await app.db.ownerPool.query('SELECT stamp FROM office_stamps WHERE tenant_id = $1', [app.tenantId]);
  t.same(after.rows, rows, 'signing in is nothing to dispatch');
});

t.test('another organisation’s, and those without the right', async (t) => {
  const { app, owner, make } = await started;
  const works = await make('works-7');
  const other = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await other.get(`/offices/${works.id}`)).status, 404);
  t.equal((await other.patch(`/offices/${works.id}`, { name: 'x' }, 1)).status, 404);
  t.equal((await other.post('/offices', { code: 'x', name: 'x', parentId: works.id })).status, 400);
  t.notOk((await other.get('/offices')).body.items.some((one: { id: string }) => one.id === works.id));
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  t.equal(
    (await owner.put(`/offices/${works.id}/members`, { members: [{ userId: stranger.userId }] }, 1)).status,
    400,
    'nobody of another organisation',
  );
  const clerk = await app.signInAs('ticket-clerk', { hallIds: [app.hallId] });
  t.equal((await clerk.get('/offices')).status, 200);
  t.equal((await clerk.post('/offices', { code: 'x', name: 'x' })).status, 403);
  const manager = await app.signInAs('owner', { hallIds: [app.hallId] });
  t.equal(
    (await manager.patch(`/offices/${works.id}`, { name: 'x' }, 1)).status,
    403,
    'a hall is not the organisation',
  );
});
