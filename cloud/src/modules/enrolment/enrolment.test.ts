import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, createSign, X509Certificate as NodeCertificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { enrolAnswerSchema, parseEnrolmentCode, parseEnrolmentLink, type UnitSnapshot } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { unitAuthenticator } from '../fleet/authenticate-unit.js';
import { makeTestRequest, openTestPki } from '../pki/testing.js';
import { X509Crl } from '../pki/x509.js';
import { addresses, callerOf, codeOf, dayMs, enrolled, ip, makeCode, requestFor, setup } from './testing.js';

t.test('from a code to a certificate that an outside party accepts', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const { code, link, gateway } = await makeCode(s, unitId);
  t.same(parseEnrolmentLink(link), { code, gateway });
  const root = new NodeCertificate(s.deps.pki.trust().certificates[0] ?? '');
  const pinned = createHash('sha256').update(root.raw).digest().subarray(0, 10);
  t.same(Buffer.from(parseEnrolmentCode(code)?.caFingerprint ?? []), pinned, 'the code proves the cloud');

  const { csr } = await makeTestRequest();
  const answer = await s.handlers.enrol(requestFor(code, csr), { ip });
  t.ok(enrolAnswerSchema.safeParse(answer).success);
  t.match(answer, { unitId, replacement: false, gateway: addresses.gateway, mqtt: addresses.mqtts });

  const folder = mkdtempSync(join(tmpdir(), 'hallhub-enrol-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ ca: root.toString(), leaf: answer.certificate })) {
    writeFileSync(join(folder, name), text);
  }
  const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', join(folder, 'ca')];
  t.match(execFileSync('openssl', [...verify, join(folder, 'leaf')], { encoding: 'utf8' }), /OK/);
  const leaf = new NodeCertificate(answer.certificate);
  t.equal(leaf.subject, `CN=${unitId}`, 'the subject of the request is ignored');
  t.equal(leaf.subjectAltName, `URI:urn:uuid:${unitId}`);
  t.same(await s.deps.pki.judgeCertificate(leaf.raw), { ok: true, unitId });

  t.equal(
    await unitAuthenticator(s.database).authenticateUnit(unitId, answer.secret),
    false,
    'its secret opens nothing',
  );
  const owner = await s.app.signInAs('owner');
  t.match(await owner.get(`/units/${unitId}`), { body: { certificate: { state: 'valid' }, codeUntil: null } });
  t.match(await owner.get(`/units/${unitId}/certificates`), {
    body: { items: [{ state: 'valid', issuedBy: 'enrolled' }] },
  });
  t.match(await owner.get(`/units/${unitId}/enrolment-codes`), {
    body: { items: [{ state: 'used', usedFrom: ip, hardware: { model: 'box', hostName: 'hall-1' } }] },
  });
  t.match(await s.app.auditRows('unit.enrolled'), [{ actorName: 'unit', ip, targetId: unitId, hallId: s.app.hallId }]);
  t.ok(
    s.app.published.some(({ type, data }) => type === 'unit.changed' && (data as { unitId: string }).unitId === unitId),
  );
  t.equal((await owner.post(`/units/${unitId}/secret`)).status, 409, 'nor does a new one');
});

t.test('an answer that was lost is given again, to the same key, for ten minutes', async (t) => {
  const s = await setup(t);
  const { code } = await makeCode(s, await s.newUnit());
  const { csr } = await makeTestRequest();
  const first = await s.handlers.enrol(requestFor(code, csr), { ip });
  s.clock.jump(9 * 60_000);
  const again = await s.handlers.enrol(requestFor(code, csr), { ip });
  t.same({ ...again, serverTime: 0 }, { ...first, serverTime: 0 }, 'the same secret and certificate');
  const other = await makeTestRequest();
  t.equal(await codeOf(s.handlers.enrol(requestFor(code, other.csr), { ip: '198.51.100.1' })), 'code_used');
  s.clock.jump(2 * 60_000);
  t.equal(await codeOf(s.handlers.enrol(requestFor(code, csr), { ip })), 'code_used');
  t.match(await s.app.auditRows('unit.enrolment_refused'), [
    { ip: '198.51.100.1', after: { reason: 'code_used', attempt: 1 } },
    { ip, after: { reason: 'code_used', attempt: 2 } },
  ]);
  t.equal((await s.app.auditRows('unit.enrolled')).length, 1);
});

t.test('used at once by many: exactly one wins', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const { code } = await makeCode(s, unitId);
  const requests = await Promise.all(Array.from({ length: 8 }, () => makeTestRequest()));
  const codes = await Promise.all(requests.map(({ csr }) => codeOf(s.handlers.enrol(requestFor(code, csr), { ip }))));
  t.same(codes.sort(), [...Array(7).fill('code_used'), 'no error']);
  const owner = await s.app.signInAs('owner');
  t.equal((await owner.get(`/units/${unitId}/certificates`)).body.items.length, 1);
});

