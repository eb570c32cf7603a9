import t from 'tap';
import { withTenant } from '../../db/index.js';
import { startTestApp } from '../../http/testing.js';
import { labelsOf } from './category-book.js';
import { categoryRoutes } from './routes.js';

const item = (code: string, parent: string | null = null) => ({ code, parent, label: { zh: code } });
const label = { zh: '事项' };
const started = startTestApp(t, { routes: categoryRoutes }).then(async (app) => ({
  app,
  owner: await app.signInAs('owner'),
}));

t.test('a tree is written as a whole; what is left out is retired and still read', async (t) => {
  const { app, owner } = await started;
  const items = [item('city'), item('lights', 'city'), item('roads', 'city')];
  const made = await owner.put('/category-trees/matters', { label, items }, 0);
  t.match(made, { status: 200, body: { tree: 'matters', version: 1 } });
  t.same(
    made.body.items.map((one: { code: string }) => one.code),
    ['city', 'lights', 'roads'],
    'in their order',
  );
  t.match((await owner.get('/category-trees')).body.items, [{ tree: 'matters', categories: 3, version: 1 }]);
  t.equal((await owner.put('/category-trees/matters', { label, items }, 0)).status, 412);
  const next = [item('roads'), item('city'), item('bins', 'city')];
  t.match(await owner.put('/category-trees/matters', { label, items: next }, 1), { status: 200, body: { version: 2 } });
  const { body } = await owner.get('/category-trees/matters');
  const lights = body.items.find((one: { code: string }) => one.code === 'lights');
  t.match(lights, { retired: true });
  t.match((await owner.get('/category-trees')).body.items, [{ categories: 3 }]);
  const labels = await withTenant(app.db, { tenantId: app.tenantId }, (tx) => labelsOf(tx, app.tenantId, 'matters'));
  t.equal(labels.get('lights')?.zh, 'lights');
  const back = await owner.put('/category-trees/matters', { label, items }, 2);
  t.notOk(back.body.items.find((one: { code: string }) => one.code === 'lights').retired, 'and comes back');
  t.match((await app.auditRows('category_tree.changed'))[0], {
    after: { items: [{ code: 'roads' }, { code: 'bins' }, { code: 'lights', retired: true }] },
  });
});

t.test('what is no tree is refused', async (t) => {
  const { owner } = await started;
  const put = async (...items: object[]) => (await owner.put('/category-trees/bad', { label, items }, 0)).body;
  t.match(await put(item('a'), item('a')), { status: 400, errors: [{ path: 'body.items.1.code' }] });
  t.match(await put(item('a', 'b')), { status: 400, errors: [{ path: 'body.items.0.parent' }] });
  t.match(await put(item('a', 'b'), item('b', 'a')), { status: 400 });
  t.match(await put(item('a', 'a')), { status: 400 });
  t.match(await put(item('a', 'b'), item('b', 'c'), item('c', 'b')), { status: 400 }, 'a loop above');
  const deep = Array.from({ length: 7 }, (_, i) => item(`d${i}`, i === 0 ? null : `d${i - 1}`));
  t.match(await put(...deep), { status: 400 }, 'deeper than a path goes');
  t.equal((await owner.get('/category-trees/bad')).status, 404);
  t.equal((await owner.put('/category-trees/bad', { label, items: [] }, 4)).status, 404);
});

t.test('five thousand categories at once', async (t) => {
  const { owner } = await started;
  const items = Array.from({ length: 5_000 }, (_, i) => item(`c${i}`, i < 100 ? null : `c${i % 100}`));
  t.equal((await owner.put('/category-trees/huge', { label, items }, 0)).status, 200);
  t.equal((await owner.put('/category-trees/huge', { label, items: [...items, item('more')] }, 1)).status, 400);
  t.equal((await owner.get('/category-trees/huge')).body.items.length, 5_000);
});

t.test('others', async (t) => {
  const { app, owner } = await started;
  await owner.put('/category-trees/mine', { label, items: [] }, 0);
  const other = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await other.get('/category-trees/mine')).status, 404);
  const clerk = await app.signInAs('ticket-clerk', { hallIds: [app.hallId] });
  t.equal((await clerk.get('/category-trees/mine')).status, 200);
  t.equal((await clerk.put('/category-trees/mine', { label, items: [] }, 1)).status, 403);
});

t.test('which categories are named, and how often', async (t) => {
  const { app, owner } = await started;
  const items = [item('land'), item('field_a', 'land'), item('unused', 'land')];
  await owner.put('/category-trees/by_use', { label, items }, 0);
  const fact = `INSERT INTO ticket_facts (tenant_id, ticket_id, kind, source, category, made_day, made_hour, solved, fed_back, confirmed,
    returned, reopened, extended, supervised, choices)
    VALUES ($1, gen_random_uuid(), 'x', 'console', $2, now(), 1, false, false, false, 0, 0, 0, false, '{}')`;
  await withTenant(app.db, { tenantId: app.tenantId }, async (tx) => {
    for (const category of ['by_use:land/field_a', 'by_use:land/field_a', 'by_use:land', 'byXuse:land/unused'])
      await tx.$client.query(fact, [app.tenantId, category]);
  });
  t.same((await owner.get('/category-trees/by_use/uses')).body.items, [
    { code: 'field_a', tickets: 2, offices: 0 },
    { code: 'land', tickets: 1, offices: 0 },
  ]);
  t.equal((await owner.get('/category-trees/none/uses')).status, 404);
});
