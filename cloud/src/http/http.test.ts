import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import t from 'tap';
import { withTenant } from '../db/index.js';
import { isRouteRight, rights } from '../modules/access/rights.js';
import { audit } from '../modules/audit/audit.js';
import { checkRoutes } from './mount-routes.js';
import { pageOf, pageQuerySchema } from './pagination.js';
import { type AnyRoute, defineRoute } from './route.js';
import { cookieOf, startTestApp, testOrigin, testPassword } from './testing.js';

const echo = defineRoute({
  method: 'post',
  path: '/test/echo',
  right: 'self',
  tag: 'Test',
  summary: 'Echo',
  body: z.object({ text: z.string().min(1), at: z.object({ lat: z.number() }).optional() }),
  response: z.object({ text: z.string(), version: z.int() }),
  maxBodyBytes: 2_000,
  handler: ({ body }) => ({ text: body.text, version: 7 }),
});

t.test('a route without a right does not start', async (t) => {
  t.throws(() => checkRoutes([{ ...echo, right: undefined } as unknown as AnyRoute]), { code: 'configuration' });
  t.throws(() => checkRoutes([{ ...echo, right: 'device.fly' } as unknown as AnyRoute]), { code: 'configuration' });
  t.throws(
    () => checkRoutes([echo, { ...echo, path: '/test/echo' }]),
    { code: 'configuration' },
    'nor one defined twice',
  );
  const other = (path: `/${string}`) => ({ ...echo, path });
  t.throws(() => checkRoutes([other('/a/{x}'), other('/a/{y}')]), { code: 'configuration' });
  t.doesNotThrow(() => checkRoutes([echo]));
  // @ts-expect-error right is missing
  defineRoute({ method: 'get', path: '/x', tag: 'x', summary: 'x', handler: () => {} });
});

t.test(
  'every route declares a right, PATCH, PUT and DELETE say whether they want If-Match, nobody gets in unasked',
  async (t) => {
    const app = await startTestApp(t);
    const nobody = app.caller('');
    for (const route of app.routes) {
      const name = `${route.method} ${route.path}`;
      t.ok(isRouteRight(route.right), `${name} declares ${route.right}`);
      if (['patch', 'put', 'delete'].includes(route.method)) t.type(route.ifMatch, 'boolean', `${name} says ifMatch`);
      if (route.right === 'public') continue;
      const path = route.path.replace(/\{\w+\}/g, app.hallId);
      const answer = route.method === 'get' ? await nobody.get(path) : await nobody[route.method](path, {} as never);
      t.match(answer, { status: 401, body: { code: 'unauthenticated', requestId: String } }, `${name} refuses nobody`);
    }
    const open = app.routes.filter((route) => route.right === 'public').map((route) => `${route.method} ${route.path}`);
    const signingIn = [
      'post /session',
      'post /session/second-factor',
      'get /session/providers',
      'post /session/providers/{providerId}',
      'get /session/callback',
      'post /invitations/look',
      'post /invitations/accept',
      'post /invitations/sign-on',
    ];
    t.same(open.sort(), signingIn.sort(), 'only signing in is public');
  },
);

t.test('who has a right nowhere gets 403 from every route that needs it', async (t) => {
  const app = await startTestApp(t);
  const staff = await app.signInAs('counter-staff', { hallIds: [app.hallId] });
  const me = await staff.get('/me');
  for (const route of app.routes) {
    if (route.right === 'public' || route.right === 'self' || me.body.rights.includes(route.right)) continue;
    const path = route.path.replace(/\{\w+\}/g, app.hallId);
    const answer = route.method === 'get' ? await staff.get(path) : await staff[route.method](path, {} as never);
    t.match(answer, { status: 403, body: { context: { right: route.right } } }, `${route.method} ${route.path}`);
  }
});