t.test('codes that are worth nothing', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const { csr } = await makeTestRequest();
  const attempt = (code: string, request = csr) => codeOf(s.handlers.enrol(requestFor(code, request), { ip }));

  const first = await makeCode(s, unitId);
  t.equal(
    await codeOf(s.handlers.enrol({ ...requestFor(first.code, csr), code: '0'.repeat(15) }, { ip })),
    'code_unknown',
  );
  const second = await makeCode(s, unitId);
  t.equal(await attempt(first.code), 'code_expired', 'a newer code ends the older');
  const engineer = await s.app.signInAs('field-engineer');
  t.equal((await engineer.delete(`/units/${unitId}/enrolment-codes/${second.id}`)).status, 204);
  t.equal(await attempt(second.code), 'code_expired', 'withdrawn');
  t.equal((await s.app.auditRows('unit.enrolment_code_withdrawn')).length, 1);

  const third = await makeCode(s, unitId);
  s.clock.jump(dayMs);
  t.equal(await attempt(third.code), 'code_expired', 'after a day');

  const fourth = await makeCode(s, unitId);
  const curve = await makeTestRequest('P-384');
  t.equal(await attempt(fourth.code, curve.csr), 'csr_invalid', 'another curve');
  const forged = csr.replace(/.{8}(?=\n-----END)/, (end) => end.split('').reverse().join(''));
  t.equal(await attempt(fourth.code, forged), 'csr_invalid', 'not signed by its key');
  t.equal(await attempt(fourth.code), 'no error', 'none of which used it up');

  const other = await s.newUnit('另一个单元');
  const stolen = await makeCode(s, other);
  for (let i = 0; i < 10; i++) t.equal(await attempt(stolen.code), 'csr_invalid', 'the key of another unit');
  const fresh = await makeTestRequest();
  t.equal(await attempt(stolen.code, fresh.csr), 'code_expired', 'tried too often');
  const refused = (await s.app.auditRows('unit.enrolment_refused')).filter(({ targetId }) => targetId === other);
  t.equal(refused.length, 10, 'and a dead code writes no more');
});

t.test('an archived unit gets nowhere, and archiving revokes', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const held = await enrolled(s, unitId);
  const revoked: string[] = [];
  t.teardown(s.deps.pki.onRevoked((id) => void revoked.push(id)));
  const { code } = await makeCode(s, unitId, 'replace');
  const owner = await s.app.signInAs('owner');
  const { version } = (await owner.get(`/units/${unitId}`)).body;
  t.equal((await owner.delete(`/units/${unitId}`, version)).status, 204);
  t.match(await s.deps.pki.judgeCertificate(held.der), { ok: false, reason: 'archived', unitId });
  await s.deps.pki.refresh();
  t.same(revoked, [unitId]);
  const { csr } = await makeTestRequest();
  t.equal(await codeOf(s.handlers.enrol(requestFor(code, csr), { ip })), 'unit_archived');
  t.equal(await codeOf(s.handlers.renew({ v: 1, csr }, callerOf(unitId, held.der))), 'unit_archived');
  t.match(await owner.get(`/units/${unitId}/certificates`), { body: { items: [{ revokedWhy: 'archived' }] } });
});

t.test('renewal: a new certificate beside the old one', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const { der } = await enrolled(s, unitId);
  s.clock.jump(60 * dayMs);
  const { csr } = await makeTestRequest();
  const renewed = await s.handlers.renew({ v: 1, csr }, callerOf(unitId, der));
  const fresh = new NodeCertificate(renewed.certificate);
  for (const held of [der, fresh.raw]) t.match(await s.deps.pki.judgeCertificate(held), { ok: true, unitId });
  t.equal(
    (await s.handlers.renew({ v: 1, csr }, callerOf(unitId, der))).certificate,
    renewed.certificate,
    'a lost answer',
  );
  s.clock.jump(31 * dayMs);
  t.match(await s.deps.pki.judgeCertificate(der), { ok: false, reason: 'expired' });
  t.match(await s.deps.pki.judgeCertificate(fresh.raw), { ok: true });
  let owner = await s.app.signInAs('owner');
  t.match(await owner.get(`/units/${unitId}/certificates`), {
    body: {
      items: [
        { state: 'valid', issuedBy: 'renewed' },
        { state: 'expired', replacedBy: String },
      ],
    },
  });
  t.equal((await s.app.auditRows('unit.certificate_renewed')).length, 1);
  const storm = async () =>
    codeOf(s.handlers.renew({ v: 1, csr: (await makeTestRequest()).csr }, callerOf(unitId, fresh.raw)));
  const codes = [];
  for (let i = 0; i < 14; i++) codes.push(await storm());
  t.equal(codes.at(-1), 'too_many_requests');
  s.clock.jump(59 * dayMs);
  owner = await s.app.signInAs('owner');
  t.match(await owner.get(`/units/${unitId}`), { body: { certificate: { state: 'valid' } } });
  s.clock.jump(15 * dayMs);
  owner = await s.app.signInAs('owner');
  t.match(await owner.get(`/units/${unitId}`), { body: { certificate: { state: 'expiring' } } });
});

