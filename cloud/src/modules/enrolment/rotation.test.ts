import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { parseEnrolmentCode } from '@hallhub/shared/wire';
import t from 'tap';
import type { ServerCredentials } from '../pki/index.js';
import { makeTestRequest, openTestPki } from '../pki/testing.js';
import { callerOf, codeOf, enrolled, ip, makeCode, requestFor, setup } from './testing.js';

/** Who a real TLS client that trusts `ca` takes the server for. */
const handshake = async (
  credentials: ServerCredentials,
  ca: readonly string[],
  client?: { cert: string; key: string },
) => {
  const server = createServer({
    ...{ cert: credentials.cert, key: credentials.key, ca: [...credentials.clientCa] },
    ...{ requestCert: true, rejectUnauthorized: client !== undefined, minVersion: 'TLSv1.2' },
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => socket.on('error', () => {}).end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca: [...ca], ...client });
  try {
    await once(socket, 'data');
    return 'ok';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'failed';
  } finally {
    socket.destroy();
    server.close();
  }
};

/** How the unit finds the CA of its code in what the gateway shows: the last of the chain. */
const rootOf = ({ cert }: ServerCredentials): Buffer =>
  createHash('sha256')
    .update(new X509Certificate(cert.slice(cert.lastIndexOf('-----BEGIN'))).raw)
    .digest()
    .subarray(0, 10);

t.test('a rotation end to end: nobody loses the link', async (t) => {
  const s = await setup(t);
  const { pki } = s.deps;
  const early = await s.newUnit('早入网');
  const unit = await enrolled(s, early);
  const client = { cert: unit.answer.certificate, key: unit.privateKeyPem };
  const oldTrust = pki.trust();
  const owner = await s.app.signInAs('owner');
  const otherProcess = await openTestPki(t, s.database, { clock: s.clock });
  let changes = 0;
  t.teardown(otherProcess.onChange(() => changes++));
  const signed = await pki.sign(Buffer.from('before'));

  t.equal((await (await s.app.signInAs('field-engineer')).get('/certificate-authorities')).status, 403);
  const first = await owner.get('/certificate-authorities');
  t.match(first, { status: 200, body: { next: 'make', items: [{ state: 'active', units: 1, unitsHanging: 1 }] } });
  const oldId = first.body.items[0].id;
  t.equal((await owner.post(`/certificate-authorities/${oldId}/retire`, {})).status, 409, 'it issues');

  s.clock.jump(60_000);
  const made = await owner.post('/certificate-authorities');
  t.match(made, { status: 201, body: { next: 'activate', items: [{ state: 'next', units: 0 }, { state: 'active' }] } });
  const newId = made.body.items[0].id;
  t.equal((await owner.post('/certificate-authorities')).status, 409);
  t.equal(pki.trust().certificates.length, 2, 'told before it issues');
  t.not(pki.trust().version, oldTrust.version);
  await otherProcess.refresh();
  t.same(otherProcess.trust(), pki.trust());
  t.equal(changes, 1);

  const codeBefore = await makeCode(s, await s.newUnit('码在先'));
  t.match(await owner.post(`/certificate-authorities/${newId}/activate`), { status: 200, body: { next: 'retire' } });
  await otherProcess.refresh();
  t.equal(pki.trust().certificates.length, 2);
  t.not(pki.trust().certificates[0], oldTrust.certificates[0], 'the one that issues comes first');
  for (const process of [pki, otherProcess]) {
    const credentials = process.serverCredentials();
    t.equal(await handshake(credentials, oldTrust.certificates, client), 'ok', 'a unit that was told nothing follows');
    t.equal(await handshake(credentials, pki.trust().certificates, client), 'ok');
    t.equal(
      await handshake(credentials, pki.trust().certificates.slice(0, 1), client),
      'ok',
      'who trusts the new one only',
    );
  }
  t.same(rootOf(pki.serverCredentials()), Buffer.from(parseEnrolmentCode(codeBefore.code)?.caFingerprint ?? []));
  const late = await s.newUnit('晚入网');
  const codeAfter = await makeCode(s, late);
  t.same(rootOf(pki.serverCredentials()), Buffer.from(parseEnrolmentCode(codeAfter.code)?.caFingerprint ?? []));
  const lateUnit = await s.handlers.enrol(requestFor(codeAfter.code, (await makeTestRequest()).csr), { ip });
  t.match((await owner.get('/certificate-authorities')).body.items, [{ units: 1 }, { units: 1, unitsHanging: 1 }]);

  const retire = (body: object = {}) => owner.post(`/certificate-authorities/${oldId}/retire`, body);
  t.match(await retire(), { status: 409 });
  t.match(await owner.get(`/certificate-authorities/${oldId}/units`), {
    body: { items: [{ unitId: early, name: '早入网' }], elsewhere: 0 },
  });
  t.match(await s.deps.pki.judgeCertificate(unit.der), { ok: true }, 'the refused step changed nothing');
  const { csr, privateKeyPem } = await makeTestRequest();
  const renewed = await s.handlers.renew({ v: 1, csr }, callerOf(early, unit.der));
  t.match(await retire(), { status: 200, body: { next: 'make', items: [{ state: 'active' }, { state: 'retired' }] } });
  t.equal(pki.trust().certificates.length, 1);
  const now = { cert: renewed.certificate, key: privateKeyPem };
  t.equal(await handshake(pki.serverCredentials(), renewed.trust.certificates, now), 'ok');
  t.not(await handshake(pki.serverCredentials(), oldTrust.certificates, now), 'ok');
  t.match(await pki.judgeCertificate(unit.der), { ok: false, reason: 'revoked' }, 'what it issued is worth nothing');
  t.match(await pki.judgeCertificate(new X509Certificate(lateUnit.certificate).raw), { ok: true });
  t.equal(await codeOf(s.handlers.enrol(requestFor(codeBefore.code, csr), { ip })), 'code_expired', 'its codes ended');
  const { rows } = await s.database.ownerPool.query('SELECT sealed_key FROM ca_keys WHERE id = $1', [oldId]);
  t.same(rows, [{ sealed_key: null }], 'its key is destroyed');
  t.ok(await pki.verify(Buffer.from('before'), signed), 'documents of before stay good');
  const restarted = await openTestPki(t, s.database, { clock: s.clock });
  t.same(restarted.trust(), pki.trust());
  t.same(
    (await s.app.auditRows()).map(({ action }) => action).filter((action) => action.startsWith('pki.')),
    ['pki.next_made', 'pki.activated', 'pki.retired'],
  );
});

