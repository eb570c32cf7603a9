import t from 'tap';
import { withSystem } from '../../db/index.js';
import { startTestApp, testOrigin } from '../../http/testing.js';
import { isAddressRange, isWithin } from './address-ranges.js';
import { bearerKey, makeKey } from './key-text.js';

type App = Awaited<ReturnType<typeof startTestApp>>;
const tenantScope = { kind: 'tenant' };

/** Calls with a key alone: no cookie, no Origin. */
const withKey = (app: App, key: string, extra: Record<string, string> = {}) => {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await app.app.request(
      `${testOrigin}/api/v1${path}`,
      {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...extra },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      { incoming: { socket: { remoteAddress: '10.1.2.3' } } },
    );
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
  };
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown) => call('POST', path, body),
    delete: (path: string) => call('DELETE', path),
  };
};

const makeKeyBy = async (owner: Awaited<ReturnType<App['signInAs']>>, given: object = {}) => {
  const { status, body } = await owner.post('/api-keys', {
    name: '报表程序',
    rights: ['place.read', 'place.write', 'audit.read'],
    scope: tenantScope,
    ...given,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body as { key: string; apiKey: { id: string; prefix: string } };
};

t.test('a key is shown once, kept as a hash, works without cookie or origin, and is audited as itself', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const { key, apiKey } = await makeKeyBy(owner);
  t.match(key, /^hk_[A-Za-z0-9]{8}_[A-Za-z0-9]{32}$/);
  t.ok(key.startsWith(`${apiKey.prefix}_`));
  const { rows } = await app.db.ownerPool.query('SELECT row_to_json(k)::text AS text FROM api_keys k');
  t.notOk(rows[0].text.includes(key.slice(12)), 'the database does not hold the key');
  const trail = JSON.stringify(await app.auditRows());
  t.notOk(trail.includes(key.slice(12)), 'the trail does not hold the key');

  const program = withKey(app, key);
  t.equal((await program.get('/places')).status, 200);
  const made = await program.post('/places', { kind: 'counter', parentId: app.hallId, name: '一号窗口', code: '1' });
  t.equal(made.status, 201);
  const [row] = await app.auditRows('place.created').then((found) => found.slice(-1));
  t.match(row, { actorKind: 'apikey', actorId: apiKey.id, actorName: '报表程序' });
  t.match((await program.get('/audit')).body.items[0], { actor: { kind: 'apikey', id: apiKey.id } });
  t.match((await owner.get('/api-keys')).body.items[0], {
    state: 'active',
    lastUsedIp: '10.1.2.3',
    lastUsedAt: String,
  });
  t.notOk(JSON.stringify((await owner.get('/api-keys')).body).includes(key.slice(12)), 'nobody reads it again');
  t.match(await app.app.request(`${testOrigin}/api/v1/api-keys`, { headers: { authorization: `Bearer ${key}` } }), {
    status: 403,
  });
});

t.test('a key never does more than it was given, and never more than its maker may do now', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  await owner.post('/roles', { key: 'integrator', label: { zh: '集成' }, rights: ['place.read', 'apikey.write'] });
  const maker = await app.signInAs('integrator', { hallIds: [app.hallId] });
  const asking = (rights: string[], scope: object) =>
    maker.post('/api-keys', { name: 'x', rights, scope }).then((answer) => answer.status);
  t.equal(await asking(['place.read'], { kind: 'hall', id: app.hallId }), 201);
  t.equal(await asking(['place.write'], { kind: 'hall', id: app.hallId }), 403, 'a right that the maker lacks');
  t.equal(await asking(['place.read'], { kind: 'hall', id: app.otherHallId }), 403, 'another hall');
  t.equal(await asking(['place.read'], tenantScope), 403, 'all halls');
  t.equal(await asking(['nonsense'], { kind: 'hall', id: app.hallId }), 400);

  const { key } = await makeKeyBy(owner, { rights: ['place.read'], scope: { kind: 'hall', id: app.hallId } });
  const program = withKey(app, key);
  const places = JSON.stringify((await program.get('/places')).body);
  t.ok(places.includes(app.hallId));
  t.notOk(places.includes(app.otherHallId));
  t.equal((await program.get('/users')).status, 403);
  t.equal((await program.get('/me')).status, 403, 'a program is nobody’s self');
  t.equal((await program.post('/api-keys', { name: 'y', rights: ['place.read'], scope: tenantScope })).status, 403);

  const { key: region } = await makeKeyBy(owner, {
    rights: ['place.read'],
    scope: { kind: 'region', id: app.regionId },
  });
  t.ok(JSON.stringify((await withKey(app, region).get('/places')).body).includes(app.otherHallId));

  const second = await app.signInAs('owner');
  const { key: theirs } = await makeKeyBy(second);
  t.equal((await withKey(app, theirs).get('/places')).status, 200);
  await withSystem(app.db, (tx) => tx.$client.query('DELETE FROM role_grants WHERE user_id = $1', [second.userId]));
  t.equal((await withKey(app, theirs).get('/places')).status, 403, 'its maker lost the rights');
  await withSystem(app.db, (tx) =>
    tx.$client.query(`UPDATE users SET state = 'disabled' WHERE id = $1`, [second.userId]),
  );
  t.equal((await withKey(app, theirs).get('/places')).status, 401, 'its maker was disabled');
});

