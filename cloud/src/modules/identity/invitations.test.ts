import t from 'tap';
import { cookieOf, startTestApp, testPassword } from '../../http/testing.js';
import { openTenant } from '../access/verbs/ensure-foundation.js';
import { isAllowedAddress, makeGuardedFetch } from './sign-on/guarded-fetch.js';
import { safePath } from './sign-on/sign-on-flow.js';

const next = 'Kestrel-Umbrella-4';

t.test('an invitation works once, until it ends, is replaced or withdrawn', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const nobody = app.caller('');
  const made = await owner.post('/invitations', {
    userName: 'han.meimei',
    displayName: '韩梅梅',
    grants: [],
    hours: 2,
  });
  t.match(made, { status: 201, body: { invitation: { token: /^[\w-]{43}$/ } } });
  const userId = made.body.user.id as string;
  const token = made.body.invitation.token as string;
  t.match(await nobody.post('/invitations/look', { token }), { status: 200, body: { userName: 'han.meimei' } });
  t.equal((await nobody.post('/session', { userName: 'han.meimei', password: '' })).status, 400);
  const renewed = await owner.post(`/users/${userId}/invitation`, { hours: 2 });
  t.equal((await nobody.post('/invitations/look', { token })).status, 410, 'replaced');
  const second = renewed.body.token as string;
  t.match(await nobody.post('/invitations/accept', { token: second, password: 'short' }), {
    status: 400,
    body: { errors: [{ path: 'body.password' }] },
  });
  const accepted = await nobody.post('/invitations/accept', { token: second, password: next });
  t.match(accepted, { status: 200, body: { user: { mustChangePassword: false } } });
  t.equal((await app.caller(cookieOf(accepted)).get('/me')).status, 200);
  t.equal((await nobody.post('/invitations/accept', { token: second, password: next })).status, 410, 'used');
  t.equal((await nobody.post('/session', { userName: 'han.meimei', password: next })).status, 200);
  const other = await owner.post('/invitations', { userName: 'li.lei', displayName: '李雷', grants: [], hours: 1 });
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await stranger.delete(`/users/${other.body.user.id}/invitation`)).status, 404);
  t.equal((await owner.delete(`/users/${other.body.user.id}/invitation`)).status, 204);
  t.equal((await nobody.post('/invitations/look', { token: other.body.invitation.token })).status, 410, 'withdrawn');
  const late = await owner.post(`/users/${other.body.user.id}/invitation`, { hours: 1 });
  await app.clock.advance(61 * 60_000);
  t.equal((await nobody.post('/invitations/look', { token: late.body.token })).status, 410, 'over');
  t.notMatch(JSON.stringify(await app.auditRows()), second, 'no token in the trail');
});

t.test('sessions end when idle and when old; passwords do not come back', async (t) => {
  const app = await startTestApp(t);
  const staff = await app.signInAs('observer');
  await app.clock.advance(119 * 60_000);
  t.equal((await staff.get('/me')).status, 200);
  await app.clock.advance(121 * 60_000);
  t.equal((await staff.get('/me')).status, 401, 'idle');
  const again = await app.signInAs('observer');
  const changed = await again.post('/me/password', { current: testPassword, next });
  const me = app.caller(cookieOf(changed));
  const third = await me.post('/me/password', { current: next, next: 'Harbour-Walnut-8' });
  const last = app.caller(cookieOf(third));
  t.match(await last.post('/me/password', { current: 'Harbour-Walnut-8', next }), {
    status: 400,
    body: { errors: [{ path: 'body.next', message: /last 5/ }] },
  });
  for (let hour = 0; hour < 24; hour++) {
    await app.clock.advance(60 * 60_000);
    await last.get('/me');
  }
  await app.clock.advance(60_000);
  t.equal((await last.get('/me')).status, 401, 'a day is the longest, however busy');
});

t.test('an organisation of its own sees nothing of the others', async (t) => {
  const app = await startTestApp(t);
  const made = await openTenant(app.db, { name: '丙机构', code: 'third', owner: 'Third.Owner' });
  await t.rejects(openTenant(app.db, { name: 'x', code: 'third', owner: 'somebody' }), { code: 'configuration' });
  await t.rejects(openTenant(app.db, { name: 'x', code: null, owner: 'third.owner' }), { code: 'configuration' });
  const { userName, oneTimePassword } = made.owner;
  const first = await app.caller('').post('/session', { userName, password: oneTimePassword });
  const changed = await app.caller(cookieOf(first)).post('/me/password', { current: oneTimePassword, next });
  const third = app.caller(cookieOf(changed));
  t.match(await third.get('/me'), { body: { tenant: { name: '丙机构' } } });
  t.same((await third.get('/places')).body.items, []);
  t.same(
    (await third.get('/users')).body.items.map((one: { userName: string }) => one.userName),
    ['third.owner'],
  );
});

t.test('addresses that are never called, and paths that are never gone to', async (t) => {
  for (const address of ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254', '0.0.0.0'])
    t.notOk(isAllowedAddress(address, true), address);
  for (const address of ['127.0.0.1', '10.1.2.3', '::1', '::ffff:10.0.0.1', '192.168.1.1']) {
    t.notOk(isAllowedAddress(address, false), address);
    t.ok(isAllowedAddress(address, true), address);
  }
  t.ok(isAllowedAddress('93.184.216.34', false));
  const fetch = makeGuardedFetch({ allowPrivate: true });
  await t.rejects(fetch('http://203.0.113.7/'), { code: 'link_refused' }, 'unencrypted on private networks alone');
  for (const path of ['//evil.example', 'https://evil.example', '/\\evil', '/api/v1/me', undefined])
    t.equal(safePath(path), '/');
  t.equal(safePath('/devices?hall=1'), '/devices?hall=1');
});
