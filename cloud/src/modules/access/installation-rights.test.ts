import t from 'tap';
import { backupRoutes } from '../../backup/routes.js';
import { defineRoute } from '../../http/route.js';
import { startTestApp } from '../../http/testing.js';
import { installationRights } from './rights.js';

t.test('what all organisations share is the business of the first one', async (t) => {
  let sent = 0;
  const backups = { ledger: { newest: async () => [] }, health: async () => ({}) } as never;
  const app = await startTestApp(t, {
    routes: () => [
      ...backupRoutes({ backups, send: async () => String(++sent) }),
      defineRoute({
        method: 'get',
        path: '/probe',
        right: 'pki.write',
        tag: 'Probe',
        summary: 'probe',
        handler: () => undefined,
      }),
    ],
  });
  const [owner, guest] = [await app.signInAs('owner'), await app.signInAs('owner', { tenant: 'other' })];
  t.equal((await owner.get('/probe')).status, 204);
  t.match(await guest.get('/probe'), { status: 403, body: { context: { right: 'pki.write' } } });
  t.equal((await owner.post('/backups')).status, 202);
  t.equal((await guest.post('/backups')).status, 403);
  t.equal((await guest.get('/backups')).status, 403);
  t.equal(sent, 1, 'nobody else starts a backup of everybody’s data');
  const held: string[] = (await guest.get('/me')).body.rights;
  for (const right of installationRights) t.notOk(held.includes(right), `${right} is not shown as held`);

  const { items: roles } = (await guest.get('/roles')).body;
  const ownerRole = roles.find((role: { key: string }) => role.key === 'owner');
  const second = {
    userName: 'second-owner',
    displayName: '二',
    grants: [{ roleId: ownerRole.id, scope: { kind: 'tenant' } }],
  };
  t.equal((await guest.post('/users', second)).status, 201, 'the built-in owner role can still be given there');
  const key = { name: 'k', rights: ['pki.write'], scope: { kind: 'tenant' }, allowedFrom: [], expiresAt: null };
  t.equal((await guest.post('/api-keys', key)).status, 403, 'no key holds it either');
  t.equal((await owner.post('/api-keys', key)).status, 201);
});
