import t from 'tap';
import { cookieOf, startTestApp, type TestApp, testPassword } from '../../../http/testing.js';
import { maxFailures } from '../account-lock.js';
import { codeAt, stepSeconds } from './one-time-codes.js';

t.setTimeout(180_000);

const stepMs = stepSeconds * 1_000;

/** A person who is signed in, and whose authenticator app is at hand. */
const enrol = async (app: TestApp, role = 'observer') => {
  const caller = await app.signInAs(role);
  const { body: me } = await caller.get('/me');
  const begun = await caller.post('/me/second-factor', {});
  const secret = begun.body.secret as string;
  const confirmed = await caller.post('/me/second-factor/confirm', { code: codeAt(secret, app.clock.now()) });
  if (confirmed.status !== 200) throw new Error(JSON.stringify(confirmed.body));
  return {
    before: caller,
    me: app.caller(cookieOf(confirmed), caller.userId),
    userName: me.user.userName as string,
    secret,
    recoveryCodes: confirmed.body.recoveryCodes as string[],
  };
};

const firstStep = (app: TestApp, userName: string, cookie = '') =>
  app.caller(cookie).post('/session', { userName, password: testPassword });

const secondStep = (app: TestApp, first: { headers: Headers }, body: object) =>
  app.caller(cookieOf(first as never)).post('/session/second-factor', body);

t.test('enrolling: QR address, a code, recovery codes once, a new session', async (t) => {
  const app = await startTestApp(t);
  const caller = await app.signInAs('observer');
  const elsewhere = await app.signInAs('observer');
  t.match(await caller.get('/me/second-factor'), {
    status: 200,
    body: { policy: 'optional', required: false, enrolledAt: null, recoveryCodesLeft: 0, devices: [] },
  });
  const begun = await caller.post('/me/second-factor', {});
  t.match(begun.body, { secret: /^[A-Z2-7]{32}$/, uri: /^otpauth:\/\/totp\/HallHub:.*secret=/ });
  t.match(await caller.post('/me/second-factor/confirm', { code: '000000' }), {
    status: 400,
    body: { errors: [{ path: 'body.code' }] },
  });
  const code = codeAt(begun.body.secret, app.clock.now());
  const confirmed = await caller.post('/me/second-factor/confirm', { code });
  t.equal(confirmed.status, 200);
  t.equal(new Set(confirmed.body.recoveryCodes).size, 10);
  t.equal((await caller.get('/me')).status, 401, 'the old session id is worth nothing');
  const me = app.caller(cookieOf(confirmed));
  t.match(await me.get('/me'), { body: { signIn: { secondFactor: true, secondFactorDue: false } } });
  t.match(await me.get('/me/sessions'), { body: { items: [{ current: true, secondFactor: true }] } });
  t.equal((await elsewhere.get('/me')).status, 200, 'other people are not concerned');
  t.equal((await me.post('/me/second-factor', {})).status, 409);
  const { rows } = await app.db.ownerPool.query('SELECT secret_sealed FROM user_second_factors');
  t.notOk(rows[0].secret_sealed.includes(begun.body.secret), 'sealed at rest');
  t.equal((await app.auditRows('second_factor.enabled')).length, 1);
  t.notMatch(JSON.stringify(await app.auditRows()), begun.body.secret);
});

t.test('signing in asks for the code; no code is good twice, nor one from before', async (t) => {
  const app = await startTestApp(t);
  const { userName, secret } = await enrol(app);
  const first = await firstStep(app, userName);
  t.match(first, { status: 202, body: { step: 'second_factor', trustedDeviceDays: 30 } });
  t.match(first.headers.getSetCookie().join(), /hallhub\.step=[\w-]{43}; .*HttpOnly; SameSite=Strict/);
  t.equal((await app.caller(cookieOf(first)).get('/me')).status, 401, 'a step is no session');
  t.equal((await secondStep(app, first, { code: codeAt(secret, app.clock.now()) })).status, 401, 'spent by enrolling');
  await app.clock.advance(stepMs);
  const code = codeAt(secret, app.clock.now());
  const second = await secondStep(app, first, { code: `${code.slice(0, 3)} ${code.slice(3)}` });
  t.match(second, { status: 200, body: { user: { userName } } });
  t.match((await app.auditRows('session.opened')).at(-1), { after: { secondFactor: 'app' } });
  t.match(await secondStep(app, first, { code }), { status: 410 }, 'the step is used up');
  const again = await firstStep(app, userName);
  t.equal((await secondStep(app, again, { code })).status, 401, 'replayed within its time');
  t.equal((await secondStep(app, again, { code: codeAt(secret, app.clock.now() - stepMs) })).status, 401, 'older');
  const both = await Promise.all([0, 1, 2].map(() => firstStep(app, userName)));
  await app.clock.advance(2 * stepMs);
  const next = codeAt(secret, app.clock.now());
  const raced = await Promise.all(both.map((one) => secondStep(app, one, { code: next })));
  t.equal(raced.filter(({ status }) => status === 200).length, 1, 'at once: one of three');
});

