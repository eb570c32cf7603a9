import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, webcrypto } from 'node:crypto';
import path from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { type Finding, findingNumber, sealHash } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { makeCa, type TestCa } from '../identity/__fixtures__/test-gateway.js';
import type { UnitIdentity } from '../identity/index.js';
import { openIdentity } from '../identity/unit-identity.js';
import { sm3 } from './evidence/hashes.js';
import { began, ended, findingUnit, outcomes, pictures } from './findings/__fixtures__/finding-unit.js';
import { verifyFindings } from './verify-findings.js';

const unitId = uuidv7();
const dayMs = 86_400_000;

const identityOf = async (
  ca: TestCa,
  { name = unitId, trust = ca, to = Date.now() + 90 * dayMs, keys = newKeys() } = {},
): Promise<UnitIdentity> => {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const publicKey = await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
  return openIdentity({
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: await ca.issue({ name, publicKey, use: 'client', to }),
    trust: { version: '1', certificates: [trust.certificate] },
  });
};
const newKeys = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** A unit that has told some findings, the last of them by another certificate than the first. */
const setup = async (t: Test) => {
  const ca = await makeCa();
  const held = { identity: (await identityOf(ca)) as UnitIdentity | undefined };
  const one = await findingUnit(path.join(t.testdir(), 'data'), { identity: () => held.identity });
  t.teardown(() => one.die());
  await one.desk.start();
  const tell = async () => {
    const episodeId = uuidv7();
    await one.desk.take(outcomes(began(episodeId)));
    await one.desk.take(pictures(one, episodeId));
    await one.desk.take(outcomes(ended(episodeId)));
    return episodeId;
  };
  const sources = { book: one.book, evidence: one.evidence, identity: () => held.identity };
  const { db } = one.store.hub.commit;
  /** Somebody with the unit’s disk in hand. */
  const rewrite = (rowId: string, change: (finding: Finding) => Finding) => {
    const body = db.prepare('SELECT body FROM vision_finding WHERE row_id = ?').pluck().get(rowId);
    const finding = change(JSON.parse(String(body)));
    const sql = 'UPDATE vision_finding SET body = ?, hash = ? WHERE row_id = ?';
    db.prepare(sql).run(JSON.stringify(finding), finding.seal.hash, rowId);
  };
  return { ca, held, one, tell, sources, rewrite, db };
};

/** Changed and sealed anew, as well as one can without the key. */
const forged = (finding: Finding, seal: Partial<Finding['seal']> = {}): Finding => {
  const changed = { ...finding, detail: 'nothing to be seen' };
  return { ...changed, seal: { ...finding.seal, hash: sealHash(finding.seal.previous, changed, { sm3 }), ...seal } };
};

t.test('a finding of before a renewal is proved by the certificate of then', async (t) => {
  const { ca, held, tell, sources, one } = await setup(t);
  const before = await tell();
  const first = held.identity?.endsAt;
  held.identity = await identityOf(ca, { to: Date.now() + 200 * dayMs });
  const after = await tell();
  for (const [episodeId, to] of [
    [before, first],
    [after, held.identity.endsAt],
  ] as const) {
    t.match(await verifyFindings(sources, { event: episodeId }), {
      verdict: 'right',
      rows: [
        { signature: 'right', isInChain: true, certificate: { to } },
        { signature: 'right', isInChain: true },
      ],
    });
  }
  const number = findingNumber(before).toLowerCase().replace('-', ' ');
  t.match(await verifyFindings(sources, { event: number }), { episodeId: before }, 'as people type it');
  await t.rejects(verifyFindings(sources, { event: 'nothing' }), { code: 'not_found' });
  one.book.commit.db.exec('DELETE FROM vision_certificate');
  t.match(await verifyFindings(sources, { event: before }), {
    verdict: 'unproven',
    rows: [{ signature: 'unknown' }, {}],
  });
  t.match(await verifyFindings(sources, { event: after }), { verdict: 'right' }, 'today’s own is at hand');
});

t.test('what somebody with the disk in hand cannot do', async (t) => {
  const { ca, held, tell, sources, rewrite, db, one } = await setup(t);
  const [episodeId] = [await tell(), await tell()];
  const verdict = async () => (await verifyFindings(sources, { event: episodeId })).verdict;
  const whole = one.book.episode(episodeId)[0]?.finding as Finding;
  t.equal(await verdict(), 'right');
  rewrite(episodeId, (finding) => ({ ...finding, detail: 'nothing to be seen' }));
  t.equal(await verdict(), 'changed', 'to change it');
  rewrite(episodeId, () => forged(whole));
  t.equal(await verdict(), 'changed', 'to seal it anew');
  rewrite(episodeId, () => forged(whole, { signature: null, certificateSerial: null }));
  t.equal(await verdict(), 'changed', 'to leave the signature away: the chain goes on from another');

  // A key of one's own, with a certificate in the books that nobody vouches for, or that is another unit's.
  const strangers = [await identityOf(await makeCa('Of nobody')), await identityOf(ca, { name: uuidv7() })];
  for (const stranger of strangers) {
    const { X509Certificate } = await import('node:crypto');
    const serial = new X509Certificate(stranger.certificates[0] ?? '').serialNumber;
    db.prepare('INSERT OR REPLACE INTO vision_certificate VALUES (?, ?, 1)').run(
      serial,
      JSON.stringify([...stranger.certificates, ...(held.identity?.certificates ?? [])]),
    );
    const made = forged(whole, { certificateSerial: serial });
    const signature = stranger.sign(Buffer.from(made.seal.hash, 'hex')).toString('base64');
    rewrite(episodeId, () => ({ ...made, seal: { ...made.seal, signature } }));
    const proof = await verifyFindings(sources, { event: episodeId });
    t.not(proof.verdict, 'right');
    t.equal(proof.rows[0]?.signature, 'unknown');
  }
  held.identity = undefined;
  rewrite(episodeId, () => whole);
  t.equal(await verdict(), 'unproven', 'a unit that trusts nobody proves nothing');
});

t.test('a file is a finding’s where that names it as evidence, and nothing else it mentions', async (t) => {
  const { tell, sources, one } = await setup(t);
  const episodeId = await tell();
  const [evidence] = one.book.episode(episodeId)[0]?.finding.evidence ?? [];
  const { sha256, sm3: chinese } = evidence as NonNullable<typeof evidence>;
  t.match(await verifyFindings(sources, { file: { sha256, sm3: chinese } }), {
    verdict: 'right',
    file: { role: 'overview', state: 'right' },
  });
  const other = createHash('sm3').update('other').digest('hex');
  t.match(await verifyFindings(sources, { file: { sha256, sm3: other } }), {
    verdict: 'changed',
    file: { state: 'changed' },
  });
  // The model's hash stands in each finding too.
  await t.rejects(verifyFindings(sources, { file: { sha256: '0'.repeat(64), sm3: other } }), { code: 'not_found' });
});
