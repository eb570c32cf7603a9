import t from 'tap';
import { startTestApp } from '../../http/testing.js';

t.test('an open session, or a key made in it, gets no password out of its own account', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const colleague = await app.signInAs('observer');
  const scope = { kind: 'tenant' };
  const { rights } = (await owner.get('/me')).body;
  const made = await owner.post('/api-keys', { name: 'k', rights, scope, allowedFrom: [], expiresAt: null });
  const program = { authorization: `Bearer ${made.body.key}` };
  const own = `/users/${owner.userId}/password`;
  t.match(await owner.post(own), { status: 409, body: { context: { reason: 'self' } } });
  t.match(await app.caller('').post(own, undefined, program), { status: 409, body: { context: { reason: 'self' } } });
  t.equal((await owner.get('/me')).status, 200, 'nothing happened');
  t.match(await owner.post(`/users/${colleague.userId}/password`), { body: { oneTimePassword: String } });
});