t.test('a phone whose clock is off is followed, within reason', async (t) => {
  const app = await startTestApp(t);
  const caller = await app.signInAs('observer');
  const { body: me } = await caller.get('/me');
  const { body } = await caller.post('/me/second-factor', {});
  const offMs = 5 * 60_000;
  const phone = () => codeAt(body.secret, app.clock.now() + offMs);
  t.equal((await caller.post('/me/second-factor/confirm', { code: phone() })).status, 200, 'five minutes fast');
  await app.clock.advance(5 * stepMs);
  const first = await firstStep(app, me.user.userName);
  t.equal((await secondStep(app, first, { code: codeAt(body.secret, app.clock.now()) })).status, 401, 'not its clock');
  t.equal((await secondStep(app, first, { code: phone() })).status, 200);
});

t.test('guessing codes locks the account, and the right password in between helps nothing', async (t) => {
  const app = await startTestApp(t);
  const { userName, secret } = await enrol(app);
  await app.clock.advance(stepMs);
  for (let i = 0; i < maxFailures; i++) {
    const first = await firstStep(app, userName);
    t.equal(first.status, 202);
    t.equal((await secondStep(app, first, { code: '123456' })).status, 401);
  }
  t.match(await firstStep(app, userName), { status: 429, body: { context: { reason: 'locked' } } });
  t.match((await app.auditRows('session.locked'))[0], { after: { what: 'code' } });
  await app.clock.advance(11 * 60_000);
  const first = await firstStep(app, userName);
  t.equal((await secondStep(app, first, { code: codeAt(secret, app.clock.now()) })).status, 200);
});

t.test('recovery codes work once each, and can be made anew with a code', async (t) => {
  const app = await startTestApp(t);
  const { me, userName, recoveryCodes, secret } = await enrol(app);
  const [one = '', two = ''] = recoveryCodes;
  const first = await firstStep(app, userName);
  t.equal((await secondStep(app, first, { code: one.toUpperCase().replaceAll('-', ' ') })).status, 200);
  const again = await firstStep(app, userName);
  t.equal((await secondStep(app, again, { code: one })).status, 401);
  t.match(await me.get('/me/second-factor'), { body: { recoveryCodesLeft: 9 } });
  await app.clock.advance(stepMs);
  const fresh = await me.post('/me/recovery-codes', { code: codeAt(secret, app.clock.now()) });
  t.equal(fresh.body.recoveryCodes.length, 10);
  t.equal((await secondStep(app, again, { code: two })).status, 401, 'the old ones are void');
  t.equal((await secondStep(app, again, { code: fresh.body.recoveryCodes[0] })).status, 200);
  const { rows } = await app.db.ownerPool.query('SELECT code_hash FROM user_recovery_codes');
  t.ok(
    rows.every(({ code_hash }) => code_hash.length === 32),
    'hashed',
  );
});

t.test('a trusted browser is not asked for thirty days, is listed, and can be forgotten', async (t) => {
  const app = await startTestApp(t);
  const { me, userName, secret } = await enrol(app);
  await app.clock.advance(stepMs);
  const first = await firstStep(app, userName);
  const second = await secondStep(app, first, { code: codeAt(secret, app.clock.now()), trust: true });
  const device = second.headers.getSetCookie().find((cookie) => cookie.includes('.device.')) ?? '';
  t.match(device, /Max-Age=2592000; Path=\/api\/v1\/session; HttpOnly; SameSite=Lax/);
  const cookie = device.split(';')[0] ?? '';
  t.equal((await firstStep(app, userName, cookie)).status, 200, 'not asked');
  t.match((await app.auditRows('session.opened')).at(-1), { after: { secondFactor: 'trusted-device' } });
  const other = await enrol(app);
  t.equal((await firstStep(app, other.userName, cookie)).status, 202, 'the trust is one person’s');
  const renamed = cookie.replace(/device\.\w+/, `device.${other.me.userId.slice(-12)}`);
  t.equal((await firstStep(app, other.userName, renamed)).status, 202, 'and renaming the cookie does not move it');
  const { body } = await me.get('/me/second-factor');
  t.equal(body.devices.length, 1);
  t.equal((await other.me.delete(`/me/trusted-devices/${body.devices[0].id}`)).status, 404);
  t.equal((await me.delete(`/me/trusted-devices/${body.devices[0].id}`)).status, 204);
  t.equal((await firstStep(app, userName, cookie)).status, 202, 'forgotten');
  t.equal((await app.auditRows('trusted_device.forgotten')).length, 1);
});