t.test('input that is not valid is a 400 that names the fields and never their values', async (t) => {
  const app = await startTestApp(t, { routes: () => [echo] });
  const owner = await app.signInAs('owner');
  const answer = await owner.post('/test/echo', { text: '', at: { lat: 'hunter2' } });
  t.equal(answer.headers.get('content-type'), 'application/problem+json');
  t.match(answer, {
    status: 400,
    body: {
      type: 'urn:hallhub:problem:invalid_input',
      code: 'invalid_input',
      requestId: answer.headers.get('x-request-id'),
      errors: [{ path: 'body.text' }, { path: 'body.at.lat' }],
    },
  });
  t.notMatch(JSON.stringify(answer.body), 'hunter2');
  t.match(await owner.post('/test/echo', undefined), { status: 400, body: { errors: [{ path: 'body' }] } });
  t.match(await owner.get('/users?limit=0'), { status: 400, body: { errors: [{ path: 'query.limit' }] } });
  t.match(await owner.get('/users?cursor=garbage'), { status: 400, body: { code: 'invalid_input' } });
  for (const path of ['/users?q=a%00b', '/audit?from=0000-01-01T00:00:00Z']) {
    t.match(await owner.get(path), { status: 400, body: { code: 'invalid_input' } }, 'what no column can hold');
  }
  t.match(await owner.get('/users/not-a-uuid'), { status: 400, body: { errors: [{ path: 'path.userId' }] } });
});

t.test('bodies: broken JSON, another type, too large with and without a length', async (t) => {
  const app = await startTestApp(t, { routes: () => [echo] });
  const { cookie } = await app.signInAs('owner');
  const send = (body: string | ReadableStream<Uint8Array>, type = 'application/json') =>
    app.app.request(`${testOrigin}/api/v1/test/echo`, {
      method: 'POST',
      headers: { cookie, origin: testOrigin, 'content-type': type },
      body,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    } as RequestInit);
  t.equal((await send('{"text":')).status, 400);
  t.equal((await send('{"text":"x"}', 'text/plain')).status, 415);
  t.match(await (await send(`{"text":${'['.repeat(900)}${']'.repeat(900)}}`)).json(), {
    status: 400,
    detail: /nested/,
  });
  t.equal((await send(JSON.stringify({ text: 'x'.repeat(3_000) }))).status, 413);
  const chunks = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(500))),
  });
  t.equal((await send(chunks)).status, 413, 'an endless body is cut at the bound');
});

t.test('another site cannot write with our cookie', async (t) => {
  const app = await startTestApp(t, { routes: () => [echo] });
  const { cookie } = await app.signInAs('owner');
  const send = (headers: Record<string, string>, method = 'POST') =>
    app.app.request(`${testOrigin}/api/v1/test/echo`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' ? { body: '{"text":"x"}' } : {}),
    });
  t.equal((await send({ cookie, origin: testOrigin })).status, 201);
  for (const origin of ['http://evil.test', 'null', 'http://hallhub.test.evil.test', 'http://hallhub.test:81']) {
    const answer = await send({ cookie, origin });
    t.equal(answer.status, 403, origin);
    t.match(await answer.json(), { context: { reason: 'origin' } });
  }
  t.equal((await send({ cookie })).status, 403, 'a cookie without an Origin');
  t.equal((await send({ origin: 'http://evil.test' })).status, 403, 'signing in from elsewhere too');
  t.equal((await send({})).status, 401, 'without a cookie there is nothing to protect');
});

t.test('what nobody foresaw is a 500 that tells nothing', async (t) => {
  const broken = (path: `/${string}`, fail: () => never) =>
    defineRoute({
      method: 'get',
      path,
      right: 'self',
      tag: 'Test',
      summary: 'x',
      response: z.object({}),
      handler: fail,
    });
  const app = await startTestApp(t, {
    routes: () => [
      broken('/test/bug', () => {
        throw new Error('secret detail: password=hunter2');
      }),
      broken('/test/hub-bug', () => {
        throw new HubError('bug', 'secret detail', { context: { sql: 'SELECT secret' }, hint: 'secret' });
      }),
      broken('/test/away', () => {
        throw Object.assign(new Error('connect ECONNREFUSED /secret'), { code: 'ECONNREFUSED' });
      }),
    ],
  });
  const owner = await app.signInAs('owner');
  for (const path of ['/test/bug', '/test/hub-bug']) {
    const answer = await owner.get(path);
    t.equal(answer.status, 500);
    t.same(Object.keys(answer.body).sort(), ['code', 'requestId', 'status', 'title', 'type']);
    t.notMatch(JSON.stringify(answer.body), /secret|hunter2/);
  }
  const away = await owner.get('/test/away');
  t.match(away, { status: 503, body: { code: 'unavailable', retryAfterMs: 5_000 } });
  t.equal(away.headers.get('retry-after'), '5');
  t.notMatch(JSON.stringify(away.body), /ECONN|\/secret/);
});

