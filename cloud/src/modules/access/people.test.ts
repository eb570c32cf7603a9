import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { type Caller, cookieOf, startTestApp, type TestApp } from '../../http/testing.js';
import { builtInRoles } from './built-in-roles.js';
import { rightIds } from './rights.js';

const roleIds = async (caller: Caller): Promise<Record<string, string>> => {
  const { body } = await caller.get('/roles');
  return Object.fromEntries(body.items.map((role: { key: string; id: string }) => [role.key, role.id]));
};

/** The first organisation with an owner, and a role that manages people of a hall. */
const start = async (t: Parameters<typeof startTestApp>[0]) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const made = await owner.post('/roles', {
    key: 'hall-people',
    label: { zh: '厅内人事' },
    rights: ['hall.read', 'place.read', 'user.read', 'user.write', 'grant.write'],
  });
  return { app, owner, made, roles: await roleIds(owner) };
};

const versionOf = async (caller: Caller, userId: string): Promise<number> =>
  (await caller.get(`/users/${userId}`)).body.version;
const at = (app: TestApp) => ({ kind: 'hall', id: app.hallId });
const newcomer = { userName: 'li.lei', displayName: '李雷' };

t.test('a new person: one-time password, grants, audit row without secrets', async (t) => {
  const { app, owner, roles } = await start(t);
  const grants = [
    { roleId: roles.observer, scope: { kind: 'tenant' } },
    { roleId: roles['counter-staff'], scope: at(app) },
    { roleId: roles['counter-staff'], scope: at(app) },
  ];
  const made = await owner.post('/users', { ...newcomer, userName: 'ＬＩ.Lei', email: 'l@example.org', grants });
  t.match(made, {
    status: 201,
    body: {
      oneTimePassword: /^\w{4}(-\w{4}){3}$/,
      user: {
        userName: 'li.lei',
        displayName: '李雷',
        email: 'l@example.org',
        state: 'active',
        mustChangePassword: true,
        lastSignInAt: null,
        version: 1,
        grants: [
          {
            roleKey: 'observer',
            roleLabel: { zh: '观察员', en: 'Observer' },
            scope: { kind: 'tenant' },
            scopeName: null,
          },
          { roleKey: 'counter-staff', scope: at(app), scopeName: '营业厅 H1' },
        ],
      },
    },
  });
  t.equal(made.body.user.grants.length, 2, 'the same grant twice is one');
  const [row] = (await app.auditRows('user.created')).slice(-1);
  t.match(row, { actorId: owner.userId, tenantId: app.tenantId, targetId: made.body.user.id, requestId: String });
  t.notMatch(JSON.stringify(row), made.body.oneTimePassword);
  t.match(await owner.post('/users', newcomer), { status: 409, body: { errors: [{ path: 'body.userName' }] } });
  for (const userName of ['a', 'a b', '.dot', 'x'.repeat(65), 'a@b']) {
    t.equal((await owner.post('/users', { ...newcomer, userName })).status, 400, userName);
  }
  t.equal((await owner.post('/users', { ...newcomer, userName: 'x1', email: 'nonsense' })).status, 400);
  const unknownRole = [{ roleId: uuidv7(), scope: { kind: 'tenant' } }];
  t.equal((await owner.post('/users', { ...newcomer, userName: 'x1', grants: unknownRole })).status, 400);
  const unknownHall = [{ roleId: roles.observer, scope: { kind: 'hall', id: uuidv7() } }];
  t.equal((await owner.post('/users', { ...newcomer, userName: 'x1', grants: unknownHall })).status, 400);
});

