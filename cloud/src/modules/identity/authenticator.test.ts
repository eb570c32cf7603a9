import type { Clock } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import type { Authenticator } from '../../http/env.js';
import { type Caller, cookieOf, startTestApp, type TestApp, testPassword } from '../../http/testing.js';
import type { Actor } from '../access/actor.js';
import { sessionAuthenticator } from './authenticator.js';
import { createIdentity } from './better-auth.js';

t.setTimeout(180_000);

const secret = 'test-secret-of-32-characters-or-more';

/** As another process over the same database has it: nothing is shared but that, and the installation's secret. */
const anotherProcess = ({ db, clock }: { readonly db: TestApp['db']; readonly clock: Clock }): Authenticator =>
  sessionAuthenticator(createIdentity(db, { secret, publicUrl: null, log: pino({ level: 'silent' }) }), clock);

const setUp = async (t: Parameters<typeof startTestApp>[0]) => {
  const app = await startTestApp(t);
  const processes = [anotherProcess(app), anotherProcess(app)];
  /** Who the caller is to either process, which must never differ. */
  const actorOf = async ({ cookie }: Pick<Caller, 'cookie'>): Promise<Actor | null> => {
    const found = await Promise.all(processes.map((one) => one.authenticate(new Headers({ cookie }))));
    const [first, second] = found.map((one) => one?.actor ?? null);
    const shown = (actor: Actor | null | undefined) => actor && [[...actor.rights], actor.scopeFilter('hall.read')];
    if (JSON.stringify(shown(first)) !== JSON.stringify(shown(second))) throw new Error('the processes differ');
    return first ?? null;
  };
  return { app, actorOf, owner: await app.signInAs('owner') };
};

t.test('what changes about a person counts from the next request, in every process', async (t) => {
  const { app, actorOf, owner } = await setUp(t);
  const agent = await app.signInAs('counter-staff', { hallIds: [app.hallId] });
  const roleOf = async (key: string) =>
    (await owner.get('/roles')).body.items.find((one: { key: string }) => one.key === key);
  const operator = await roleOf('counter-staff');
  const reach = async () => (await actorOf(agent))?.scopeFilter('hall.read');
  t.same(await reach(), [app.hallId]);

  const grant = async (...scopes: object[]) => {
    const { version } = (await owner.get(`/users/${agent.userId}`)).body;
    const grants = scopes.map((scope) => ({ roleId: operator.id, scope }));
    t.equal((await owner.put(`/users/${agent.userId}/grants`, grants, version)).status, 200);
  };
  await grant({ kind: 'hall', id: app.otherHallId });
  t.same(await reach(), [app.otherHallId], 'another hall');
  await grant();
  t.same([...((await actorOf(agent))?.rights ?? [])], [], 'no grant');
  await grant({ kind: 'region', id: app.regionId });
  t.same(new Set(await reach()), new Set([app.hallId, app.otherHallId]), 'a region');

  const made = await owner.post('/places', {
    ...{ kind: 'hall', parentId: app.regionId, name: '新厅', code: 'H9', timeZone: 'Asia/Shanghai' },
    ...{ address: null, location: null },
  });
  t.equal(made.status, 201);
  t.ok((await reach())?.includes(made.body.id), 'a hall that is new there');
  const other = await owner.post('/places', { kind: 'region', parentId: null, name: '郊区', code: 'R9' });
  const moved = await owner.patch(`/places/${made.body.id}`, { parentId: other.body.id }, made.body.version);
  t.equal(moved.status, 200, JSON.stringify(moved.body));
  t.notOk((await reach())?.includes(made.body.id), 'and one that went elsewhere');

  const own = await owner.post('/roles', { key: 'own', label: { zh: '自定' }, rights: ['hall.read', 'ticket.read'] });
  t.equal(own.status, 201, JSON.stringify(own.body));
  const { version } = (await owner.get(`/users/${agent.userId}`)).body;
  const grants = [{ roleId: own.body.id, scope: { kind: 'tenant' } }];
  t.equal((await owner.put(`/users/${agent.userId}/grants`, grants, version)).status, 200);
  t.ok((await actorOf(agent))?.canAnywhere('ticket.read'));
  const less = await owner.patch(`/roles/${own.body.id}`, { rights: ['hall.read'] }, own.body.version);
  t.equal(less.status, 200, JSON.stringify(less.body));
  t.notOk((await actorOf(agent))?.canAnywhere('ticket.read'), 'a role that has less');

  t.equal((await actorOf(agent))?.mustChangePassword, false);
  t.equal((await owner.post(`/users/${agent.userId}/password`)).status, 200);
  t.equal(await actorOf(agent), null, 'a new one-time password ends what was open');
});

