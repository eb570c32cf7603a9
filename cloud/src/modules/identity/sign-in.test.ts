import t from 'tap';
import { type Caller, cookieOf, startTestApp, type TestApp, testOrigin, testPassword } from '../../http/testing.js';
import { ensureFirstUser, ensureFoundation, resetPasswordByName } from '../access/verbs/ensure-foundation.js';
import { lockMs, maxFailures } from './verbs/sign-in.js';

t.setTimeout(180_000);

const nobody = (app: TestApp): Caller => app.caller('');

const newUser = async (app: TestApp, userName = 'fang.wang') => {
  const owner = await app.signInAs('owner');
  const made = await owner.post('/users', { userName, displayName: '王芳', grants: [] });
  return { owner, oneTimePassword: made.body.oneTimePassword as string, userId: made.body.user.id as string };
};

t.test('signing in opens a session with a strict cookie, and signing out ends it', async (t) => {
  const app = await startTestApp(t);
  const { oneTimePassword } = await newUser(app);
  const answer = await nobody(app).post('/session', { userName: ' Fang.Wang ', password: oneTimePassword });
  t.equal(answer.status, 200);
  t.match(answer.body, {
    user: { userName: 'fang.wang', displayName: '王芳', mustChangePassword: true },
    tenant: { id: app.tenantId, name: '甲机构' },
    rights: [],
  });
  const [cookie] = answer.headers.getSetCookie();
  t.match(cookie, /^hallhub\.session_token=.+; HttpOnly; SameSite=Strict$/);
  t.notMatch(JSON.stringify(answer.body), /token|password":/, 'nothing secret is in the body');
  const me = app.caller(cookieOf(answer));
  t.equal((await me.get('/me')).status, 200);
  const out = await me.delete('/session');
  t.equal(out.status, 204);
  t.match(out.headers.getSetCookie()[0], /hallhub\.session_token=;.*Max-Age=0/);
  t.match(await me.get('/me'), { status: 401, body: { code: 'unauthenticated' } });
  t.equal((await app.auditRows('session.opened')).filter((row) => row.actorName === 'fang.wang').length, 1);
  t.equal((await app.auditRows('session.closed')).length, 1);
});

t.test('a one-time password must be changed before anything else works', async (t) => {
  const app = await startTestApp(t);
  t.equal(await ensureFoundation(app.db, { tenantName: 'x' }), app.tenantId, 'the first organisation stays the first');
  const made = await ensureFirstUser(app.db, app.tenantId);
  t.match(made, { userName: 'admin', oneTimePassword: /^\w{4}(-\w{4}){3}$/ }, 'nobody was there yet');
  const { userName, oneTimePassword } = made ?? { userName: '', oneTimePassword: '' };
  t.notOk(await ensureFirstUser(app.db, app.tenantId), 'a second start makes no other');

  const first = await nobody(app).post('/session', { userName, password: oneTimePassword });
  const admin = app.caller(cookieOf(first));
  const elsewhere = app.caller(cookieOf(await nobody(app).post('/session', { userName, password: oneTimePassword })));
  const refusal = { status: 403, body: { code: 'forbidden', context: { reason: 'password_change_required' } } };
  for (const path of ['/users', '/places', '/audit', '/me/sessions', '/live?topics=alarms']) {
    t.match(await admin.get(path), refusal, path);
  }
  t.match(await admin.patch('/me', { locale: 'en' }), refusal);

  const next = 'Long-enough-9';
  t.match(await admin.post('/me/password', { current: 'wrong', next }), {
    status: 400,
    body: { errors: [{ path: 'body.current' }] },
  });
  t.match(await admin.post('/me/password', { current: oneTimePassword, next: oneTimePassword }), { status: 400 });
  t.match(await admin.post('/me/password', { current: oneTimePassword, next: 'short' }), {
    status: 400,
    body: { code: 'invalid_input', errors: [{ path: 'body.next' }] },
  });
  const changed = await admin.post('/me/password', { current: oneTimePassword, next });
  t.equal(changed.status, 204);
  t.equal((await admin.get('/me')).status, 401, 'the session has a new id: the old cookie is worth nothing');
  const after = app.caller(cookieOf(changed));
  t.match(await after.get('/me'), { status: 200, body: { user: { mustChangePassword: false } } });
  t.match(await after.get('/users'), { status: 200, body: { items: [{ userName: 'admin' }] } });
  t.equal((await elsewhere.get('/me')).status, 401, 'the other session has ended');
  t.equal((await nobody(app).post('/session', { userName, password: oneTimePassword })).status, 401);
  t.equal((await nobody(app).post('/session', { userName, password: next })).status, 200);
  t.equal((await app.auditRows('password.changed')).length, 1);

  const again = await resetPasswordByName(app.systemContext(), 'ADMIN');
  t.match(await nobody(app).post('/session', { userName, password: again.oneTimePassword }), { status: 200 });
  await t.rejects(resetPasswordByName(app.systemContext(), 'ghost'), { code: 'configuration' });
});

t.test('repeated failures lock the account for a time, for whoever tries from there', async (t) => {
  const app = await startTestApp(t);
  const { oneTimePassword } = await newUser(app);
  const wrong = { userName: 'fang.wang', password: 'Wrong-pass-1' };
  for (let i = 0; i < maxFailures; i++) {
    t.match(await nobody(app).post('/session', wrong), { status: 401, body: { code: 'unauthenticated' } });
  }
  const right = { userName: 'fang.wang', password: oneTimePassword };
  const locked = await nobody(app).post('/session', right);
  t.match(locked, { status: 429, body: { code: 'rate_limited', retryAfterMs: Number, context: { reason: 'locked' } } });
  t.ok(locked.body.retryAfterMs <= lockMs && locked.body.retryAfterMs > 0);
  t.ok(Number(locked.headers.get('retry-after')) > 0);
  t.equal((await app.auditRows('session.refused')).length, maxFailures - 1);
  t.equal((await app.auditRows('session.locked')).length, 1);
  await app.clock.advance(lockMs + 1);
  t.equal((await nobody(app).post('/session', right)).status, 200);
});

t.test('strangers who guess keep nobody out of a browser that they used before', async (t) => {
  const app = await startTestApp(t);
  const { oneTimePassword } = await newUser(app);
  const first = await nobody(app).post('/session', { userName: 'fang.wang', password: oneTimePassword });
  const known = first.headers.getSetCookie().find((cookie) => cookie.startsWith('hallhub.known=')) ?? '';
  t.match(known, /^hallhub\.known=[\w-]{43}; Max-Age=15552000; Path=\/api\/v1; HttpOnly; SameSite=Strict$/);
  const next = 'Long-enough-9';
  const changed = await app.caller(cookieOf(first)).post('/me/password', { current: oneTimePassword, next });
  const after = changed.headers.getSetCookie().find((cookie) => cookie.startsWith('hallhub.known=')) ?? '';
  t.ok(after, 'a new password makes browsers unknown, but not the one that it was changed with');

  const guess = { userName: 'fang.wang', password: 'Wrong-pass-1' };
  for (let i = 0; i < maxFailures; i++) t.equal((await nobody(app).post('/session', guess)).status, 401);
  const right = { userName: 'fang.wang', password: next };
  t.match(await nobody(app).post('/session', right), { status: 429, body: { context: { reason: 'locked' } } });
  t.match(await app.caller(known.split(';')[0] ?? '').post('/session', right), { status: 429 }, 'of the old password');
  const mine = app.caller(after.split(';')[0] ?? '');
  t.equal((await mine.post('/session', right)).status, 200);
  t.match((await app.auditRows('session.opened')).at(-1), { after: { afterFailures: maxFailures } });
  t.equal((await nobody(app).post('/session', right)).status, 429, 'which lifts nothing for the strangers');
  for (let i = 0; i < maxFailures; i++) t.equal((await mine.post('/session', guess)).status, 401);
  t.equal((await mine.post('/session', right)).status, 429, 'a known browser guesses no faster');
});

t.test('a success in between forgets the failures', async (t) => {
  const app = await startTestApp(t);
  const { oneTimePassword } = await newUser(app);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < maxFailures - 1; i++) {
      t.equal((await nobody(app).post('/session', { userName: 'fang.wang', password: 'Wrong-pass-1' })).status, 401);
    }
    t.equal((await nobody(app).post('/session', { userName: 'fang.wang', password: oneTimePassword })).status, 200);
  }
});