t.test('by force: each unit that is given up is named, and only of the own tenant', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const unit = await enrolled(s, unitId);
  const owner = await s.app.signInAs('owner');
  const oldId = (await owner.get('/certificate-authorities')).body.items[0].id;
  const newId = (await owner.post('/certificate-authorities')).body.items[0].id;
  await owner.post(`/certificate-authorities/${newId}/activate`);
  const foreigner = await s.app.signInAs('owner', { tenant: 'other' });
  t.equal(
    (await foreigner.get(`/certificate-authorities/${oldId}/units`)).status,
    403,
    'the authority is the first organisation’s',
  );
  const path = `/certificate-authorities/${oldId}/retire`;
  t.equal((await foreigner.post(path, { giveUp: [unitId] })).status, 403);
  t.equal((await owner.post(path, { giveUp: [oldId] })).status, 409);
  t.equal((await owner.post(path, { giveUp: [unitId] })).status, 200);
  t.match(await s.deps.pki.judgeCertificate(unit.der), { ok: false, reason: 'revoked' });
  t.match(await s.app.auditRows('pki.retired'), [{ after: { lost: [{ unitId }] } }]);
  t.match(await owner.get(`/units/${unitId}`), { body: { certificate: { state: 'revoked' } } });
  const again = await enrolled(s, unitId);
  t.match(await s.deps.pki.judgeCertificate(again.der), { ok: true }, 'a new code brings it back');
});