t.test('another organisation sees, changes and grants nothing here', async (t) => {
  const { app, owner, roles } = await start(t);
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  const { body } = await stranger.get('/users');
  t.same(
    body.items.map((user: { id: string }) => user.id),
    [stranger.userId],
  );
  const version = await versionOf(owner, owner.userId);
  t.equal((await stranger.get(`/users/${owner.userId}`)).status, 404);
  t.equal((await stranger.patch(`/users/${owner.userId}`, { state: 'disabled' }, version)).status, 404);
  t.equal((await stranger.post(`/users/${owner.userId}/password`)).status, 404);
  t.equal((await stranger.put(`/users/${owner.userId}/grants`, [], version)).status, 404);
  const foreignRole = [{ roleId: roles.owner, scope: { kind: 'tenant' } }];
  t.equal(
    (await stranger.post('/users', { ...newcomer, grants: foreignRole })).status,
    400,
    'a role of ours is unknown there',
  );
  const theirs = await roleIds(stranger);
  const foreignHall = [{ roleId: theirs.observer, scope: at(app) }];
  t.equal((await stranger.post('/users', { ...newcomer, grants: foreignHall })).status, 400, 'a hall of ours too');
  t.equal(
    (await stranger.get('/audit?limit=200')).body.items.some(
      (row: { actor: { id: string } }) => row.actor.id === owner.userId,
    ),
    false,
  );
});

t.test('read-only people change nothing', async (t) => {
  const { app, owner } = await start(t);
  const observer = await app.signInAs('observer');
  for (const path of ['/users', '/roles', '/rights', '/audit']) t.equal((await observer.get(path)).status, 403, path);
  t.equal((await observer.post('/users', newcomer)).status, 403);
  t.equal((await observer.patch(`/users/${owner.userId}`, { displayName: 'x' }, 1)).status, 403);
  t.equal((await observer.put(`/users/${owner.userId}/grants`, [], 1)).status, 403);
});

t.test('editing and disabling, with the version seen', async (t) => {
  const { app, owner } = await start(t);
  const staff = await app.signInAs('observer');
  const version = await versionOf(owner, staff.userId);
  t.equal((await owner.patch(`/users/${staff.userId}`, { displayName: '新名' })).status, 428);
  const edited = await owner.patch(`/users/${staff.userId}`, { displayName: '新名', email: 'n@example.org' }, version);
  t.match(edited, { status: 200, body: { displayName: '新名', email: 'n@example.org', version: version + 1 } });
  t.equal((await owner.patch(`/users/${staff.userId}`, { displayName: '旧名' }, version)).status, 412);
  const [row] = (await app.auditRows('user.updated')).slice(-1);
  t.match(row, { before: { email: null }, after: { displayName: '新名', email: 'n@example.org' } });
  await owner.patch(`/users/${staff.userId}`, { state: 'disabled' }, version + 1);
  t.equal((await app.auditRows('user.disabled')).length, 1);
  t.match(await owner.get('/users?state=disabled'), { body: { items: [{ id: staff.userId }] } });
  t.match(await owner.patch(`/users/${staff.userId}`, { state: 'active' }, version + 2), { body: { state: 'active' } });
  t.equal((await app.auditRows('user.enabled')).length, 1);
});

t.test('the last active owner stays', async (t) => {
  const { app, owner, roles } = await start(t);
  const lastOwner = { status: 409, body: { context: { reason: 'last_owner' } } };
  const version = await versionOf(owner, owner.userId);
  t.match(await owner.patch(`/users/${owner.userId}`, { state: 'disabled' }, version), lastOwner);
  t.match(await owner.put(`/users/${owner.userId}/grants`, [], version), lastOwner);
  const second = await app.signInAs('owner');
  // Each takes the other's grants at the same time: one of them must be refused.
  const both = await Promise.all([
    owner.put(`/users/${second.userId}/grants`, [], await versionOf(owner, second.userId)),
    second.put(`/users/${owner.userId}/grants`, [], version),
  ]);
  const fine = both.filter((answer) => answer.status === 200);
  t.equal(fine.length, 1, `${both.map((answer) => answer.status)}`);
  t.ok(roles.owner);
});

