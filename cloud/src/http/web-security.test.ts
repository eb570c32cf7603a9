import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
import { Hono } from 'hono';
import pino from 'pino';
import t from 'tap';
import { startCloud } from '../app.js';
import { readConfig } from '../config/read-config.js';
import { makeTestFolder } from '../db/testing.js';
import { rightIds } from '../modules/access/rights.js';
import { makeApiLimits } from './api-limits.js';
import { listen } from './listen.js';
import { makeWorld } from './rights-matrix/world.js';

type Schema = {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
};
interface Operation {
  readonly 'x-right': string;
  readonly parameters?: readonly { in: string; name: string; schema: Schema }[];
  readonly requestBody?: { content: { 'application/json': { schema: Schema } } };
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Schema> };
}

/** What has broken others: SQL, scripts, NUL, paths, templates, long and odd numbers, half a surrogate, patterns that explode. */
const hostile = [
  "'; DROP TABLE users; --",
  "' OR '1'='1",
  '1); SELECT pg_sleep(5); --',
  "\\'; --",
  '$1',
  '$$',
  '%',
  '%%%%%%%%%%%%%%%%_',
  '\u0000',
  '\ud800',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '{{7*7}}',
  '__proto__',
  'a\r\nset-cookie: x=1',
  '9'.repeat(400),
  '-1',
  '1e309',
  'NaN',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  `${'a'.repeat(5_000)}!`,
  '(a+)+$',
  '名'.repeat(99),
];

const start = async (t: { teardown(fn: () => unknown): unknown }) => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
  const env = { HALLHUB_API_ADDRESS_RATE: '1000000', HALLHUB_API_ACCOUNT_RATE: '1000000' };
  const cloud = await startCloud({
    config: readConfig(['--data', folder, ...ports], env),
    log: pino({ level: process.env.LOG ?? 'silent' }),
    progress: () => {},
  });
  t.teardown(() => cloud.close());
  const { rows } = await cloud.database.ownerPool.query('SELECT id FROM tenants ORDER BY created_at, id LIMIT 1');
  const world = await makeWorld(cloud.database, rows[0].id);
  const ids = { ...world.sites[0]?.ids };
  const headers = { authorization: `Bearer ${await world.keyOf(rightIds, 'tenant')}` };
  return { cloud, world, ids, headers, http: cloud.http };
};

/** Values of every shape for a schema: sometimes what it asks for, sometimes not. */
const valueFor = (schema: Schema | undefined, document: Document, depth = 0): fc.Arbitrary<unknown> => {
  const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' }));
  if (!schema || depth > 4) return text;
  const named = schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : undefined;
  if (named) return valueFor(named, document, depth + 1);
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return fc.oneof(...some.map((one) => valueFor(one, document, depth + 1)));
  const odd = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }));
  if (schema.enum)
    return fc.oneof({ arbitrary: fc.constantFrom(...schema.enum), weight: 4 }, { arbitrary: odd, weight: 1 });
  if (schema.type === 'object' && schema.properties) {
    const members = Object.entries(schema.properties).map(
      ([name, one]) => [name, valueFor(one, document, depth + 1)] as const,
    );
    return fc.record(Object.fromEntries(members), { requiredKeys: [] });
  }
  if (schema.type === 'array') return fc.array(valueFor(schema.items, document, depth + 1), { maxLength: 3 });
  if (schema.type === 'integer' || schema.type === 'number') return fc.oneof(fc.integer(), fc.double(), odd);
  if (schema.type === 'boolean') return fc.oneof(fc.boolean(), odd);
  return odd;
};

/** One raw exchange: whatever bytes, until the server closes or is silent for a while. */
const raw = (http: string, bytes: string, options: { readonly waitMs?: number } = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(http);
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(options.waitMs ?? 3_000, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk) => {
      heard += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(heard));
  });