t.test('an administrator lifts a lock with a new one-time password', async (t) => {
  const app = await startTestApp(t);
  const { owner, userId } = await newUser(app);
  for (let i = 0; i < maxFailures; i++)
    await nobody(app).post('/session', { userName: 'fang.wang', password: 'Wrong-pass-1' });
  t.match(await owner.get(`/users/${userId}`), { body: { state: 'locked' } });
  t.match(await owner.get('/users?state=locked'), { body: { items: [{ id: userId }] } });
  const reset = await owner.post(`/users/${userId}/password`);
  t.equal(reset.status, 200);
  t.match(await owner.get(`/users/${userId}`), { body: { state: 'active', mustChangePassword: true } });
  const answer = await nobody(app).post('/session', { userName: 'fang.wang', password: reset.body.oneTimePassword });
  t.equal(answer.status, 200);
});

t.test('a name that nobody has answers like a wrong password, and is limited too', async (t) => {
  const app = await startTestApp(t);
  const answers = [];
  for (let i = 0; i < 11; i++)
    answers.push(await nobody(app).post('/session', { userName: 'ghost', password: 'Wrong-pass-1' }));
  t.same(new Set(answers.slice(0, maxFailures).map((answer) => answer.status)), new Set([401]));
  for (const answer of answers.slice(maxFailures, 10)) {
    t.match(answer, { status: 429, body: { context: { reason: 'locked' } } }, 'a lock does not tell who exists');
  }
  t.match(answers[10], { status: 429, body: { retryAfterMs: Number } });
  await newUser(app);
  const known = await nobody(app).post('/session', { userName: 'fang.wang', password: 'Wrong-pass-1' });
  const { requestId: _a, ...one } = known.body;
  const { requestId: _b, ...other } = answers[0]?.body ?? {};
  t.same(one, other);
});