t.test('nobody gives, takes or commands more than they hold', async (t) => {
  const { app, owner, roles } = await start(t);
  const people = await app.signInAs('hall-people', { hallIds: [app.hallId] });
  const grantOf = (role: string, scope: object) => [{ roleId: roles[role], scope }];
  const create = (userName: string, grants: object[]) => people.post('/users', { ...newcomer, userName, grants });

  t.match(await create('u1', grantOf('observer', at(app))), {
    status: 403,
    body: { context: { lacking: ['unit.read'] } },
  });
  t.match(await create('u2', grantOf('hall-people', { kind: 'tenant' })), { status: 403 }, 'wider than their own hall');
  t.match(await create('u3', grantOf('hall-people', { kind: 'hall', id: app.otherHallId })), { status: 403 });
  t.match(await create('u4', []), { status: 403 }, 'nobody could see such a person');
  const mine = await create('u5', grantOf('hall-people', at(app)));
  t.equal(mine.status, 201);

  const manager = await app.signInAs('hall-manager', { hallIds: [app.hallId] });
  t.equal((await people.get(`/users/${manager.userId}`)).status, 200, 'seen, since they share the hall');
  t.equal((await people.post(`/users/${manager.userId}/password`)).status, 403, 'but stronger: no reset');
  t.equal((await people.post(`/users/${owner.userId}/password`)).status, 404, 'the owner is not even seen');
  const version = await versionOf(people, manager.userId);
  t.equal((await people.put(`/users/${manager.userId}/grants`, [], version)).status, 403, 'nor taken from');
  t.equal((await people.patch(`/users/${manager.userId}`, { state: 'disabled' }, version)).status, 403);
  t.equal((await people.post(`/users/${mine.body.user.id}/password`)).status, 200, 'one’s equal may be helped');
  const elsewhere = await app.signInAs('counter-staff', { hallIds: [app.otherHallId] });
  t.equal((await people.get(`/users/${elsewhere.userId}`)).status, 404);
  const { body } = await people.get('/users');
  t.same(
    body.items.map((user: { id: string }) => user.id).sort(),
    [people.userId, manager.userId, mine.body.user.id].sort(),
  );
});

t.test('a region’s grant reaches what lies below it, also halls that come later', async (t) => {
  const { app, owner } = await start(t);
  const manager = await app.signInAs('hall-manager', { regionIds: [app.regionId] });
  const below = await owner.post('/places', { kind: 'region', parentId: app.regionId, name: '街道', code: 'R1-1' });
  const hall = await owner.post('/places', { kind: 'hall', parentId: below.body.id, name: '新厅', code: 'H9' });
  const { body } = await manager.get('/me');
  const scope = body.scopes.find((entry: { right: string }) => entry.right === 'device.read');
  t.same(scope.hallIds.sort(), [app.hallId, app.otherHallId, hall.body.id].sort());
  t.same(scope.regionIds.sort(), [app.regionId, below.body.id].sort());
  t.notOk(scope.tenant);
});

t.test('grants are replaced as a whole', async (t) => {
  const { app, owner, roles } = await start(t);
  const staff = await app.signInAs('observer');
  const version = await versionOf(owner, staff.userId);
  const grants = [{ roleId: roles['field-engineer'], scope: { kind: 'region', id: app.regionId } }];
  const answer = await owner.put(`/users/${staff.userId}/grants`, grants, version);
  t.match(answer, {
    status: 200,
    body: { version: version + 1, grants: [{ roleKey: 'field-engineer', scopeName: '城区' }] },
  });
  t.match((await staff.get('/me')).body.rights, ['hall.read'], 'the open session has the new rights at once');
  t.ok((await staff.get('/me')).body.rights.includes('unit.write'));
  t.equal((await owner.put(`/users/${staff.userId}/grants`, [], version)).status, 412);
  t.match((await app.auditRows('user.grants_changed')).slice(-1)[0], {
    before: { grants: [{ roleKey: 'observer' }] },
    after: { grants: [{ roleKey: 'field-engineer' }] },
  });
});