t.test('a version in the answer is its ETag, and If-Match guards changes', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const before = await owner.post('/places', { kind: 'counter', parentId: app.hallId, name: '一号', code: 'C1' });
  t.equal(before.headers.get('etag'), '"1"');
  const path = `/places/${before.body.id}`;
  t.match(await owner.patch(path, { name: '二号' }), { status: 428, body: { code: 'precondition_failed' } });
  const changed = await owner.patch(path, { name: '二号' }, 1);
  t.match(changed, { status: 200, body: { name: '二号', version: 2 } });
  t.equal(changed.headers.get('etag'), '"2"');
  t.match(await owner.patch(path, { name: '三号' }, 1), { status: 412, body: { context: { currentVersion: 2 } } });
  for (const header of ['*', 'W/"2"', '2', '"1", "2"', '"x"']) {
    const answer = await app.app.request(`${testOrigin}/api/v1${path}`, {
      method: 'PATCH',
      headers: { cookie: owner.cookie, origin: testOrigin, 'content-type': 'application/json', 'if-match': header },
      body: '{"name":"x"}',
    });
    t.equal(answer.status, 400, header);
  }
});

t.test('two edits of one version at the same time: one wins, one hears 412', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const { body } = await owner.post('/places', { kind: 'counter', parentId: app.hallId, name: '一号', code: 'C1' });
  const both = await Promise.all(['甲', '乙'].map((name) => owner.patch(`/places/${body.id}`, { name }, 1)));
  t.same(both.map((answer) => answer.status).sort(), [200, 412]);
});

t.test('an Idempotency-Key makes a repeated POST answer the same and act once', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const colleague = await app.signInAs('owner');
  const key = { 'idempotency-key': 'abc-1' };
  const place = { kind: 'counter', parentId: app.hallId, name: '一号', code: 'C1' };
  const first = await owner.post('/places', place, key);
  const again = await owner.post('/places', place, key);
  t.equal(again.status, 201);
  t.same(again.body, first.body);
  t.equal(again.headers.get('etag'), first.headers.get('etag'));
  t.equal(again.headers.get('idempotency-replayed'), 'true');
  t.equal((await app.auditRows('place.created')).filter((row) => row.actorId === owner.userId).length, 1);

  t.match(await owner.post('/places', { ...place, code: 'C2' }, key), { status: 400, body: { code: 'invalid_input' } });
  t.match(
    await colleague.post('/places', { ...place, code: 'C3' }, key),
    { status: 201 },
    'keys are each person’s own',
  );
  t.match(await owner.post('/places?year=2027', place, key), { status: 400, body: { detail: /another request/ } });
  t.equal((await owner.post('/places', place, { 'idempotency-key': 'with blanks in it' })).status, 400);

  const { userName } = (await owner.get('/me')).body.user;
  await app.clock.advance(24 * 3_600_000 + 1);
  const newSession = await app.caller('').post('/session', { userName, password: testPassword });
  t.match(
    await app.caller(cookieOf(newSession)).post('/places', place, key),
    { status: 409 },
    'a day later it is a new request: the code is taken',
  );
});

t.test('a refused POST may be repeated with its key; a secret is never kept for a replay', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  const key = { 'idempotency-key': 'abc-2' };
  const user = { userName: 'li.lei', displayName: '李雷', grants: [] };
  await owner.post('/users', { ...user, userName: 'han.mei' });
  t.equal((await owner.post('/users', { ...user, userName: 'han.mei' }, key)).status, 409);
  t.equal(
    (await owner.post('/users', { ...user, userName: 'han.mei' }, key)).status,
    409,
    'refused anew, not replayed',
  );
  const other = { 'idempotency-key': 'abc-3' };
  const made = await owner.post('/users', user, other);
  t.equal(made.status, 201);
  const replay = await owner.post('/users', user, other);
  t.match(replay, { status: 409, body: { code: 'conflict' } });
  const { rows } = await app.db.ownerPool.query('SELECT body, headers FROM http_idempotency');
  t.notMatch(JSON.stringify(rows), made.body.oneTimePassword);
});

