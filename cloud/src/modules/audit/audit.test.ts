import t from 'tap';
import { withSystem, withTenant } from '../../db/index.js';
import { startTestApp } from '../../http/testing.js';
import { differences } from './audit.js';

t.test('the trail is searched, newest first, page by page', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const made = await owner.post('/users', { userName: 'li.lei', displayName: '李雷', grants: [] });
  await owner.post('/places', { kind: 'counter', parentId: app.hallId, name: '一号窗口', code: '1' });
  const all = await owner.get('/audit');
  t.match(all.body.items[0], {
    action: 'place.created',
    actor: { id: owner.userId, kind: 'user' },
    target: { kind: 'counter', name: '一号窗口' },
    hallId: app.hallId,
    requestId: String,
  });
  t.match(all.body.items[0].after, { code: '1' });
  const count = async (query: string) => (await owner.get(`/audit?${query}`)).body.items.length;
  t.equal(await count(`targetKind=user&targetId=${made.body.user.id}`), 1);
  t.equal(await count(`action=place.created&actorId=${owner.userId}`), 1);
  t.ok((await count('action=place')) >= 4, 'the first part of an action finds all of it');
  t.equal(await count('action=plac'), 0);
  t.equal(await count(`q=${encodeURIComponent('李雷')}`), 1);
  t.equal(await count(`q=${all.body.items[0].requestId}`), 1);
  t.equal(await count('to=2020-01-01T00:00:00Z'), 0);
  t.equal(await count('from=2020-01-01T00:00:00%2B08:00'), all.body.items.length);
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await owner.get(`/audit?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map((row: { id: string }) => row.id));
    if (!body.nextCursor) break;
    cursor = body.nextCursor;
  }
  t.same(
    seen,
    all.body.items.map((row: { id: string }) => row.id),
  );
});

t.test('a grant over a hall shows that hall’s part of the trail only', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  await owner.post('/roles', { key: 'auditor', label: { zh: '审计员' }, rights: ['audit.read'] });
  await owner.post('/places', { kind: 'counter', parentId: app.hallId, name: '甲', code: '1' });
  await owner.post('/places', { kind: 'counter', parentId: app.otherHallId, name: '乙', code: '1' });
  const auditor = await app.signInAs('auditor', { hallIds: [app.hallId] });
  const { body } = await auditor.get('/audit');
  t.ok(body.items.length > 0);
  t.same([...new Set(body.items.map((row: { hallId: string }) => row.hallId))], [app.hallId]);
});

t.test('nobody changes the trail: not a request, not the system, not the owner of the tables', async (t) => {
  const app = await startTestApp(t);
  const scope = { tenantId: app.tenantId };
  for (const sql of [`UPDATE audit_entries SET action = 'x'`, 'DELETE FROM audit_entries', 'TRUNCATE audit_entries']) {
    await t.rejects(
      withTenant(app.db, scope, (tx) => tx.$client.query(sql)),
      { code: '42501' },
      `request: ${sql}`,
    );
    await t.rejects(
      withSystem(app.db, (tx) => tx.$client.query(sql)),
      { code: '42501' },
      `system: ${sql}`,
    );
  }
  await t.rejects(app.db.ownerPool.query(`UPDATE audit_entries SET action = 'x'`), /never changed/);
  await t.rejects(app.db.ownerPool.query('DELETE FROM audit_entries'), /never changed/);
  const seal = `UPDATE audit_entries SET seq = 1, hash = '\\x00' WHERE id = (SELECT id FROM audit_entries ORDER BY id LIMIT 1)`;
  t.equal((await withSystem(app.db, (tx) => tx.$client.query(seal))).rowCount, 1, 'the sealer adds its part once');
  await t.rejects(app.db.ownerPool.query(seal), /never changed/, 'and not twice');
});

t.test('requests read neither password hashes nor session tokens', async (t) => {
  const app = await startTestApp(t);
  await app.signInAs('owner');
  const scope = { tenantId: app.tenantId };
  for (const sql of [
    'SELECT password FROM user_accounts',
    'SELECT token FROM user_sessions',
    'SELECT * FROM user_verifications',
  ]) {
    await t.rejects(
      withTenant(app.db, scope, (tx) => tx.$client.query(sql)),
      { code: '42501' },
      sql,
    );
  }
});

t.test('differences holds what changed and nothing else', async (t) => {
  const before = { name: '甲', at: { lon: 1 }, same: 1 };
  const after = { name: '乙', at: { lon: 2 }, same: 1 };
  t.same(differences<Record<string, unknown>>(before, after, ['name', 'at', 'same']), {
    before: { name: '甲', at: { lon: 1 } },
    after: { name: '乙', at: { lon: 2 } },
  });
});
