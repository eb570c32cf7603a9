import { createHash, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { type Finding, findingNumber, firstSeal, sealHash } from '@hallhub/shared/vision';
import t from 'tap';
import { folderBlobStore } from '../../blobs/index.js';
import type { HasTeardown } from '../../db/testing.js';
import { addTestCertificate } from '../pki/testing.js';
import type { TestLink } from '../streams/test-link.js';
import { reviewRoutes } from './review-routes.js';
import { sm3 } from './seal.js';
import { bringUpCamera, testFinding } from './testing.js';

const minuteMs = 60_000;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-review-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const blobs = folderBlobStore(join(folder, 'blobs'));
  const hall = await bringUpCamera(t, { routes: () => reviewRoutes({ blobs }) });
  const owner = await hall.cloud.signInAs('owner');
  const base = hall.cloud.clock.now() - 6 * 3_600_000;
  const list = async (query = '') => (await owner.get(`/review/items${query}`)).body.items;
  /** A finding each at these minutes, far enough apart to be items of their own. */
  const findAt = async (...minutes: number[]) => {
    const findings = minutes.map((minute) => testFinding({ startedAt: base + minute * minuteMs }));
    await hall.find(...findings);
    return findings;
  };
  const decide = (id: string, version: number, body: object, who = owner) =>
    who.post(`/review/items/${id}/decisions`, body, { 'if-match': `"${version}"` });
  const undo = (id: string, version: number, who = owner) =>
    who.post(`/review/items/${id}/undo`, undefined, { 'if-match': `"${version}"` });
  /** A file with its manifest, in the store. */
  const addFile = async (bytes: Buffer, mediaType = 'image/jpeg', isHere = true) => {
    const id = uuidv7();
    const sha256 = sha256Of(bytes);
    if (isHere) {
      const draft = join(folder, id);
      writeFileSync(draft, bytes);
      await blobs.adopt({ tenantId: hall.cloud.tenantId, sha256 }, draft);
    }
    await hall.rows(
      `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, device_id, state, name, media_type, bytes, sha256, made_at, manifest_at, received_at,
         changed_at, stored_sha256, stored_bytes, stored_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'x', $7, $8, decode($9, 'hex'), now(), now(), now(), now(), decode($10, 'hex'), $8, now())`,
      [
        ...[hall.cloud.tenantId, id, hall.cloud.unit.unitId, hall.cloud.hallId, hall.cameraId],
        ...[isHere ? 'complete' : 'pending', mediaType, bytes.length, sha256, isHere ? sha256 : null],
      ],
    );
    return { id, sha256, sm3: createHash('sm3').update(bytes).digest('hex'), bytes: bytes.length };
  };
  return { ...hall, owner, base, list, findAt, decide, undo, addFile, blobs };
};

t.test('items are listed, found, paged, and shown with their findings', async (t) => {
  const { list, findAt, owner, cameraId, cloud, base } = await setup(t);
  const [first] = (await findAt(0, 10, 20)) as [Finding];
  const all = await list();
  t.match(all, [
    { state: 'open', findings: 1, deviceId: cameraId, deviceName: '大厅球机', rules: [{ algorithm: 'intrusion' }] },
    {},
    {},
  ]);
  const page = (await owner.get('/review/items?limit=2&order=oldest')).body;
  t.match(page.items, [{ startedAt: new Date(base).toISOString() }, {}]);
  const rest = (await owner.get(`/review/items?limit=2&order=oldest&cursor=${page.nextCursor}`)).body;
  t.match(rest, { items: [{ id: all[0].id }], nextCursor: null });
  const number = findingNumber(first.episodeId);
  t.match(await list(`?number=${number.replace('-', '').toLowerCase()}`), [{ number }]);
  const queries = {
    [`hallId=${cloud.hallId}&regionId=${cloud.regionId}&deviceId=${cameraId}&state=open&severity=warning`]: 3,
    [`ruleId=${first.rule.id}`]: 1,
    'algorithm=absence': 0,
    [`hallId=${cloud.otherHallId}`]: 0,
    [`from=${new Date(base + minuteMs).toISOString()}&to=${new Date(base + 11 * minuteMs).toISOString()}`]: 1,
    'decision=accepted': 0,
    'opinion=x': 0,
  };
  for (const [query, count] of Object.entries(queries)) t.equal((await list(`?${query}`)).length, count, query);
  t.match((await owner.get(`/review/items/${all[0].id}`)).body, {
    parts: [{ algorithm: 'intrusion', faces: 'blurred', signed: false, evidence: [], picture: { width: 768 } }],
  });
});

