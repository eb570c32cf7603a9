import { readdirSync } from 'node:fs';
import { uuidv7 } from '@hallhub/shared';
import { maxReceiptBytes } from '@hallhub/shared/wire';
import t from 'tap';
import { sha256Of, testJpeg } from '../evidence/testing.js';
import { deviceRow, profileRow } from '../streams/test-link.js';
import { TestStream } from '../streams/testing.js';
import { startTestBundles } from './test-bundles.js';
import { batchParts, makeTestBundle, streamOf } from './testing.js';

const deviceId = uuidv7();
const sample = (at: number, n: number) => ({ kind: 'sample', at: at + n, deviceId, values: { n } });

t.test('rows and files of a hall without a line, and the receipt that goes back', async (t) => {
  const s = await startTestBundles(t);
  const { unitId, secret, signer } = await s.newUnit();
  const engineer = await s.signInAs('field-engineer', { hallIds: [s.hallId] });
  const at = s.clock.now() - 60_000;
  const picture = testJpeg(20_000);
  const evidenceId = uuidv7();
  const unit = { unitId, secret };
  const [events, manifest, live] = (['events', 'manifest', 'live'] as const).map((lane) => new TestStream(unit, lane));
  events!.append(profileRow(at), deviceRow(deviceId, 1, at));
  manifest!.append({
    ...{ kind: 'evidence', at, id: evidenceId, deviceId, name: '照片', mediaType: 'image/jpeg', madeAt: at },
    ...{ bytes: picture.length, sha256: sha256Of(picture) },
  });
  live!.append(sample(at, 1), sample(at, 2), sample(at, 3));
  const streams = [events!, manifest!, live!];
  const bundle = makeTestBundle({
    ...{ unitId, signer, streams: streams.map((stream) => streamOf(stream, 1, stream.head)) },
    parts: [
      ...streams.flatMap((stream) => batchParts(stream, { cursor: 0, rows: 2 })),
      { name: `evidence/${evidenceId}`, bytes: picture },
    ],
  });
  const commandId = uuidv7();
  const [soon, over] = [new Date(s.clock.now() + 600_000), new Date(s.clock.now() - 1_000)];
  for (const [id, deadline] of [
    [commandId, soon],
    [uuidv7(), over],
  ] as const) {
    await s.db.ownerPool.query(
      `INSERT INTO commands (id, tenant_id, unit_id, hall_id, name, input, state, issued_by_name, issued_at, deadline_at)
       VALUES ($1, $2, $3, $4, 'restart', '{}', 'queued', '人', now(), $5)`,
      [id, s.tenantId, unitId, s.hallId, deadline],
    );
  }
  const first = await s.post(engineer, bundle);
  t.match(first, {
    status: 201,
    body: {
      ...{ unitId, hallId: s.hallId, complete: true, sha256: sha256Of(bundle), bytes: bundle.length },
      report: {
        lanes: [
          { lane: 'events', rows: 2, repeated: 0, cursor: 2, result: 'committed' },
          { lane: 'manifest', rows: 1, cursor: 1 },
          { lane: 'live', rows: 3, cursor: 3 },
        ],
        evidence: [{ id: evidenceId, state: 'complete' }],
      },
    },
  });
  const { text, receipt } = await s.receiptOf(engineer, first.body.id);
  t.match(receipt, {
    ...{ unitId, evidence: [evidenceId], trust: s.pki.trust() },
    streams: streams.map(({ lane, epoch, head }) => ({ lane, epoch, cursor: head })),
    commands: [{ type: 'command', id: commandId, remainingMs: 600_000 }],
  });
  t.equal(receipt.commands.length, 1, 'what is over does not go out');
  const [line, signature] = text.trim().split('\n');
  t.ok(await s.pki.verify(Buffer.from(line ?? ''), JSON.parse(signature ?? '')));
  t.match(first.body.receiptText, /^HHR1\./);
  const { rows: sent } = await s.db.ownerPool.query('SELECT state, sent_count, version FROM commands WHERE id = $1', [
    commandId,
  ]);
  t.match(sent, [{ state: 'sent', sent_count: 1 }]);

  await s.clock.advance(60_000);
  const second = await s.post(engineer, bundle);
  t.match(second.body, {
    complete: true,
    report: { lanes: [{ rows: 0, repeated: 1 }, { rows: 0 }, { rows: 0, repeated: 2 }] },
  });
  t.match((await s.receiptOf(engineer, second.body.id)).receipt.commands, [{ id: commandId, remainingMs: 540_000 }]);
  t.match((await s.receiptOf(engineer, first.body.id)).text, text, 'an earlier receipt stays what it was');
  const audit = await s.auditRows('bundle.imported');
  t.match(
    audit.map(({ after, hallId }) => ({ rows: (after as { rows: number }).rows, hallId })),
    [
      { rows: 6, hallId: s.hallId },
      { rows: 0, hallId: s.hallId },
    ],
  );
  t.equal((await engineer.get('/bundles')).body.items.length, 2);
  t.same(readdirSync(s.draftsDir), [], 'no draft is left');

  const elsewhere = await s.signInAs('field-engineer', { hallIds: [s.otherHallId] });
  const foreign = await s.signInAs('owner', { tenant: 'other' });
  const observer = await s.signInAs('observer');
  t.same(
    await Promise.all([elsewhere, foreign].map(async (one) => (await one.get('/bundles')).body.items.length)),
    [0, 0],
  );
  for (const one of [elsewhere, foreign]) t.equal((await one.get(`/bundles/${first.body.id}/receipt`)).status, 404);
  t.equal((await observer.get('/bundles')).status, 403);
  for (const [one, status] of [
    [elsewhere, 403],
    [foreign, 404],
    [observer, 403],
  ] as const)
    t.equal((await s.post(one, bundle)).status, status);
  t.equal((await s.auditRows('bundle.imported')).length, 2);
});

t.test('many large commands: the receipt stays one that a unit reads', async (t) => {
  const s = await startTestBundles(t);
  const { unitId, signer } = await s.newUnit();
  const owner = await s.signInAs('owner');
  const big = JSON.stringify({ text: 'x'.repeat(60_000) });
  await s.db.ownerPool.query(
    `INSERT INTO commands (id, tenant_id, unit_id, hall_id, name, input, state, issued_by_name, issued_at, deadline_at)
     SELECT gen_random_uuid(), $1, $2, $3, 'restart', $4, 'queued', '人', now() + n * interval '1 s', now() + interval '1 day' FROM generate_series(1, 20) n`,
    [s.tenantId, unitId, s.hallId, big],
  );
  const { body } = await s.post(owner, makeTestBundle({ unitId, signer, parts: [] }));
  const { text, receipt } = await s.receiptOf(owner, body.id);
  t.equal(receipt.commands.length, 4);
  t.ok(text.length < maxReceiptBytes);
  t.equal(body.receiptText, null, 'too long for one QR code');
  const { rows } = await s.db.ownerPool.query(`SELECT count(*)::int AS waiting FROM commands WHERE state = 'queued'`);
  t.equal(rows[0].waiting, 16, 'what did not fit has not left');
});