t.test('a session that has ended is worth nothing in any process, however it ended', async (t) => {
  const { app, actorOf, owner } = await setUp(t);
  const person = () => app.signInAs('observer');

  const leaving = await person();
  t.ok(await actorOf(leaving));
  await leaving.delete('/session');
  t.equal(await actorOf(leaving), null, 'signed out');

  const disabled = await person();
  t.ok(await actorOf(disabled));
  const { version } = (await owner.get(`/users/${disabled.userId}`)).body;
  t.equal((await owner.patch(`/users/${disabled.userId}`, { state: 'disabled' }, version)).status, 200);
  t.equal(await actorOf(disabled), null, 'disabled');

  const changing = await person();
  t.ok(await actorOf(changing));
  const next = 'Long-enough-9';
  const changed = await changing.post('/me/password', { current: testPassword, next });
  t.equal(changed.status, 204, JSON.stringify(changed.body));
  t.equal(await actorOf(changing), null, 'the old one after a new password');
  t.ok(await actorOf({ cookie: cookieOf(changed) }), 'the new one');

  const forged = await person();
  t.ok(await actorOf(forged));
  t.equal(await actorOf({ cookie: forged.cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }), null, 'forged');
  const [token] = forged.cookie.split('.').slice(1);
  t.equal(await actorOf({ cookie: `hallhub.session_token=${token?.split('=')[1]}` }), null, 'not signed');

  const idle = await person();
  t.ok(await actorOf(idle));
  await app.clock.advance(121 * 60_000);
  t.equal(await actorOf(idle), null, 'idle for longer than the rules allow');
  const { rows } = await app.db.ownerPool.query('SELECT 1 FROM user_sessions WHERE user_id = $1', [idle.userId]);
  t.equal(rows.length, 0, 'and is gone');
});

t.test('rules of signing in count from the next request, in every process', async (t) => {
  const { app, actorOf, owner } = await setUp(t);
  const { tenantId } = app;
  const row = (text: string, ...more: unknown[]) => app.db.ownerPool.query(text, [tenantId, ...more]);
  await row(`INSERT INTO sign_in_policies (tenant_id, second_factor, required_role_ids, trusted_device_days, idle_minutes, absolute_hours,
      password_min_length, password_history) VALUES ($1, 'optional', '{}', 30, 120, 24, 10, 5)`);
  const rules = (set: string) => row(`UPDATE sign_in_policies SET ${set} WHERE tenant_id = $1`);
  const [plain, enrolled, proven] = [
    await app.signInAs('observer'),
    await app.signInAs('observer'),
    await app.signInAs('observer'),
  ];
  for (const { userId } of [enrolled, proven]) {
    await app.db.ownerPool.query(
      `INSERT INTO user_second_factors (user_id, tenant_id, secret_sealed, confirmed_at) VALUES ($1, $2, '\\x00', now())`,
      [userId, tenantId],
    );
  }
  await app.db.ownerPool.query('UPDATE user_sessions SET second_factor = true WHERE user_id = $1', [proven.userId]);
  t.match(await actorOf(plain), { secondFactorDue: false, mustChangePassword: false });
  t.match(await actorOf(enrolled), { secondFactorDue: false });

  const owners = (await owner.get('/roles')).body.items.find((one: { key: string }) => one.key === 'owner');
  await rules(`second_factor = 'required', required_role_ids = '{${owners.id}}'`);
  t.match(await actorOf(plain), { secondFactorDue: false }, 'of others');
  t.match(await actorOf(owner), { secondFactorDue: true });
  await rules(`required_role_ids = '{}'`);
  t.match(await actorOf(plain), { secondFactorDue: true }, 'of everybody');
  t.match(await actorOf(proven), { secondFactorDue: false });
  t.equal(await actorOf(enrolled), null, 'who has a factor signs in again with it');
  await rules(`second_factor = 'off', password_max_age_days = 30`);
  t.match(await actorOf(plain), { secondFactorDue: false, mustChangePassword: false });
  await app.db.ownerPool.query(`UPDATE users SET password_changed_at = $2 WHERE id = $1`, [
    plain.userId,
    new Date(app.clock.now() - 31 * 86_400_000),
  ]);
  t.match(await actorOf(plain), { mustChangePassword: true });

  await rules('idle_minutes = 10');
  await app.clock.advance(5 * 60_000);
  t.ok(await actorOf(proven));
  await app.clock.advance(11 * 60_000);
  t.equal(await actorOf(plain), null, 'idle for longer than the new rules allow');
  await rules('idle_minutes = 120, absolute_hours = 1');
  const late = await app.signInAs('observer');
  for (let minutes = 0; minutes < 60; minutes += 30) {
    t.ok(await actorOf(late));
    await app.clock.advance(30 * 60_000);
  }
  await app.clock.advance(1);
  t.equal(await actorOf(late), null, 'never idle, and open for longer than the rules allow');
});

t.test('one question a request, once a process knows the session and the grants', async (t) => {
  const { app, actorOf } = await setUp(t);
  const agent = await app.signInAs('counter-staff');
  await actorOf(agent);
  const pool = app.db.appPool;
  const connect = pool.connect.bind(pool);
  const texts: string[] = [];
  pool.connect = (async () => {
    const client = await connect();
    const query = client.query.bind(client);
    client.query = ((...of: unknown[]) => {
      const [first] = of as [string | { text: string }];
      texts.push(typeof first === 'string' ? first : first.text);
      return (query as (...all: unknown[]) => unknown)(...of);
    }) as typeof client.query;
    return client;
  }) as typeof pool.connect;
  t.ok(await actorOf(agent));
  pool.connect = connect as typeof pool.connect;
  const own = texts.filter((text) => !/^(BEGIN|COMMIT|SET)/.test(text));
  t.equal(own.length, 2, 'one for each of the two processes');
  t.match(own[0], /FROM user_sessions/);
});
