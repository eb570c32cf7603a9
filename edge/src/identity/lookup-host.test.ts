import dgram from 'node:dgram';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { dialTls } from './dial-tls.js';
import { lookupHost } from './lookup-host.js';

t.test('name servers that say nothing are given up, in words', async (t) => {
  let asked = 0;
  const server = dgram.createSocket('udp4', () => {
    asked++;
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const lookup = lookupHost({ servers: [`127.0.0.1:${port}`], platform: 'linux', timeoutMs: 100 });
  await t.rejects(dialTls({ host: 'cloud.example', port: 443, check: undefined, lookup }), {
    code: 'link_lost',
    message: /no name server answers/,
    hint: /name server/,
  });
  t.ok(asked > 0);
  const silent = lookupHost({ servers: [`127.0.0.1:${port}`], platform: 'linux', timeoutMs: 60_000 });
  const stop = new AbortController();
  const dialling = dialTls({ host: 'cloud.example', port: 443, check: undefined, lookup: silent, signal: stop.signal });
  stop.abort();
  await t.rejects(dialling, { code: 'cancelled' });
});

t.test('a name of the machine’s own is not asked of anybody', async (t) => {
  const lookup = lookupHost({ servers: ['127.0.0.1:1'], platform: 'linux' });
  const address = await new Promise<unknown>((resolve, reject) =>
    lookup('localhost', { all: false }, (error, found) => (error ? reject(error) : resolve(found))),
  );
  t.match(address, /^(127\.0\.0\.1|::1)$/);
});