t.test('the web classes of attack against the whole app', async (t) => {
  const { http, headers, ids, world, cloud } = await start(t);
  const document = (await (await fetch(`${http}/api/openapi.json`)).json()) as Document;
  const fill = (path: string) =>
    path.replace(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? '0190a1b2-0000-7000-8000-000000000001');

  await t.test(
    'injection: hostile values in every parameter and body, never a 500, never a row too many',
    async (t) => {
      const usersBefore = await world.db.ownerPool.query('SELECT count(*) AS count FROM users WHERE tenant_id <> $1', [
        world.tenantId,
      ]);
      let sent = 0;
      const bad: string[] = [];
      const send = async (method: string, path: string, body?: unknown) => {
        // A half surrogate cannot be written in a URL; the body carries it escaped.
        const url = `${http}${path}`;
        const startMs = performance.now();
        const response = await fetch(url, {
          method,
          headers: {
            ...headers,
            'if-match': '"999999999"',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(20_000),
        });
        const text = path.includes('/live') ? '' : await response.text();
        sent += 1;
        if (response.status >= 500 && response.status !== 503)
          bad.push(
            `${response.status} ${method} ${path.slice(0, 200)} ${JSON.stringify(body)?.slice(0, 200)} ${text.slice(0, 200)}`,
          );
        if (performance.now() - startMs > 15_000) bad.push(`slow: ${method} ${path.slice(0, 200)}`);
        for (const value of response.headers.values()) if (value.includes('x=1')) bad.push(`header injection: ${path}`);
      };
      const queue: (() => Promise<void>)[] = [];
      for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          if (operation['x-right'] === 'public' || operation['x-right'] === 'self' || path.includes('/backups'))
            continue;
          const query = (operation.parameters ?? []).filter((one) => one.in === 'query');
          const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path');
          const encoded = (text: string) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''));
          for (const { name } of query) {
            for (const text of fc.sample(fc.constantFrom(...hostile), { numRuns: 4, seed: sent + name.length }))
              queue.push(() => send(method.toUpperCase(), `${fill(path)}?${name}=${encoded(text)}`));
            queue.push(() => send(method.toUpperCase(), `${fill(path)}?${name}=a&${name}=b&${name}[x]=c`));
          }
          for (const { name } of inPath)
            for (const text of fc.sample(fc.constantFrom(...hostile), { numRuns: 2, seed: name.length }))
              queue.push(() =>
                send(method.toUpperCase(), fill(path.replace(`{${name}}`, encoded(text.slice(0, 500))))),
              );
          const schema = operation.requestBody?.content['application/json'].schema;
          if (schema)
            for (const body of fc.sample(valueFor(schema, document), { numRuns: 8, seed: path.length }))
              queue.push(() => send(method.toUpperCase(), fill(path), body ?? null));
        }
      }
      const worker = async () => {
        for (let one = queue.shift(); one; one = queue.shift()) await one();
      };
      await Promise.all(Array.from({ length: 6 }, worker));
      t.same(bad, [], `${sent} hostile requests`);
      t.ok(sent > 500, `${sent} requests`);
      const usersAfter = await world.db.ownerPool.query('SELECT count(*) AS count FROM users WHERE tenant_id <> $1', [
        world.tenantId,
      ]);
      t.same(usersAfter.rows, usersBefore.rows, 'the other organisation is as it was');
    },
  );

  await t.test('CSRF: what another site’s page can send is refused', async (t) => {
    const cookie = 'hallhub.session_token=anything';
    const forge = (given: Record<string, string>, body: string | undefined, method = 'POST') =>
      fetch(`${http}/api/v1/session`, {
        method,
        headers: { cookie, ...given },
        ...(body === undefined ? {} : { body }),
      });
    const json = '{"userName":"a","password":"b"}';
    for (const [what, given] of [
      ['a form', { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }],
      ['text that is JSON', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
      ['JSON', { origin: 'https://evil.example', 'content-type': 'application/json' }],
      ['an opaque origin', { origin: 'null', 'content-type': 'application/json' }],
      ['a look-alike', { origin: `${http}.evil.example`, 'content-type': 'application/json' }],
      ['no origin beside a cookie', { 'content-type': 'application/json' }],
    ] as const)
      t.equal((await forge(given, json)).status, 403, what);
    t.equal((await forge({ origin: 'https://evil.example' }, undefined, 'DELETE')).status, 403);
    const asked = await fetch(`${http}/api/v1/places`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    t.equal(asked.headers.get('access-control-allow-origin'), null, 'no site is allowed to ask');
    t.equal(
      (await forge({ origin: http, 'content-type': 'text/plain' }, json)).status,
      415,
      'even from here a body is JSON',
    );
  });

  await t.test('paths: nothing outside the console’s folder is served', async (t) => {
    const name = new URL(http).host;
    for (const path of [
      '/../../../../etc/passwd',
      '/..%2f..%2f..%2fetc%2fpasswd',
      '/assets/../../package.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5cpackage.json',
      '/%00/etc/passwd',
      '/.git/config',
      '/session-secret',
      '/%c0%ae%c0%ae/etc/passwd',
    ]) {
      const answer = await raw(http, `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      t.match(answer, /^HTTP\/1\.1 (?:200|400|404|503)/, path);
      t.notMatch(answer, /root:x:0|"private": true|\[core\]/, path);
    }
  });

  await t.test('no open redirect: no answer sends a browser elsewhere', async (t) => {
    for (const path of [
      '//evil.example/',
      '/\\evil.example',
      '/%2f%2fevil.example',
      '/?next=https://evil.example',
      '/api/v1/session/callback?state=x&code=y&redirect=https://evil.example',
    ]) {
      const answer = await fetch(http + path, { redirect: 'manual' });
      t.notMatch(answer.headers.get('location') ?? '', /evil/, path);
    }
  });

  await t.test('request smuggling, broken requests and headers without end are refused', async (t) => {
    const name = new URL(http).host;
    const post = `POST /api/v1/session HTTP/1.1\r\nHost: ${name}\r\nContent-Type: application/json\r\n`;
    for (const [what, bytes] of [
      ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`],
      [
        'length and chunks',
        `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: ${name}\r\n\r\n`,
      ],
      ['chunks spelled oddly', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
      ['a blank before the colon', `${post}Content-Length : 2\r\n\r\n{}`],
      ['a folded header', `${post}X-A: 1\r\n b\r\nContent-Length: 2\r\n\r\n{}`],
      ['a lone line feed in a header', `${post}X-A: 1\nX-B: 2\r\nContent-Length: 2\r\n\r\n{}`],
      ['no HTTP', 'hello\r\n\r\n'],
    ] as const) {
      const answer = await raw(http, bytes);
      t.match(answer, /^HTTP\/1\.1 400/, what);
      t.equal(answer.split('HTTP/1.1 ').length, 2, `${what}: one answer, then closed`);
    }
    t.match(
      await raw(http, `GET / HTTP/1.1\r\nHost: ${name}\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431/,
    );
    t.equal((await fetch(`${http}/healthz`)).status, 200, 'and it still answers');
  });

  await t.test('pollution, mass assignment, JSON bombs', async (t) => {
    const post = (path: string, body: string) =>
      fetch(`${http}/api/v1${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
      });
    const place = { kind: 'counter', parentId: ids.hallId, name: '窗口', code: 'mass-1' };
    const extra = {
      id: '0190a1b2-0000-7000-8000-00000000beef',
      tenantId: world.sites[3]?.ids.hallId,
      version: 77,
      archivedAt: null,
    };
    const made = await post(
      '/places',
      `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify({ ...place, ...extra }).slice(1)}`,
    );
    t.equal(made.status, 201);
    const body = (await made.json()) as Record<string, unknown>;
    t.not(body.id, extra.id, 'ids are ours');
    t.equal(body.version, 1);
    t.equal(({} as Record<string, unknown>).polluted, undefined);
    const mine = await world.db.ownerPool.query('SELECT tenant_id FROM counters WHERE id = $1', [body.id]);
    t.equal(mine.rows[0].tenant_id, world.tenantId);
    t.equal((await post('/places', '['.repeat(200_000) + ']'.repeat(200_000))).status, 400, 'deep');
    t.equal((await post('/places', `{"name":"${'x'.repeat(1_100_000)}"}`)).status, 413, 'large');
    t.equal(
      (
        await post(
          '/api-keys',
          JSON.stringify({ name: 'x', rights: Array(100_000).fill('a'), scope: { kind: 'tenant' } }),
        )
      ).status,
      400,
      'wide',
    );
  });

  await t.test('headers on every kind of answer; nothing personal is cached; no inline script', async (t) => {
    for (const path of [
      '/',
      '/api/v1/me',
      '/api/v1/places',
      '/api/openapi.json',
      '/nothing.js',
      '/healthz',
      '/api/v1/nothing',
    ]) {
      const answer = await fetch(http + path, { headers });
      const csp = answer.headers.get('content-security-policy') ?? '';
      t.match(csp, /script-src 'self';/, path);
      t.notMatch(csp.match(/script-src[^;]*/)?.[0], /unsafe|\*/, path);
      t.match(csp, /frame-ancestors 'none'/, path);
      t.match(csp, /object-src 'none'/, path);
      t.match(
        Object.fromEntries(answer.headers),
        { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' },
        path,
      );
      if (path.startsWith('/api/v1')) t.equal(answer.headers.get('cache-control'), 'no-store', path);
      t.equal(answer.headers.get('x-powered-by'), null);
      t.equal(answer.headers.get('server'), null);
    }
  });

  await t.test('stored markup comes back as JSON that no browser takes for a page', async (t) => {
    const name = '<img src=x onerror=alert(1)>';
    const made = await fetch(`${http}/api/v1/places`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'counter', parentId: ids.hallId, name, code: 'xss' }),
    });
    t.equal(((await made.json()) as { name: string }).name, name, 'kept as it was typed');
    const wrong = await fetch(`${http}/api/v1/${encodeURIComponent(name)}`, { headers });
    t.match(wrong.headers.get('content-type'), /json/);
    const exported = await (await fetch(`${http}/api/v1/audit/export?format=csv`, { headers })).text();
    t.notMatch(exported, /(^|,)[=+@-][A-Za-z]/m, 'no cell of an export is a formula');
  });
  t.ok(cloud.http);
});