t.test('revocation: refused at once, everywhere, and in the list for outside brokers', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const held = await enrolled(s, unitId);
  const other = await enrolled(s, await s.newUnit('别的单元'));
  const second = await openTestPki(t, s.database, { clock: s.clock });
  const told: string[] = [];
  t.teardown(second.onRevoked((id) => void told.push(id)));
  const observer = await s.app.signInAs('observer');
  const engineer = await s.app.signInAs('field-engineer');
  const foreigner = await s.app.signInAs('owner', { tenant: 'other' });
  const path = `/units/${unitId}/certificates/revoke`;
  t.equal((await observer.post(path, { reason: 'lost' })).status, 403);
  t.equal((await foreigner.post(path, { reason: 'lost' })).status, 404);
  t.equal((await foreigner.get(`/units/${unitId}/certificates`)).status, 404);
  t.match(await engineer.post(path, { reason: 'lost' }), { status: 200, body: { revoked: 1 } });
  t.match(await second.judgeCertificate(held.der), { ok: false, reason: 'revoked', unitId });
  s.clock.jump(2_000);
  await second.refresh();
  t.same(told, [unitId], 'another process hears of it, once');
  await second.refresh();
  t.same(told, [unitId]);
  t.match(await second.judgeCertificate(other.der), { ok: true }, 'its neighbour is unharmed');
  t.match(await s.app.auditRows('unit.certificates_revoked'), [{ after: { reason: 'lost' } }]);
  const { csr } = await makeTestRequest();
  t.equal(await codeOf(s.handlers.renew({ v: 1, csr }, callerOf(unitId, held.der))), 'certificate_revoked');
  t.equal(await codeOf(s.handlers.renew({ v: 1, csr: held.csr }, callerOf(unitId, held.der))), 'certificate_revoked');

  const pem = (await s.app.caller('').get('/pki/crl.pem')).body as string;
  const list = new X509Crl(pem);
  t.ok(list.findRevoked(new NodeCertificate(held.answer.certificate).serialNumber.toLowerCase()));
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-crl-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const trust = (await s.app.caller('').get('/pki/trust.pem')).body as string;
  const files = { crl: pem, ca: trust, revoked: held.answer.certificate, good: other.answer.certificate };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const check = (name: string) =>
    execFileSync(
      'openssl',
      ['verify', '-crl_check', '-CRLfile', join(folder, 'crl'), '-CAfile', join(folder, 'ca'), join(folder, name)],
      { encoding: 'utf8', stdio: 'pipe' },
    );
  t.match(check('good'), /OK/);
  t.throws(() => check('revoked'), /certificate revoked/);
});

t.test('a swap: the successor has the snapshot, the predecessor nothing', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const before = await enrolled(s, unitId);
  const caller = callerOf(unitId, before.der);
  t.equal(await s.handlers.getSnapshot(caller), null);
  const snapshot = (n: number): UnitSnapshot => ({
    ...{ v: 1, madeAt: s.clock.now(), software: '0.1.0', files: { 'edge.yaml': `version: ${n}` } },
    tables: { devices: [{ id: uuidv7(), name: `设备 ${n}` }] },
  });
  for (let n = 1; n <= 8; n++) {
    s.clock.jump(60_000);
    await s.handlers.putSnapshot(snapshot(n), caller);
  }
  const rows = await s.database.ownerPool.query('SELECT sealed FROM unit_snapshots');
  t.equal(rows.rows.length, 5, 'the last five');
  t.notOk(
    rows.rows.some(({ sealed }) => sealed.includes('edge.yaml') || sealed.includes('version')),
    'sealed',
  );
  const same = snapshot(9);
  await s.handlers.putSnapshot(same, caller);
  await s.handlers.putSnapshot({ ...same, madeAt: same.madeAt + 1 }, caller);
  t.equal(
    (await s.database.ownerPool.query('SELECT 1 FROM unit_snapshots')).rowCount,
    5,
    'nothing new is not kept twice',
  );

  const engineer = await s.app.signInAs('field-engineer');
  t.equal((await engineer.post(`/units/${unitId}/enrolment-codes`, { kind: 'new' })).status, 409, 'it is enrolled');
  const after = await enrolled(s, unitId, 'replace');
  t.match(after.answer, { unitId, replacement: true });
  t.not(after.answer.secret, before.answer.secret);
  t.match(await s.deps.pki.judgeCertificate(before.der), { ok: false, reason: 'revoked' });
  t.match(await s.deps.pki.judgeCertificate(after.der), { ok: true, unitId });
  t.equal(await codeOf(s.handlers.getSnapshot(caller)), 'certificate_revoked', 'a request that began before the swap');
  t.equal(await codeOf(s.handlers.putSnapshot(snapshot(10), caller)), 'certificate_revoked');
  t.match(await s.handlers.getSnapshot(callerOf(unitId, after.der)), { ...same, madeAt: same.madeAt + 1 });
  t.equal((await s.app.auditRows('unit.replaced')).length, 1);
  t.equal((await s.app.auditRows('unit.snapshot_fetched')).length, 1);
});