t.test('revoked, expired, mistyped, from elsewhere: refused at once, all alike', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const refusedWith = async (key: string, why: string) => {
    const { status, body } = await withKey(app, key).get('/places');
    t.match({ status, body }, { status: 401, body: { code: 'unauthenticated', context: { reason: 'api_key' } } }, why);
  };
  const revoked = await makeKeyBy(owner);
  t.equal((await withKey(app, revoked.key).get('/places')).status, 200);
  t.match((await owner.delete(`/api-keys/${revoked.apiKey.id}`)).body, { state: 'revoked' });
  await refusedWith(revoked.key, 'revoked');
  t.equal((await owner.delete(`/api-keys/${revoked.apiKey.id}`)).status, 200, 'again changes nothing');
  t.equal((await app.auditRows('apikey.revoked')).length, 1);

  const soon = await makeKeyBy(owner, { expiresAt: new Date(app.clock.now() + 60_000).toISOString() });
  t.equal((await withKey(app, soon.key).get('/places')).status, 200);
  await app.clock.advance(60_001);
  await refusedWith(soon.key, 'expired');
  for (const expiresAt of ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])
    t.equal(
      (await owner.post('/api-keys', { name: 'x', rights: ['place.read'], scope: tenantScope, expiresAt })).status,
      400,
    );

  const bound = await makeKeyBy(owner, { allowedFrom: ['192.168.0.0/16'] });
  await refusedWith(bound.key, 'from an address that is not on its list');
  const here = await makeKeyBy(owner, { allowedFrom: ['10.1.0.0/16'] });
  t.equal((await withKey(app, here.key).get('/places')).status, 200);

  await refusedWith(makeKey().key, 'made up');
  await refusedWith('hk_', 'cut off');
  const beside = await withKey(app, makeKey().key, { cookie: owner.cookie }).get('/places');
  t.equal(beside.status, 401, 'a wrong key is not helped by a cookie');
});

t.test('another tenant sees nothing of a key; a hall’s manager of keys sees that hall’s', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const { apiKey } = await makeKeyBy(owner);
  const foreign = await app.signInAs('owner', { tenant: 'other' });
  t.same((await foreign.get('/api-keys')).body.items, []);
  t.equal((await foreign.delete(`/api-keys/${apiKey.id}`)).status, 404);
  await owner.post('/roles', { key: 'keys', label: { zh: '密钥' }, rights: ['apikey.write', 'place.read'] });
  const manager = await app.signInAs('keys', { hallIds: [app.hallId] });
  t.same((await manager.get('/api-keys')).body.items, []);
  t.equal((await manager.delete(`/api-keys/${apiKey.id}`)).status, 404);
  t.equal((await (await app.signInAs('observer')).get('/api-keys')).status, 403);
});

t.test('ranges of addresses, and the header', async (t) => {
  for (const good of ['10.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::1']) t.ok(isAddressRange(good), good);
  for (const bad of ['', '10.0.0', '10.0.0.0/33', '10.0.0.0/8/9', 'example.org', '::/129', '10.0.0.0/-1'])
    t.notOk(isAddressRange(bad), bad);
  t.ok(isWithin('10.9.9.9', ['192.168.0.0/16', '10.0.0.0/8']));
  t.ok(isWithin('2001:db8::5', ['2001:db8::/32']));
  t.ok(isWithin(null, []));
  for (const [address, ranges] of [
    ['11.0.0.1', ['10.0.0.0/8']],
    [null, ['10.0.0.0/8']],
    ['::1', ['127.0.0.1']],
  ] as const)
    t.notOk(isWithin(address, ranges));
  const { key } = makeKey();
  t.equal(bearerKey(`Bearer ${key}`), key);
  t.equal(bearerKey(`bearer  ${key}`), key);
  t.equal(bearerKey(`Bearer ${key}x`), 'malformed');
  for (const none of [null, '', 'Bearer metrics-token', 'Basic hk_x']) t.equal(bearerKey(none), null);
});
