import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import type { Database } from '../../db/index.js';
import { startTestDatabase } from '../../db/testing.js';
import { openPki } from './open-pki.js';

const log = pino({ level: 'silent' });
const secret = 'an installation secret of enough length';
const hosts = ['127.0.0.1', 'localhost', '::1', 'hub.example'];

const open = async (
  t: { teardown(fn: () => unknown): unknown },
  database: Database,
  clock = new ManualClock(Date.now()),
) => {
  const pki = await openPki({ database, secret, hosts, clock, log });
  t.teardown(() => pki.close());
  return pki;
};

t.test('two processes that start at once on an empty database have one authority', async (t) => {
  const database = await startTestDatabase(t);
  const opened = await Promise.all([1, 2, 3].map(() => open(t, database)));
  t.equal(new Set(opened.map((pki) => pki.trust().certificates[0])).size, 1);
  t.equal(new Set(opened.map((pki) => pki.trust().version)).size, 1);
  const again = await open(t, database);
  t.same(again.trust(), opened[0]?.trust(), 'also after a restart');
});

t.test('another secret is a clear configuration error, and changes nothing', async (t) => {
  const database = await startTestDatabase(t);
  await open(t, database);
  const wrong = openPki({ ...{ database, hosts, log }, clock: new ManualClock(), secret: `${secret}!` });
  await t.rejects(wrong, { code: 'configuration', hint: /HALLHUB_SECRET/ });
  await open(t, database);
});

t.test('an outside party accepts the server certificate and documents', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-pki-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const database = await startTestDatabase(t);
  const pki = await open(t, database);
  const { cert } = pki.serverCredentials();
  const [leaf, root] = cert.split(/(?<=-----END CERTIFICATE-----\n)/);
  t.equal(root, pki.trust().certificates[0]);
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const ca = file('ca.pem', root ?? '');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
  for (const name of [
    ['-verify_ip', '127.0.0.1'],
    ['-verify_ip', '::1'],
    ['-verify_hostname', 'hub.example'],
  ]) {
    t.match(
      openssl('verify', '-x509_strict', '-purpose', 'sslserver', ...name, '-CAfile', ca, file('leaf.pem', leaf ?? '')),
      /OK/,
    );
  }
  const document = Buffer.from('a monthly report');
  const signature = await pki.sign(document);
  t.ok(await pki.verify(document, signature));
  t.notOk(await pki.verify(Buffer.from('another'), signature));
  t.notOk(await pki.verify(document, { ...signature, certificates: [leaf ?? ''] }), 'a server is no signer');
  const signer = file('signer.pem', signature.certificates[0] ?? '');
  t.match(openssl('verify', '-x509_strict', '-CAfile', ca, signer), /OK/);
  const key = file('signer.pub', openssl('x509', '-in', signer, '-noout', '-pubkey'));
  const sig = file('sig', Buffer.from(signature.signature, 'base64'));
  t.match(openssl('dgst', '-sha256', '-verify', key, '-signature', sig, file('doc', document)), /Verified OK/);
  const other = await open(t, database);
  t.ok(await other.verify(document, signature), 'any process of the installation checks it');
});

t.test('what is sealed opens with its own context only', async (t) => {
  const pki = await open(t, await startTestDatabase(t));
  const sealed = pki.seal(Buffer.from('secret'), 'a');
  t.equal(Buffer.from(pki.unseal(sealed, 'a')).toString(), 'secret');
  t.throws(() => pki.unseal(sealed, 'b'), { code: 'configuration' });
  t.throws(() => pki.unseal(sealed.subarray(0, 12), 'a'), { code: 'configuration' });
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  t.throws(() => pki.unseal(sealed, 'a'), { code: 'configuration' });
  t.notSame(pki.seal(Buffer.from('x'), 'a'), pki.seal(Buffer.from('x'), 'a'));
});

t.test('the server certificate is renewed before its end', async (t) => {
  const clock = new ManualClock(Date.now());
  const pki = await open(t, await startTestDatabase(t), clock);
  const before = pki.serverCredentials();
  let changes = 0;
  const stop = pki.onChange(() => changes++);
  clock.jump(19 * 86_400_000);
  await pki.refresh();
  t.equal(pki.serverCredentials(), before);
  clock.jump(2 * 86_400_000);
  await pki.refresh();
  t.not(pki.serverCredentials().cert, before.cert);
  t.equal(changes, 1);
  stop();
});
