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