t.test('who sends by the drop is cut off, and others are served meanwhile', async (t) => {
  const app = new Hono();
  app.get('/', (c) => c.text('here'));
  const limits = { headersMs: 2_000, requestMs: 2_500, maxConnections: 20 };
  const server = await listen(app as never, { host: '127.0.0.1', port: 0, limits });
  t.teardown(() => server.close(100));
  const slow = Array.from({ length: 8 }, () =>
    raw(server.url, 'GET / HTTP/1.1\r\nHost: x\r\nX-A: 1', { waitMs: 60_000 }),
  );
  const body = raw(server.url, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc', { waitMs: 60_000 });
  t.equal(await (await fetch(server.url)).text(), 'here');
  for (const answer of await Promise.all(slow)) t.match(answer, /^(HTTP\/1\.1 408|$)/);
  t.ok((await body) !== undefined, 'a body that never ends is cut too');
  const many = Array.from({ length: 40 }, () =>
    raw(server.url, 'GET / HTTP/1.1\r\nHost: x\r\nX', { waitMs: 60_000 }).catch(() => ''),
  );
  await Promise.all(many);
  t.equal(await (await fetch(server.url)).text(), 'here', 'a storm of connections passes');
});

t.test('rates: an account and an address are limited, each on its own, with Retry-After', async (t) => {
  const clock = new ManualClock();
  const limits = makeApiLimits(clock, { addressPerMinute: 30, accountPerMinute: 6 });
  limits.account.take('a');
  limits.account.take('a');
  t.throws(() => limits.account.take('a'), { code: 'rate_limited', context: { retryAfterMs: 10_000 } });
  limits.account.take('b');
  for (let i = 0; i < 10; i++) limits.address.take('10.0.0.1');
  t.throws(() => limits.address.take('10.0.0.1'), { code: 'rate_limited' });
  await clock.advance(10_000);
  limits.account.take('a');
});

t.test(
  'SSRF: the cloud calls nobody but sign-on providers, the broker and the collector that the operator named',
  async (t) => {
    const source = fileURLToPath(new URL('..', import.meta.url));
    const calling = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/test|fixtures|testing/.test(name))
      .filter((name) =>
        /(?<![.\w])fetch\(|https?\.(?:request|get)\(|new WebSocket\(/.test(readFileSync(join(source, name), 'utf8')),
      );
    t.same(calling, ['modules/identity/sign-on/oidc-client.ts']);
  },
);