t.test('required: nothing works before it is set up; off for everybody, on for a role', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const staff = await app.signInAs('observer');
  const { body: roles } = await owner.get('/roles');
  const observer = roles.items.find((role: { key: string }) => role.key === 'observer');
  const rules = await owner.get('/sign-in-rules');
  t.match(rules.body, { secondFactor: 'optional', version: 0 });
  const { version: _v, ...now } = rules.body;
  const next = { ...now, secondFactor: 'required', requiredRoleIds: [observer.id] };
  t.match(await owner.put('/sign-in-rules', next, 0), { status: 200, body: { version: 1 } });
  t.equal((await owner.put('/sign-in-rules', next, 0)).status, 412);
  t.equal((await owner.get('/users')).status, 200, 'owners are not asked');
  const refusal = { status: 403, body: { context: { reason: 'second_factor_required' } } };
  t.match(await staff.get('/places'), refusal, 'an open session must catch up');
  t.match(await staff.get('/me'), { status: 200, body: { signIn: { secondFactorDue: true } } });
  const { body } = await staff.post('/me/second-factor', {});
  const done = await staff.post('/me/second-factor/confirm', { code: codeAt(body.secret, app.clock.now()) });
  const now2 = app.caller(cookieOf(done));
  t.equal((await now2.get('/places')).status, 200);
  await app.clock.advance(stepMs);
  const code = codeAt(body.secret, app.clock.now());
  t.match(await now2.post('/me/second-factor/remove', { code }), { status: 409 }, 'and it stays');
  t.match((await app.auditRows('sign_in_rules.changed'))[0], { after: { secondFactor: 'required' } });
  t.equal((await staff.get('/sign-in-rules')).status, 401);
  t.equal((await now2.get('/sign-in-rules')).status, 403);
});

t.test('removing needs a code; wrong ones lock; a session that is not new needs the password to enrol', async (t) => {
  const app = await startTestApp(t);
  const { me, secret } = await enrol(app);
  t.equal((await me.post('/me/second-factor/remove', { code: '123456' })).status, 400);
  await app.clock.advance(stepMs);
  const code = codeAt(secret, app.clock.now());
  t.equal((await me.post('/me/second-factor/remove', { code })).status, 204);
  t.match(await me.get('/me'), { body: { signIn: { secondFactor: false } } });
  await app.clock.advance(11 * 60_000);
  t.match(await me.post('/me/second-factor', {}), { status: 400, body: { context: { reason: 'password_needed' } } });
  t.equal((await me.post('/me/second-factor', { password: 'Wrong-pass-1' })).status, 400);
  t.equal((await me.post('/me/second-factor', { password: testPassword })).status, 200);
});

t.test('an administrator resets a lost phone, within what they hold, never their own', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  const manager = await app.signInAs('hall-manager');
  const { me, userName } = await enrol(app);
  const path = `/users/${me.userId}`;
  t.match(await owner.get(`${path}/sign-in`), {
    status: 200,
    body: { hasPassword: true, secondFactor: { enrolledAt: String, recoveryCodesLeft: 10 }, sessions: [{}] },
  });
  t.equal((await stranger.get(`${path}/sign-in`)).status, 404);
  t.equal((await stranger.delete(`${path}/second-factor`)).status, 404);
  t.equal((await manager.delete(`${path}/second-factor`)).status, 403);
  t.equal((await owner.delete(`/users/${owner.userId}/second-factor`)).status, 409);
  t.equal((await owner.delete(`${path}/second-factor`)).status, 204);
  t.equal((await me.get('/me')).status, 401, 'every session has ended');
  t.equal((await firstStep(app, userName)).status, 200, 'password alone until a new one is set up');
  t.match((await app.auditRows('second_factor.reset'))[0], { actorId: owner.userId, targetId: me.userId });
});

t.test('a session from when factors were off does not outlive the rule that asks for one', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const rules = async (secondFactor: string) => {
    const { version, ...policy } = (await owner.get('/sign-in-rules')).body;
    return owner.put('/sign-in-rules', { ...policy, secondFactor }, version);
  };
  const { userName } = await enrol(app);
  t.equal((await rules('off')).status, 200);
  const first = await firstStep(app, userName);
  t.equal(first.status, 200, 'nobody is asked');
  const password = app.caller(cookieOf(first));
  t.equal((await rules('required')).status, 200);
  t.equal((await password.get('/me')).status, 401, 'the password alone opens nothing any more');
});