t.test('rights and tenants', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const path = `/units/${unitId}/enrolment-codes`;
  for (const [role, options, status] of [
    ['observer', {}, 403],
    ['hall-manager', {}, 403],
    ['field-engineer', { hallIds: [s.app.otherHallId] }, 404],
    ['owner', { tenant: 'other' }, 404],
    ['field-engineer', { hallIds: [s.app.hallId] }, 201],
  ] as const) {
    const person = await s.app.signInAs(role, options as never);
    t.equal((await person.post(path, { kind: 'new' })).status, status, `${role} ${JSON.stringify(options)}`);
  }
  const other = await s.app.signInAs('owner', { tenant: 'other' });
  t.equal((await other.get(path)).status, 404);
  t.equal((await s.app.caller('').get(path)).status, 401);
  const { rows } = await s.database.appPool.query('SELECT * FROM enrolment_codes');
  t.same(rows, [], 'the second wall');
  await t.rejects(s.database.appPool.query('SELECT * FROM ca_keys'), /permission denied/);
});

t.test('what a unit signs is known as its own', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const { answer, privateKeyPem } = await enrolled(s, unitId);
  const stranger = await makeTestRequest();
  const { pki } = s.deps;
  const document = Buffer.from('bundle header');
  const signature = createSign('sha256').update(document).sign(privateKeyPem);
  const chain = [answer.certificate];
  t.equal(await pki.verifyUnit(document, signature, chain), unitId);
  t.equal(await pki.verifyUnit(Buffer.from('other'), signature, chain), null);
  t.equal(
    await pki.verifyUnit(document, createSign('sha256').update(document).sign(stranger.privateKeyPem), chain),
    null,
  );
  t.equal(await pki.verifyUnit(document, signature, [pki.trust().certificates[0] ?? '']), null);
  t.equal(await pki.verifyUnit(document, signature, []), null);
  t.equal(
    await pki.verifyUnit(document, signature, ['-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n']),
    null,
  );
  s.clock.jump(100 * dayMs);
  t.equal(await pki.verifyUnit(document, signature, chain), unitId, 'signed in time, carried long');
  t.ok(createPublicKey(privateKeyPem));
});

t.test('whatever comes as a request is refused with a code, never with a crash', async (t) => {
  const s = await setup(t);
  const { csr } = await makeTestRequest();
  const body = csr.split('\n').slice(1, -2).join('');
  const damaged = fc
    .tuple(fc.nat(body.length - 1), fc.base64String({ minLength: 1, maxLength: 12 }))
    .map(([at, text]) => {
      const changed = body.slice(0, at) + text + body.slice(at + text.length);
      return `-----BEGIN CERTIFICATE REQUEST-----\n${changed}\n-----END CERTIFICATE REQUEST-----\n`;
    });
  await fc.assert(
    fc.asyncProperty(damaged, async (pem) => {
      const code = await codeOf(s.handlers.enrol({ ...requestFor('', pem), code: '0'.repeat(15) }, { ip }));
      return code === 'csr_invalid' || code === 'code_unknown';
    }),
    { numRuns: 150 },
  );
});

t.test('a renewal whose body was sent slowly across a swap or a revocation gets nothing', async (t) => {
  const s = await setup(t);
  const unitId = await s.newUnit();
  const thief = await enrolled(s, unitId);
  const successor = await enrolled(s, unitId, 'replace');
  const renew = async (der: Uint8Array) =>
    codeOf(s.handlers.renew({ v: 1, csr: (await makeTestRequest()).csr }, callerOf(unitId, der)));
  // The gateway judged the connection before it read the body: the verb must look again, in its own transaction.
  t.equal(await renew(thief.der), 'certificate_revoked');
  t.equal(await renew(successor.der), 'no error');
  const other = await enrolled(s, await s.newUnit('别的单元'));
  t.equal(await renew(other.der), 'certificate_unknown', 'nor by another unit’s certificate');
  t.equal((await s.app.auditRows('unit.certificate_renewed')).length, 1);
});
