import pino from 'pino';
import t from 'tap';
import { codeAt } from '../modules/identity/second-factor/one-time-codes.js';
import { cookieOf, startTestApp, testPassword } from './testing.js';

t.test('nothing secret reaches the log, whatever is asked and however it fails', async (t) => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const app = await startTestApp(t, { log });
  const secrets = new Map<string, string>();
  const keep = (name: string, value: string) => {
    if (!value) throw new Error(`${name} is missing`);
    secrets.set(name, value);
    return value;
  };
  const owner = await app.signInAs('owner');
  keep('password', testPassword);
  keep('session cookie', owner.cookie.slice(owner.cookie.indexOf('=') + 1));
  const { userName } = (await owner.get('/me')).body.user;
  await app.caller('').post('/session', { userName, password: keep('wrong password', 'Wrong-Horse-9') });

  const begun = await owner.post('/me/second-factor', {});
  const secret = keep('second factor', begun.body.secret);
  const confirmed = await owner.post('/me/second-factor/confirm', { code: codeAt(secret, app.clock.now()) });
  for (const [i, code] of confirmed.body.recoveryCodes.entries()) keep(`recovery code ${i}`, code);
  const me = app.caller(cookieOf(confirmed));
  const first = await app.caller('').post('/session', { userName, password: testPassword });
  const step = cookieOf(first);
  keep('step', step.slice(step.indexOf('=') + 1));
  const body = { code: confirmed.body.recoveryCodes[0], trust: true };
  const second = await app.caller(step).post('/session/second-factor', body);
  t.equal(second.status, 200);
  for (const cookie of cookieOf(second).split('; ')) {
    const value = cookie.slice(cookie.indexOf('=') + 1);
    if (value.length > 20) keep(cookie.slice(0, cookie.indexOf('=')), value);
  }

  const person = { userName: 'li.lei', displayName: '李雷', grants: [] };
  const invited = await me.post('/invitations', { ...person, hours: 24 });
  const token = keep('invitation', invited.body.invitation.token);
  await app.caller('').post('/invitations/look', { token });
  await app.caller('').post('/invitations/accept', { token, password: keep('too short a password', 'aB3-x') });
  await app.caller('').post('/invitations/accept', { token, password: keep('new password', 'Battery-Staple-4') });
  const other = await me.post('/users', { ...person, userName: 'han.mei' });
  keep('one-time password', other.body.oneTimePassword);

  const scope = { kind: 'tenant' };
  const made = await me.post('/api-keys', {
    name: 'k',
    rights: ['place.read'],
    scope,
    allowedFrom: [],
    expiresAt: null,
  });
  const key = keep('API key', made.body.key);
  t.equal((await app.caller('').get('/places?kind=hall', { authorization: `Bearer ${key}` })).status, 200);
  await app.caller('').get('/users', { authorization: `Bearer ${key}` });
  await app.caller('').get(`/places?token=${token}&kind=${encodeURIComponent(testPassword)}`, {
    authorization: `Bearer ${key}x`,
  });
  await app.app.request('http://hallhub.test/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://hallhub.test' },
    body: `{"userName":"${userName}","password":"${testPassword}"`,
  });

  t.ok(lines.length > 15, 'there is a log');
  const text = lines.join('');
  for (const [name, value] of secrets) t.notOk(text.includes(value), `${name} is not in the log`);
});
