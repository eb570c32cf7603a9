import t, { type Test } from 'tap';
import { isApiError } from './api-error.js';
import { makeQueryClient } from './query-client.js';
import { get, post, request } from './request.js';
import { meQuery } from './session.js';

type Answer = (input: Request) => Response | Promise<Response>;

/** Answers in place of the network and keeps what was asked. */
function answering(t: Test, answer: Answer): Request[] {
  const asked: Request[] = [];
  t.intercept(globalThis, 'fetch', {
    value: async (url: string, init: RequestInit) => {
      const { credentials: _, ...rest } = init;
      const input = new Request(new URL(url, 'http://console.test'), rest);
      asked.push(input);
      init.signal?.throwIfAborted();
      return answer(input);
    },
  });
  return asked;
}

const problem = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'x-request-id': 'from-header' } });

t.test('a problem becomes a typed error with its request id', async (t) => {
  answering(t, () =>
    problem(409, { code: 'conflict', detail: 'taken', requestId: 'r1', errors: [{ path: 'body.name', message: 'x' }] }),
  );
  const error = await get('/users').catch((thrown: unknown) => thrown);
  t.ok(isApiError(error, 'conflict'));
  t.match(error, { status: 409, requestId: 'r1', message: 'taken', fields: [{ path: 'body.name' }] });
});

t.test('what is no problem+json is still told apart by its status', async (t) => {
  answering(t, () => new Response('<html>bad gateway</html>', { status: 502, headers: { 'x-request-id': 'p1' } }));
  const error = await get('/units').catch((thrown: unknown) => thrown);
  t.match(error, { code: 'unavailable', status: 502, requestId: 'p1' });
});

t.test('nobody there is unavailable, the caller’s own abort is its own', async (t) => {
  answering(t, () => {
    throw new TypeError('fetch failed');
  });
  t.match(await get('/me').catch((thrown: unknown) => thrown), { code: 'unavailable', status: 0 });
  const left = new AbortController();
  left.abort(new Error('left the page'));
  await t.rejects(get('/me', { signal: left.signal }), { message: 'left the page' });
});

t.test('headers: a key for each intent, the ETag that was seen, no key on reads', async (t) => {
  const asked = answering(t, () => new Response('{"ok":true}', { headers: { etag: '"4"' } }));
  t.same(await request('PATCH', '/units/u', { body: { name: 'x' }, ifMatch: '"3"' }), {
    data: { ok: true },
    etag: '"4"',
  });
  await post('/session', {}, { idempotencyKey: 'k1' });
  await post('/session', {});
  await get('/units', { query: { q: 'a b', hallId: undefined, limit: 5, state: ['x', 'y'] } });
  const [patched, first, second, read] = asked;
  t.equal(patched?.headers.get('if-match'), '"3"');
  t.equal(first?.headers.get('idempotency-key'), 'k1');
  t.match(second?.headers.get('idempotency-key'), /^[0-9a-f-]{36}$/);
  t.equal(read?.headers.get('idempotency-key'), null);
  t.equal(read && new URL(read.url).search, '?q=a+b&limit=5&state=x&state=y');
});

t.test('a session that ended brings the sign-in', async (t) => {
  answering(t, () => problem(401, { code: 'unauthenticated' }));
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, {} as never);
  await t.rejects(client.fetchQuery({ queryKey: ['x'], queryFn: () => get('/units') }));
  t.equal(client.getQueryData(meQuery.queryKey), null);
  client.clear();
});