t.test('a disabled person cannot sign in, and open sessions end at once', async (t) => {
  const app = await startTestApp(t);
  const { owner } = await newUser(app);
  const staff = await app.signInAs('observer');
  t.equal((await staff.get('/me')).status, 200);
  const { body } = await owner.get(`/users/${staff.userId}`);
  t.match(await owner.patch(`/users/${staff.userId}`, { state: 'disabled' }, body.version), {
    status: 200,
    body: { state: 'disabled' },
  });
  t.equal((await staff.get('/me')).status, 401);
  t.match(await nobody(app).post('/session', { userName: body.userName, password: testPassword }), { status: 401 });
});

t.test('people see and end their own sessions, and nobody else’s', async (t) => {
  const app = await startTestApp(t);
  const staff = await app.signInAs('observer');
  const other = await app.signInAs('observer');
  const { body: me } = await staff.get('/me');
  const second = await app.app.request(`${testOrigin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'phone', origin: testOrigin },
    body: JSON.stringify({ userName: me.user.userName, password: testPassword }),
  });
  t.equal(second.status, 200);
  const list = await staff.get('/me/sessions');
  t.equal(list.body.items.length, 2);
  t.equal(list.body.items.filter((session: { current: boolean }) => session.current).length, 1);
  const phone = list.body.items.find((session: { userAgent: string }) => session.userAgent === 'phone');
  t.equal((await other.delete(`/me/sessions/${phone.id}`)).status, 404);
  t.equal((await staff.delete(`/me/sessions/${phone.id}`)).status, 204);
  t.equal((await staff.delete(`/me/sessions/${phone.id}`)).status, 404);
  t.equal((await staff.get('/me/sessions')).body.items.length, 1);
  t.equal((await app.auditRows('session.revoked')).length, 1);
});

t.test('one’s own name on screen and language', async (t) => {
  const app = await startTestApp(t);
  const staff = await app.signInAs('observer');
  t.match(await staff.patch('/me', { displayName: '李雷', locale: 'en' }), {
    status: 200,
    body: { user: { displayName: '李雷', locale: 'en' } },
  });
  t.match((await app.auditRows('user.updated'))[0], {
    after: { displayName: '李雷', locale: 'en' },
    actorId: staff.userId,
  });
  t.equal((await staff.patch('/me', { locale: 'fr' })).status, 400);
});

t.test('a forged or foreign cookie is nobody', async (t) => {
  const app = await startTestApp(t);
  const staff = await app.signInAs('observer');
  const [session = ''] = staff.cookie.split('; ');
  const forged = session.replace(/\.[^.]*$/, '.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D');
  t.equal((await app.caller(forged).get('/me')).status, 401);
  t.equal((await app.caller('hallhub.session_token=nonsense').get('/me')).status, 401);
});
