import { Readable } from 'node:stream';
import { Hono } from 'hono';
import t from 'tap';
import type { HttpEnv } from './env.js';
import { type MountDeps, mountRoutes } from './mount-routes.js';
import { defineRoute } from './route.js';

t.test('who asks for the head of a file that is made while it is sent keeps nothing open', async (t) => {
  const rows = Readable.from(
    (function* () {
      for (;;) yield Buffer.from('a,b\r\n');
    })(),
  );
  const file = defineRoute({
    ...{ method: 'get', path: '/file', right: 'public', tag: 'Test', summary: 'File', streams: 'text/csv' },
    handler: () => new Response(Readable.toWeb(rows) as ReadableStream, { headers: { 'content-type': 'text/csv' } }),
  });
  const app = new Hono<HttpEnv>();
  mountRoutes(app, [file], {} as MountDeps);
  const over = new Promise((resolve) => rows.once('close', resolve));
  const answer = await app.request('/api/v1/file', { method: 'HEAD' });
  t.equal(answer.headers.get('content-type'), 'text/csv');
  t.equal(answer.body, null);
  await over;
});
