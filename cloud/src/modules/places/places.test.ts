import { uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { startTestApp } from '../../http/testing.js';
import type { Place } from './contract.js';

const start = async (t: Parameters<typeof startTestApp>[0]) => {
  const app = await startTestApp(t);
  return { app, owner: await app.signInAs('owner') };
};
const names = (answer: { body: { items: Place[] } }) => answer.body.items.map((place) => place.code).sort();

t.test('the tree: made, read, edited, moved', async (t) => {
  const { app, owner } = await start(t);
  const region = await owner.post('/places', { kind: 'region', name: '东区', code: 'E' });
  t.match(region, {
    status: 201,
    body: { kind: 'region', parentId: null, name: '东区', code: 'E', version: 1, archivedAt: null },
  });
  const hall = await owner.post('/places', {
    kind: 'hall',
    parentId: region.body.id,
    name: '东厅',
    code: 'E-1',
    timeZone: 'Asia/Urumqi',
    address: '东路 1 号',
    location: { lon: 121.47, lat: 31.23 },
  });
  t.match(hall, {
    status: 201,
    body: { timeZone: 'Asia/Urumqi', address: '东路 1 号', location: { lon: 121.47, lat: 31.23 } },
  });
  const counter = await owner.post('/places', { kind: 'counter', parentId: hall.body.id, name: '一号窗口', code: '1' });
  t.match(counter, { status: 201, body: { kind: 'counter', parentId: hall.body.id } });
  const tree = await owner.get('/places');
  t.same(names(tree), ['1', 'E', 'E-1', 'H1', 'H2', 'R1']);
  const kinds = tree.body.items.map((place: Place) => place.kind);
  t.same(
    kinds,
    [...kinds].sort((a, b) => ['region', 'hall', 'counter'].indexOf(a) - ['region', 'hall', 'counter'].indexOf(b)),
  );

  const moved = await owner.patch(
    `/places/${hall.body.id}`,
    { parentId: app.regionId, name: '老东厅', location: null },
    1,
  );
  t.match(moved, { status: 200, body: { parentId: app.regionId, name: '老东厅', location: null, version: 2 } });
  t.match((await app.auditRows('place.updated'))[0], {
    hallId: hall.body.id,
    before: { name: '东厅', parentId: region.body.id },
    after: { name: '老东厅', parentId: app.regionId, location: null },
  });
  t.equal((await app.auditRows('place.created')).filter((row) => row.actorId === owner.userId).length, 3);
  t.ok(app.published.some((event) => event.type === 'place.changed' && event.hallId === hall.body.id));
});

t.test('what is not valid is refused with the field', async (t) => {
  const { app, owner } = await start(t);
  const hall = { kind: 'hall', parentId: app.regionId, name: '厅', code: 'X' };
  const wrong = (path: string) => ({ status: 400, body: { errors: [{ path }] } });
  t.match(await owner.post('/places', { ...hall, timeZone: 'Mars/Base' }), wrong('body.timeZone'));
  t.match(await owner.post('/places', { ...hall, location: { lon: 200, lat: 0 } }), wrong('body.location.lon'));
  t.match(await owner.post('/places', { ...hall, code: 'a b' }), wrong('body.code'));
  t.match(await owner.post('/places', { ...hall, name: ' ' }), wrong('body.name'));
  t.match(await owner.post('/places', { ...hall, kind: 'planet' }), wrong('body.kind'));
  t.match(await owner.post('/places', { ...hall, parentId: app.hallId }), wrong('body.parentId'), 'a hall in a hall');
  t.match(await owner.post('/places', { ...hall, parentId: uuidv7() }), { status: 404 });
  t.match(await owner.post('/places', { ...hall, code: 'H1' }), {
    status: 409,
    body: { errors: [{ path: 'body.code' }] },
  });
  const counter = { kind: 'counter', parentId: app.hallId, name: '窗口', code: '1' };
  t.equal((await owner.post('/places', counter)).status, 201);
  t.equal((await owner.post('/places', counter)).status, 409);
  t.equal(
    (await owner.post('/places', { ...counter, parentId: app.otherHallId })).status,
    201,
    'each hall has its own numbers',
  );
  t.match(await owner.patch(`/places/${app.regionId}`, { timeZone: 'Asia/Shanghai' }, 1), wrong('body.timeZone'));
});

t.test('a region never goes below itself, not even by two moves at once', async (t) => {
  const { owner } = await start(t);
  const make = async (code: string, parentId: string | null) =>
    (await owner.post('/places', { kind: 'region', parentId, name: code, code })).body.id as string;
  const a = await make('A', null);
  const b = await make('B', a);
  t.match(await owner.patch(`/places/${a}`, { parentId: b }, 1), {
    status: 400,
    body: { errors: [{ path: 'body.parentId' }] },
  });
  t.equal((await owner.patch(`/places/${a}`, { parentId: a }, 1)).status, 400);
  const c = await make('C', null);
  const d = await make('D', null);
  const both = await Promise.all([
    owner.patch(`/places/${c}`, { parentId: d }, 1),
    owner.patch(`/places/${d}`, { parentId: c }, 1),
  ]);
  t.same(both.map((answer) => answer.status).sort(), [200, 400]);
});

t.test('archiving: hidden, brought back, refused where places in use hang below', async (t) => {
  const { app, owner } = await start(t);
  const path = `/places/${app.hallId}`;
  t.match(await owner.delete(`/places/${app.regionId}`, 1), {
    status: 409,
    body: { context: { reason: 'has_children' } },
  });
  t.equal((await owner.delete(path)).status, 428);
  const archived = await owner.delete(path, 1);
  t.match(archived, { status: 200, body: { archivedAt: String, version: 2 } });
  t.equal((await app.auditRows('place.archived')).length, 1);
  t.same(names(await owner.get('/places')), ['H2', 'R1']);
  t.same(names(await owner.get('/places?archived=true')), ['H1', 'H2', 'R1']);
  const counter = { kind: 'counter', parentId: app.hallId, name: '窗口', code: '1' };
  t.equal((await owner.post('/places', counter)).status, 400, 'nothing new in an archived hall');
  t.match(await owner.patch(path, { archived: false }, 2), { status: 200, body: { archivedAt: null } });
  t.same(names(await owner.get('/places')), ['H1', 'H2', 'R1']);
});

t.test('another organisation, read-only people, and the reach of a grant', async (t) => {
  const { app, owner } = await start(t);
  const stranger = await app.signInAs('owner', { tenant: 'other' });
  t.same(names(await stranger.get('/places')), []);
  t.equal((await stranger.patch(`/places/${app.hallId}`, { name: 'x' }, 1)).status, 404);
  t.equal((await stranger.delete(`/places/${app.hallId}`, 1)).status, 404);
  t.equal(
    (await stranger.post('/places', { kind: 'counter', parentId: app.hallId, name: 'x', code: 'x' })).status,
    404,
  );

  const observer = await app.signInAs('observer');
  t.equal((await observer.patch(`/places/${app.hallId}`, { name: 'x' }, 1)).status, 403);

  const manager = await app.signInAs('hall-manager', { hallIds: [app.hallId] });
  t.same(names(await manager.get('/places')), ['H1', 'R1'], 'their hall, and the way down to it');
  t.match(await manager.patch(`/places/${app.hallId}`, { name: '我的厅' }, 1), { status: 200 });
  t.equal((await manager.patch(`/places/${app.otherHallId}`, { name: 'x' }, 1)).status, 404);
  t.equal((await manager.patch(`/places/${app.regionId}`, { name: 'x' }, 1)).status, 404);
  t.equal(
    (await manager.post('/places', { kind: 'region', name: 'x', code: 'x' })).status,
    403,
    'a region at the top is the tenant’s',
  );
  const region = await owner.post('/places', { kind: 'region', name: '西区', code: 'W' });
  t.equal(
    (await manager.patch(`/places/${app.hallId}`, { parentId: region.body.id }, 2)).status,
    404,
    'nor moved out of reach',
  );
  const both = await app.signInAs('hall-manager', { hallIds: [app.hallId], regionIds: [region.body.id] });
  t.equal(
    (await both.patch(`/places/${app.hallId}`, { parentId: region.body.id }, 2)).status,
    403,
    'nor taken from those who reach it through its region',
  );
});