t.test('a decision, its trail, and taking it back', async (t) => {
  const { list, findAt, decide, undo, cloud } = await setup(t);
  await findAt(0, 10);
  const [two, one] = await list();
  const observer = await cloud.signInAs('observer');
  t.equal((await decide(one.id, one.version, { decision: 'accepted' }, observer)).status, 403);
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await decide(one.id, one.version, { decision: 'accepted' }, stranger)).status, 404);
  t.equal((await decide(one.id, one.version + 1, { decision: 'accepted' })).status, 412);
  t.match(await decide(one.id, one.version, { decision: 'duplicate' }), { status: 400 });
  t.match(await decide(one.id, one.version, { decision: 'duplicate', duplicateOf: one.id }), { status: 400 });
  t.match(await decide(one.id, one.version, { decision: 'accepted', duplicateOf: two.id }), { status: 400 });
  const done = await decide(one.id, one.version, { decision: 'duplicate', duplicateOf: two.id, opinion: '同一次' });
  t.match(done, {
    status: 200,
    body: {
      state: 'decided',
      decision: 'duplicate',
      duplicateOf: two.id,
      opinion: '同一次',
      decidedBy: /owner/,
      undoUntil: /T/,
    },
  });
  t.match(await decide(one.id, done.body.version, { decision: 'false' }), { status: 409 });
  t.match(await list('?opinion=同一'), [{ id: one.id }]);
  t.match(cloud.published.at(-1), { topic: 'review', type: 'review.decided', data: { itemId: one.id } });
  const other = await cloud.signInAs('hall-manager', { hallIds: [cloud.hallId] });
  t.match(await undo(one.id, done.body.version, other), {
    status: 409,
    body: { context: { reason: 'somebody_else' } },
  });
  const back = await undo(one.id, done.body.version);
  t.match(back, { status: 200, body: { state: 'open', decision: null, opinion: null, duplicateOf: null } });
  t.match(await undo(one.id, back.body.version), { status: 409 });
  const again = await decide(one.id, back.body.version, { decision: 'false' });
  await cloud.clock.advance(11 * minuteMs);
  t.match(await undo(one.id, again.body.version), { status: 409, body: { context: { reason: 'too_late' } } });
  t.match(await cloud.auditRows('review.decided'), [
    { hallId: cloud.hallId, after: { decision: 'duplicate', opinion: '同一次' } },
    { after: { decision: 'false' } },
  ]);
  t.match(await cloud.auditRows('review.undone'), [{ before: { decision: 'duplicate' } }]);
});

t.test('findings of one item decided one by one', async (t) => {
  const { list, find, decide, undo, base, cloud } = await setup(t);
  const [a, b] = [testFinding({ startedAt: base }), testFinding({ startedAt: base + 1_000 })];
  await find(a, b);
  const [item] = await list();
  const part = await decide(item.id, item.version, { decision: 'false', findingIds: [a.episodeId] });
  t.match(part.body, { state: 'open', decision: null, parts: [{ decision: 'false' }, { decision: null }] });
  t.match(await decide(item.id, part.body.version, { decision: 'false', findingIds: [a.episodeId] }), { status: 400 });
  await cloud.clock.advance(minuteMs);
  const other = await cloud.signInAs('hall-manager', { hallIds: [cloud.hallId] });
  const rest = await decide(item.id, part.body.version, { decision: 'accepted' }, other);
  const back = await undo(item.id, rest.body.version, other);
  t.match(
    back.body,
    { state: 'open', parts: [{ decision: 'false' }, { decision: null }] },
    'what somebody else decided before stands',
  );
  const whole = await decide(item.id, back.body.version, { decision: 'accepted' });
  t.match(whole.body, {
    state: 'decided',
    decision: 'accepted',
    parts: [{ decision: 'false' }, { decision: 'accepted' }],
  });
});

t.test('how right rules were', async (t) => {
  const { find, list, decide, base, owner, cloud } = await setup(t);
  const rule = { id: uuidv7(), name: '入侵', algorithm: 'intrusion' as const };
  await find(
    ...Array.from({ length: 40 }, (_one, i) =>
      testFinding({ startedAt: base + i * 5 * minuteMs, rule, confidence: i < 30 ? 0.8 : 0.52 }),
    ),
  );
  for (const item of (await list('?limit=200&order=oldest')).reverse().slice(0, 39)) {
    const i = (Date.parse(item.startedAt) - base) / (5 * minuteMs);
    await decide(item.id, item.version, { decision: i < 30 ? (i === 1 ? 'below_standard' : 'accepted') : 'false' });
  }
  const { items } = (await owner.get('/review/precision')).body;
  t.match(items, [
    {
      ...{ ruleId: rule.id, findings: 40, decided: 39, accepted: 28, belowStandard: 1, false: 10, minConfidence: null },
      suggestion: { minConfidence: 0.53, falseGone: 10, falseAll: 10, trueKept: 29, trueAll: 29 },
    },
  ]);
  t.ok(items[0].low < 28 / 39 && 28 / 39 < items[0].high);
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.same((await elsewhere.get('/review/precision')).body.items, []);
});

