import { createHash, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { type Finding, findingNumber, firstSeal, sealHash } from '@hallhub/shared/vision';
import t from 'tap';
import { folderBlobStore } from '../../blobs/index.js';
import { addTestCertificate } from '../pki/testing.js';
import { reviewRoutes } from './review-routes.js';
import { sm3 } from './seal.js';
import { bringUpCamera, testFinding } from './testing.js';

const hourMs = 3_600_000;

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-hostile-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const blobs = folderBlobStore(join(folder, 'blobs'));
  const hall = await bringUpCamera(t, { routes: () => reviewRoutes({ blobs } as never) });
  const owner = await hall.cloud.signInAs('owner');
  const addFile = async (text: string) => {
    const [id, bytes] = [uuidv7(), Buffer.from(text)];
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const draft = join(folder, id);
    writeFileSync(draft, bytes);
    await blobs.adopt({ tenantId: hall.cloud.tenantId, sha256 }, draft);
    await hall.rows(
      `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, device_id, state, name, media_type, bytes, sha256, made_at, manifest_at, received_at,
         changed_at, stored_sha256, stored_bytes, stored_at)
       VALUES ($1, $2, $3, $4, $5, 'complete', 'x', 'image/jpeg', $6, decode($7, 'hex'), now(), now(), now(), now(), decode($7, 'hex'), $6, now())`,
      [hall.cloud.tenantId, id, hall.cloud.unit.unitId, hall.cloud.hallId, hall.cameraId, bytes.length, sha256],
    );
    return { id, role: 'overview' as const, sha256, sm3: sm3(bytes), bytes: bytes.length };
  };
  return { ...hall, owner, addFile };
};

t.test('a key that was lost signs nothing of a time after that; one that was replaced did sign', async (t) => {
  const { find, rows, owner, cloud } = await setup(t);
  const { row, privateKeyPem } = await addTestCertificate(t, cloud.db, cloud.unit.unitId);
  const lostMs = cloud.clock.now() - 2 * hourMs;
  const seal = (data: Finding): Finding => {
    const hash = sealHash(firstSeal, data, { sm3 });
    const signature = sign('sha256', Buffer.from(hash, 'hex'), privateKeyPem).toString('base64');
    return { ...data, seal: { previous: firstSeal, hash, signature, certificateSerial: row.serial } };
  };
  const before = seal(testFinding({ startedAt: lostMs - hourMs }));
  const after = seal(testFinding({ startedAt: lostMs + hourMs }));
  await find(before, after);
  const signatureOf = async ({ episodeId }: Finding) =>
    (await owner.post(`/review/findings/${episodeId}/verification`)).body.rows[0].signature;
  t.equal(await signatureOf(after), 'valid');
  const revoke = (why: string) =>
    rows(`UPDATE unit_certificates SET revoked_at = $2, revoked_seen = now(), revoked_why = $3 WHERE id = $1`, [
      ...[row.id, new Date(lostMs), why],
    ]);
  await revoke('compromised');
  t.equal(await signatureOf(before), 'valid');
  t.equal(await signatureOf(after), 'invalid');
  t.equal((await owner.post(`/review/findings/${after.episodeId}/verification`)).body.result, 'broken');
  await revoke('replaced');
  t.equal(await signatureOf(after), 'valid');
});

t.test('in an export a picture stands for its own finding, though another has the same number', async (t) => {
  const { find, addFile, owner, cloud } = await setup(t);
  const base = cloud.clock.now() - hourMs;
  const one = testFinding({ startedAt: base, evidence: [await addFile('the one')] });
  const twin = `${uuidv7().slice(0, -10)}${one.episodeId.slice(-10)}`;
  const other = testFinding({ episodeId: twin, startedAt: base + 600_000, evidence: [await addFile('another one')] });
  await find(one, other);
  const number = findingNumber(one.episodeId);
  t.equal(number, findingNumber(other.episodeId));
  const headers = { cookie: owner.cookie };
  const answer = await cloud.app.request('http://hallhub.test/api/v1/review/export', { headers });
  t.equal(answer.status, 200);
  const zip = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  for (const name of [`${number}-overview.jpg`, `${number}-overview-2.jpg`])
    t.ok(zip.includes(`pictures/${name}`), name);
  t.ok(zip.includes('the one') && zip.includes('another one'), 'both are there');
});