t.test('of two equal requests at once only one runs', async (t) => {
  let runs = 0;
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = defineRoute({
    method: 'post',
    path: '/test/slow',
    right: 'self',
    tag: 'Test',
    summary: 'x',
    response: z.object({ run: z.int() }),
    handler: async () => {
      runs += 1;
      await gate;
      return { run: runs };
    },
  });
  const app = await startTestApp(t, { routes: () => [slow] });
  const owner = await app.signInAs('owner');
  const key = { 'idempotency-key': 'k' };
  const first = owner.post('/test/slow', undefined, key);
  while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
  t.match(await owner.post('/test/slow', undefined, key), { status: 409, body: { retryAfterMs: 1_000 } });
  release();
  t.match(await first, { status: 201, body: { run: 1 } });
  t.match(await owner.post('/test/slow', undefined, key), { status: 201, body: { run: 1 } });
  t.equal(runs, 1);
});

t.test('a process that died after its commit is never run again; one that died before is', async (t) => {
  let mode: 'commit' | 'before' | 'fine' = 'commit';
  let runs = 0;
  const fragile = defineRoute({
    method: 'post',
    path: '/test/fragile',
    right: 'self',
    tag: 'Test',
    summary: 'x',
    response: z.object({}),
    handler: async ({ ctx }) => {
      const given = mode;
      runs += 1;
      if (given !== 'before') {
        const target = { kind: 'test', id: null };
        await withTenant(ctx.db, ctx.actor, (tx) => audit(tx, ctx, { action: 'test.done', target }));
      }
      if (given !== 'fine') await new Promise(() => {});
      return {};
    },
  });
  const app = await startTestApp(t, { routes: () => [fragile] });
  const owner = await app.signInAs('owner');
  const until = async (sql: string) => {
    while ((await app.db.ownerPool.query(sql)).rowCount === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  void owner.post('/test/fragile', undefined, { 'idempotency-key': 'committed' });
  await until(`SELECT 1 FROM http_idempotency WHERE key = 'committed' AND committed_at IS NOT NULL`);
  await app.clock.advance(130_000);
  mode = 'fine';
  t.match(await owner.post('/test/fragile', undefined, { 'idempotency-key': 'committed' }), {
    status: 409,
    body: { hint: /Read/ },
  });
  t.equal(runs, 1);

  mode = 'before';
  void owner.post('/test/fragile', undefined, { 'idempotency-key': 'not' });
  while (runs < 2) await new Promise((resolve) => setImmediate(resolve));
  mode = 'fine';
  t.equal(
    (await owner.post('/test/fragile', undefined, { 'idempotency-key': 'not' })).status,
    409,
    'it may still be running',
  );
  await app.clock.advance(130_000);
  t.equal((await owner.post('/test/fragile', undefined, { 'idempotency-key': 'not' })).status, 201);
});

t.test('lists are paged without holes or repeats', async (t) => {
  const app = await startTestApp(t);
  const owner = await app.signInAs('owner');
  for (const name of ['anna', 'bert', 'cleo', 'dora'])
    await owner.post('/users', { userName: name, displayName: name });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const path: string = `/users?limit=2${cursor ? `&cursor=${cursor}` : ''}`;
    const { body } = await owner.get(path);
    t.ok(body.items.length <= 2);
    seen.push(...body.items.map((user: { userName: string }) => user.userName));
    cursor = body.nextCursor;
  } while (cursor);
  t.same(seen, [...new Set(seen)].sort());
  t.equal(seen.length, 5);
});

t.test('the OpenAPI document is whole: every reference resolves, every operation names its right', async (t) => {
  const list = defineRoute({
    method: 'get',
    path: '/test/{id}/list',
    right: 'device.read',
    tag: 'Test',
    summary: 'x',
    params: z.object({ id: z.uuid() }),
    query: pageQuerySchema,
    response: pageOf(z.object({ a: z.string() })),
    handler: () => ({ items: [], nextCursor: null }),
  });
  const app = await startTestApp(t, { routes: () => [list] });
  const { status, body } = await app.caller('').get('/api/openapi.json');
  t.equal(status, 200);
  t.equal(body.openapi, '3.1.0');
  const resolve = (ref: string) =>
    ref
      .replace(/^#\//, '')
      .split('/')
      .reduce((at: Record<string, unknown> | undefined, key) => at?.[key] as Record<string, unknown> | undefined, body);
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const ref = (value as { $ref?: unknown }).$ref;
    if (typeof ref === 'string') t.ok(resolve(ref), `${ref} resolves`);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(body);
  const operations = Object.entries(body.paths as Record<string, Record<string, Record<string, unknown>>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  t.equal(operations.length, app.routes.length);
  const ids = operations.map(({ operation }) => operation.operationId);
  t.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  for (const { path, method, operation } of operations) {
    t.ok(isRouteRight(operation['x-right']), `${method} ${path}`);
    t.ok((operation.responses as object | undefined) && 'default' in (operation.responses as object));
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
      const described = (operation.parameters ?? []) as { in: string; name: string; required: boolean }[];
      const own = described.find((parameter) => parameter.in === 'path' && parameter.name === name);
      t.equal(own?.required, true, `${path} describes ${name}`);
    }
  }
});

t.test('headers, health, metrics, and what is not there', async (t) => {
  const app = await startTestApp(t);
  const nobody = app.caller('');
  const health = await nobody.get('//healthz');
  t.match(health, { status: 200, body: { status: 'ok', database: 'ok', version: '0.0.0-test' } });
  t.match(health.headers.get('content-security-policy'), /script-src 'self';/);
  t.notMatch(health.headers.get('content-security-policy'), /script-src[^;]*unsafe/);
  t.equal(health.headers.get('x-content-type-options'), 'nosniff');
  t.match(await nobody.get('/no/such/route'), { status: 404, body: { code: 'not_found' } });
  t.equal((await nobody.get('/users')).headers.get('cache-control'), 'no-store');
  const proxied = await nobody.get('//metrics', { 'x-forwarded-for': '203.0.113.7' });
  t.equal(proxied.status, 403, 'a proxy on this machine does not make the world local');
  const metrics = await nobody.get('//metrics');
  t.match(metrics.body, /hallhub_http_requests_total\{method="GET",route="\/api\/v1\/users",status="401"\} 1/);
  t.match(metrics.body, /hallhub_http_request_duration_seconds_bucket\{le="\+Inf",.*\} \d/);
  t.match(metrics.body, /route="\(unknown\)",status="404"/);
});

t.test('health says 503 while a part is away, without saying why, and does not wait for one that hangs', async (t) => {
  const app = await startTestApp(t, {
    checks: {
      database: () => Promise.reject(new Error('secret')),
      broker: () => new Promise(() => {}),
      other: async () => {},
    },
  });
  const answer = app.caller('').get('//healthz');
  await app.clock.advance(2_001);
  t.match(await answer, {
    status: 503,
    body: { status: 'degraded', database: 'degraded', broker: 'degraded', other: 'ok' },
  });
  t.notMatch(JSON.stringify((await answer).body), 'secret');
});

t.test('the console: hashed files for ever, the page for every path of its router, nothing outside', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-console-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>厅枢</title>');
  writeFileSync(join(folder, 'assets/app-1a2b.js'), 'plain');
  writeFileSync(join(folder, 'assets/app-1a2b.js.br'), 'packed');
  const app = await startTestApp(t, { consoleFolder: folder });
  const nobody = app.caller('');
  for (const path of ['//', '//devices/42', '//厅']) {
    const page = await nobody.get(path);
    t.match(page.body, '厅枢', path);
    t.equal(page.headers.get('cache-control'), 'no-cache');
  }
  const script = await nobody.get('//assets/app-1a2b.js');
  t.match(script, { status: 200, body: 'plain' });
  t.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  t.match(script.headers.get('content-type'), 'text/javascript');
  const packed = await nobody.get('//assets/app-1a2b.js', { 'accept-encoding': 'gzip, br' });
  t.match(packed, { body: 'packed' });
  t.equal(packed.headers.get('content-encoding'), 'br');
  const etag = script.headers.get('etag') ?? '';
  t.equal((await nobody.get('//assets/app-1a2b.js', { 'if-none-match': etag })).status, 304);
  for (const path of ['//assets/gone.js', '//..%2f..%2fetc%2fpasswd.txt', '//%2e%2e/secret.json', '//%ff.js']) {
    t.match(await nobody.get(path), { status: 404, body: { code: 'not_found' } }, path);
  }
  t.equal((await nobody.post('//', {})).status, 404);
  writeFileSync(join(folder, 'assets/app-3c4d.js'), 'newer');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>升级</title>');
  utimesSync(join(folder, 'index.html'), 0, 1);
  t.match((await nobody.get('//')).body, '升级', 'an upgrade under a running cloud is served whole');
  t.match(await nobody.get('//assets/app-3c4d.js'), { status: 200, body: 'newer' });
});

t.test('labels of all rights', async (t) => {
  for (const [right, { label }] of Object.entries(rights)) t.ok(label.zh && label.en, right);
});