t.test('roles: built-in ones stay, own ones come and go', async (t) => {
  const { app, owner, made, roles } = await start(t);
  t.match(made, { status: 201, body: { key: 'hall-people', builtIn: false, version: 1 } });
  const { body } = await owner.get('/roles');
  t.same(
    body.items
      .filter((role: { builtIn: boolean }) => role.builtIn)
      .map((role: { key: string }) => role.key)
      .sort(),
    builtInRoles.map((role) => role.key).sort(),
  );
  const builtIn = { status: 409, body: { context: { reason: 'built_in' } } };
  t.match(await owner.patch(`/roles/${roles.observer}`, { rights: [] }, 1), builtIn);
  t.match(await owner.delete(`/roles/${roles.observer}`, 1), builtIn);
  const role = { key: 'r2', label: { zh: '二' }, rights: ['alarm.read', 'alarm.read'] };
  const second = await owner.post('/roles', role);
  t.same(second.body.rights, ['alarm.read']);
  t.equal((await owner.post('/roles', role)).status, 409);
  t.equal((await owner.post('/roles', { ...role, key: 'r3', rights: ['device.fly'] })).status, 400);
  t.equal((await owner.post('/roles', { ...role, key: 'Bad Key' })).status, 400);
  const path = `/roles/${second.body.id}`;
  const changed = await owner.patch(path, { label: { zh: '贰', en: 'Two' }, rights: ['event.read'] }, 1);
  t.match(changed, { status: 200, body: { label: { zh: '贰', en: 'Two' }, rights: ['event.read'], version: 2 } });
  t.equal((await owner.patch(path, { rights: [] }, 1)).status, 412);
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await stranger.patch(path, { rights: [] }, 2)).status, 404);
  t.equal((await (await app.signInAs('observer')).delete(path, 2)).status, 403);
  await app.signInAs('hall-people', { hallIds: [app.hallId] });
  t.match(await owner.delete(`/roles/${roles['hall-people']}`, 1), {
    status: 409,
    body: { context: { reason: 'in_use' } },
  });
  t.equal((await owner.delete(path, 2)).status, 204);
  t.equal((await owner.delete(path, 2)).status, 404);
  for (const action of ['role.created', 'role.updated', 'role.deleted'])
    t.ok((await app.auditRows(action)).length > 0, action);
});

t.test('the list of rights, searching people, and wildcards that are just letters', async (t) => {
  const { owner } = await start(t);
  const { body } = await owner.get('/rights');
  t.same(
    body.items.map((item: { right: string }) => item.right),
    rightIds,
  );
  await owner.post('/users', newcomer);
  t.equal((await owner.get('/users?q=%E6%9D%8E')).body.items.length, 1, 'by a Chinese character of the name');
  t.equal((await owner.get('/users?q=LI.L')).body.items.length, 1);
  t.equal((await owner.get('/users?q=%25')).body.items.length, 0, '% is a letter here');
});

t.test('resetting a password ends sessions and is in the trail', async (t) => {
  const { app, owner } = await start(t);
  const staff = await app.signInAs('observer');
  const reset = await owner.post(`/users/${staff.userId}/password`);
  t.match(reset, { status: 200, body: { oneTimePassword: String } });
  t.equal((await staff.get('/me')).status, 401);
  t.match((await app.auditRows('user.password_reset'))[0], { targetId: staff.userId, before: null, after: null });
  const { body } = await owner.get(`/users/${staff.userId}`);
  const again = await app
    .caller('')
    .post('/session', { userName: body.userName, password: reset.body.oneTimePassword });
  t.match(again, { status: 200, body: { user: { mustChangePassword: true } } });
  t.equal((await app.caller(cookieOf(again)).get('/places')).status, 403);
});