/** A chain of rows sealed with the unit's key, its certificate in the cloud's books. */
const makeSigner = async (t: HasTeardown, { db, unit }: TestLink) => {
  const { row, privateKeyPem } = await addTestCertificate(t, db, unit.unitId);
  let previous: string = firstSeal;
  return (data: Finding): Finding => {
    const hash = sealHash(previous, data, { sm3 });
    const signature = sign('sha256', Buffer.from(hash, 'hex'), privateKeyPem).toString('base64');
    const sealed = {
      ...data,
      seal: { previous, hash, signature, certificateSerial: row.serial },
    };
    previous = hash;
    return sealed;
  };
};

t.test('a finding is verified from what is stored', async (t) => {
  const all = await setup(t);
  const { find, base, owner, addFile, rows, blobs, cloud } = all;
  const seal = await makeSigner(t, cloud);
  const overview = { role: 'overview' as const, ...(await addFile(Buffer.from('全景'))) };
  const began = seal(testFinding({ startedAt: base, phase: 'began', evidence: [overview], newerField: 1.5 } as never));
  const ended = seal({ ...began, phase: 'ended', endedAt: base + 1_000 });
  await find(began, ended);
  const verify = (id = began.episodeId, who = owner) => who.post(`/review/findings/${id}/verification`);
  t.match(await verify(), {
    status: 200,
    body: {
      result: 'intact',
      files: [{ role: 'overview', result: 'intact' }],
      rows: [
        { phase: 'began', hash: 'intact', signature: 'valid', chain: 'first' },
        { phase: 'ended', hash: 'intact', signature: 'valid', chain: 'linked' },
      ],
    },
  });
  const stranger = await cloud.signInAs('owner', { tenant: 'other' });
  t.equal((await verify(began.episodeId, stranger)).status, 404);
  await rows(`UPDATE review_findings SET began = jsonb_set(began, '{count}', '7')`);
  t.match((await verify()).body, {
    result: 'broken',
    rows: [{ hash: 'changed', signature: 'valid' }, { hash: 'intact' }],
  });
  await rows(`UPDATE review_findings SET began = began - 'count'`);
  await blobs.remove({ tenantId: cloud.tenantId, sha256: overview.sha256 });
  t.match((await verify()).body, { result: 'incomplete', files: [{ result: 'missing' }] });
  const unsigned = testFinding({ startedAt: base + 10 * minuteMs });
  await find({ ...unsigned, seal: { ...unsigned.seal, hash: sealHash(firstSeal, unsigned, { sm3 }) } });
  t.match((await verify(unsigned.episodeId)).body, { result: 'unsigned', rows: [{ signature: 'unsigned' }] });
  await rows('DELETE FROM unit_certificates');
  t.match((await verify()).body, { rows: [{ signature: 'unknown_certificate' }, {}] });
});

t.test('an export: a sheet and the pictures that are here', async (t) => {
  const { find, base, cloud, addFile, owner, cameraId } = await setup(t);
  const picture = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from('看得见的画面')]);
  const overview = { role: 'overview' as const, ...(await addFile(picture)) };
  const clip = { role: 'clip' as const, ...(await addFile(Buffer.from('x'), 'video/mp4', false)) };
  const finding = testFinding({ startedAt: base, evidence: [overview, clip] });
  await find({ ...finding, rule: { ...finding.rule, name: '=cmd|"<&>' } });
  const get = async (query: string, cookie: string) =>
    cloud.app.request(`http://hallhub.test/api/v1/review/export${query}`, { headers: { cookie } });
  const answer = await get('?files=all', owner.cookie);
  t.equal(answer.headers.get('content-type'), 'application/zip');
  const zip = Buffer.from(await answer.arrayBuffer());
  const name = `pictures/${findingNumber(finding.episodeId)}-overview.jpg`;
  t.ok(zip.includes(picture) && zip.includes(name) && zip.includes('findings.xlsx'));
  t.notOk(zip.includes('clips/'), 'what has not come cannot be taken out');
  t.match(await cloud.auditRows('review.exported'), [
    { targetId: cameraId, after: { findings: 1, files: 1, of: 'all' } },
  ]);
  const observer = await cloud.signInAs('observer');
  t.equal((await get('', observer.cookie)).status, 403);
  const elsewhere = await cloud.signInAs('hall-manager', { hallIds: [cloud.otherHallId] });
  t.notOk(Buffer.from(await (await get('', elsewhere.cookie)).arrayBuffer()).includes(name));
});
