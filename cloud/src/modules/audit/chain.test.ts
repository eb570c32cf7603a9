import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { type Database, withTenant } from '../../db/index.js';
import { addTenant, silentLogger, startTestDatabase } from '../../db/testing.js';
import { csvCell } from '../../workbook/write-csv.js';
import { systemActor } from '../access/actor.js';
import type { VerbContext } from '../access/verb-context.js';
import type { Pki } from '../pki/pki-port.js';
import { anchorAudit } from './anchor-audit.js';
import { audit } from './audit.js';
import { canonicalJson } from './chain.js';
import type { ExportFormat } from './export-format.js';
import { csvCells, csvRecords } from './export-format.js';
import { sealAudit } from './seal-audit.js';
import { exportAudit } from './verbs/export-audit.js';
import { listAudit } from './verbs/list-audit.js';
import { verifyChain } from './verify-chain.js';
import { verifyAuditFile } from './verify-file.js';

const hostile = [
  '=HYPERLINK("http://x")',
  '名字,"引号"\n换行',
  '－1 层自助机',
  '<script>alert(1)</script>',
  "'; DROP TABLE audit_entries; --",
];

const start = async (t: { teardown(fn: () => unknown): unknown }) => {
  const db = await startTestDatabase(t);
  const { tenantId } = await addTenant(db);
  const ctx: VerbContext = {
    db,
    clock: systemClock,
    live: { publish: () => {} },
    actor: systemActor(tenantId, '=cmd'),
    request: { id: 'r1', ip: '10.0.0.1', userAgent: 'test', idempotencyKey: null },
  };
  const write = async (count: number) => {
    for (let i = 0; i < count; i++)
      await withTenant(db, { tenantId }, (tx) =>
        audit(tx, ctx, {
          action: 'thing.changed',
          target: { kind: 'thing', id: String(i), name: hostile[i % hostile.length] ?? '' },
          before: { b: 1.5, a: { z: null, y: [1, '二'] } },
          after: { n: i },
        }),
      );
  };
  return { db, tenantId, ctx, write, pki: makePki(), verify: () => verifyChain({ db, now: Date.now }, tenantId) };
};

/** Signs as the authority does: what the chain needs of it. */
const makePki = (): Pick<Pki, 'sign' | 'verify'> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    sign: async (document) => ({
      algorithm: 'ecdsa-p256-sha256',
      signature: sign('sha256', document, privateKey).toString('base64'),
      certificates: [publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    }),
    verify: async (document, { signature }) => {
      const { verify } = await import('node:crypto');
      return verify('sha256', document, publicKey, Buffer.from(signature, 'base64'));
    },
  };
};

/** As the owner of the tables, past every lock there is. */
const tamper = async (db: Database, ...statements: string[]) => {
  const client = await db.ownerPool.connect();
  try {
    await client.query('ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_are_final');
    for (const statement of statements) await client.query(statement);
    await client.query('ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_are_final');
  } finally {
    client.release();
  }
};

t.test('rows are chained in order, whoever seals, and the chain is whole', async (t) => {
  const { db, write, verify, tenantId } = await start(t);
  await write(30);
  const sealed = await Promise.all([sealAudit(db), sealAudit(db), sealAudit(db)]);
  t.equal(
    sealed.reduce((sum, count) => sum + count, 0),
    30,
    'three sealers at once seal each row once',
  );
  const { rows } = await db.ownerPool.query<{ seq: string }>('SELECT seq FROM audit_entries ORDER BY at, id');
  t.same(
    rows.map((row) => Number(row.seq)),
    Array.from({ length: 30 }, (_, i) => i + 1),
  );
  await write(3);
  t.match(await verify(), { ok: true, checkedTo: 33, problem: null, backdated: [] });
  const { rows: kept } = await db.ownerPool.query('SELECT verification FROM audit_heads WHERE tenant_id = $1', [
    tenantId,
  ]);
  t.match(kept[0].verification, { ok: true, checkedTo: 33 }, 'the answer is kept');
});

t.test('a sealer that dies in the middle leaves nothing half done', async (t) => {
  const { db, write, verify } = await start(t);
  await write(5);
  const client = await db.ownerPool.connect();
  await client.query(
    `BEGIN; INSERT INTO audit_heads (tenant_id, hash) SELECT tenant_id, '\\x00' FROM audit_entries LIMIT 1`,
  );
  await client.query(
    `UPDATE audit_entries SET seq = 1, hash = '\\x01' WHERE id = (SELECT id FROM audit_entries LIMIT 1)`,
  );
  await client.query('ROLLBACK');
  client.release();
  t.equal(await sealAudit(db), 5);
  t.match(await verify(), { ok: true, checkedTo: 5 });
});

t.test('two tenants have two chains', async (t) => {
  const { db, write, verify } = await start(t);
  const { tenantId } = await addTenant(db);
  await write(2);
  await withTenant(db, { tenantId }, (tx) =>
    audit(tx, { actor: systemActor(tenantId), request: null }, { action: 'x.y', target: { kind: 'x', id: null } }),
  );
  await sealAudit(db);
  t.match(await verify(), { ok: true, checkedTo: 2 });
  t.match(await verifyChain({ db, now: Date.now }, tenantId), { ok: true, checkedTo: 1 });
});

t.test('what the owner of the database changes is found, and where', async (t) => {
  const id = uuidv7();
  const cases: [string, string[], object][] = [
    ['a text', [`UPDATE audit_entries SET actor_name = 'somebody else' WHERE seq = 4`], { kind: 'changed', seq: 4 }],
    [
      'a value deep inside',
      [`UPDATE audit_entries SET after = '{"n": 99}' WHERE seq = 4`],
      { kind: 'changed', seq: 4 },
    ],
    ['a time', [`UPDATE audit_entries SET at = at - interval '1 ms' WHERE seq = 4`], { kind: 'changed', seq: 4 }],
    ['the hash', [`UPDATE audit_entries SET hash = sha256('x') WHERE seq = 4`], { kind: 'changed', seq: 4 }],
    ['a row goes', ['DELETE FROM audit_entries WHERE seq = 4'], { kind: 'missing', seq: 4 }],
    [
      'a row goes and the rest moves up',
      [
        'DELETE FROM audit_entries WHERE seq = 4',
        'UPDATE audit_entries SET seq = seq - 1 WHERE seq > 4',
        'UPDATE audit_heads SET seq = seq - 1',
      ],
      { kind: 'changed', seq: 4 },
    ],
    [
      'a row comes in between',
      [
        'UPDATE audit_entries SET seq = seq + 100 WHERE seq >= 4',
        'UPDATE audit_entries SET seq = seq - 99 WHERE seq >= 104',
        `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_name, action, target_kind, seq, hash)
         SELECT '${id}', tenant_id, 'user', 'x', 'x.y', 'x', 4, sha256('x') FROM audit_entries LIMIT 1`,
        'UPDATE audit_heads SET seq = seq + 1',
      ],
      { kind: 'changed', seq: 4, entryId: id },
    ],
    [
      'two change places',
      [
        'UPDATE audit_entries SET seq = CASE seq WHEN 4 THEN -4 ELSE -5 END WHERE seq IN (4, 5)',
        'UPDATE audit_entries SET seq = CASE seq WHEN -4 THEN 5 ELSE 4 END WHERE seq < 0',
      ],
      { kind: 'changed', seq: 4 },
    ],
    ['the end is cut off', ['DELETE FROM audit_entries WHERE seq > 6'], { kind: 'head', seq: 7 }],
    ['everything goes', ['DELETE FROM audit_entries'], { kind: 'head', seq: 1 }],
  ];
  const { db, write, verify } = await start(t);
  await write(8);
  t.match(await verify(), { ok: true, checkedTo: 8 });
  await db.ownerPool.query(
    'CREATE TABLE entries_kept AS TABLE audit_entries; CREATE TABLE heads_kept AS TABLE audit_heads',
  );
  for (const [name, statements, problem] of cases) {
    await tamper(db, ...statements);
    t.match(await verify(), { ok: false, problem }, name);
    await tamper(
      db,
      'DELETE FROM audit_entries; INSERT INTO audit_entries SELECT * FROM entries_kept',
      'DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM heads_kept',
    );
    t.match(await verify(), { ok: true }, `${name}, and put right`);
  }
});

t.test('a row slipped in unsealed with an old time is chained, and pointed at', async (t) => {
  const { db, write, verify } = await start(t);
  await write(3);
  await verify();
  await tamper(
    db,
    `INSERT INTO audit_entries (id, tenant_id, at, actor_kind, actor_name, action, target_kind)
     SELECT '${uuidv7()}', tenant_id, now() - interval '2 days', 'user', 'x', 'x.y', 'x' FROM audit_entries LIMIT 1`,
  );
  t.match(await verify(), { ok: true, checkedTo: 4, backdated: [{ seq: 4 }] });
});

t.test('a history rewritten with all its hashes fails at the signed head', async (t) => {
  const { db, tenantId, write, pki, ctx } = await start(t);
  const verify = () => verifyChain({ db, pki, now: Date.now }, tenantId);
  await write(5);
  t.equal(await anchorAudit({ db, clock: ctx.clock, log: silentLogger, pki }), 1);
  await write(3);
  t.equal(await anchorAudit({ db, clock: ctx.clock, log: silentLogger, pki }), 1);
  t.match(await verify(), { ok: true, checkedTo: 8, signedHeads: 2, signaturesChecked: true });

  await tamper(
    db,
    `UPDATE audit_entries SET actor_name = 'somebody else' WHERE seq = 2`,
    'UPDATE audit_entries SET seq = NULL, hash = NULL',
    `UPDATE audit_heads SET seq = 0, hash = decode(repeat('00', 32), 'hex')`,
  );
  await sealAudit(db);
  t.match(await verify(), { ok: false, problem: { kind: 'anchor', seq: 5 } }, 'new hashes, old signed head');

  await db.ownerPool.query(
    `UPDATE audit_anchors a SET hash = e.hash, document = replace(document, encode(a.hash, 'hex'), encode(e.hash, 'hex'))
     FROM audit_entries e WHERE e.tenant_id = a.tenant_id AND e.seq = a.seq`,
  );
  t.match(
    await verify(),
    { ok: false, problem: { kind: 'anchor', seq: 5 } },
    'a signed head edited along is not genuine',
  );
  await db.ownerPool.query('DELETE FROM audit_anchors WHERE number = 1');
  t.match(await verify(), { ok: false, problem: { kind: 'anchor' } }, 'a signed head that is gone');
});

const exported = async (ctx: VerbContext, format: ExportFormat, filter: object = {}): Promise<string> => {
  let text = '';
  for await (const part of await exportAudit(ctx, { format, ...filter })) text += part;
  return text;
};

t.test('an export is checked without the server; a change of one letter is found', async (t) => {
  const { ctx, write } = await start(t);
  await write(9);
  const folder = t.testdir();
  for (const format of ['jsonl', 'csv'] as const) {
    const file = join(folder, `audit.${format}`);
    const text = await exported(ctx, format);
    writeFileSync(file, text);
    t.match(
      verifyAuditFile(file),
      { ok: true, text: /entries, #1 to #\d+: none was changed, the chain is whole/ },
      format,
    );
    const damages: [string, string][] = [
      ['a name', text.replace('10.0.0.1', '10.0.0.2')],
      ['a value', text.replace(format === 'csv' ? '""n"":3' : '"n":3', format === 'csv' ? '""n"":4' : '"n":4')],
      ['a hash', text.replace(/(?<=[",])[0-9a-f]{64}(?=[",])/, 'a'.repeat(64))],
    ];
    writeFileSync(file, `${text}\n`);
    t.match(verifyAuditFile(file), { ok: true }, `${format}: a blank line at the end`);
    for (const [what, changed] of damages) {
      writeFileSync(file, `${changed}\n`);
      t.match(verifyAuditFile(file), { ok: false, text: /#\d+|not an audit/ }, `${format}: ${what}, and a blank line`);
      t.not(changed, text, `${format}: ${what} was found in the text`);
      writeFileSync(file, changed);
      t.equal(verifyAuditFile(file).ok, false, `${format}: ${what}`);
    }
    const lines = text.split('\n');
    const without = lines.findIndex((line) => line.includes('DROP TABLE'));
    writeFileSync(file, lines.filter((_line, index) => index !== without).join('\n'));
    if (format === 'csv') t.match(verifyAuditFile(file).text, /1 gaps/, 'a CSV may be a part: the gap is told');
    else t.equal(verifyAuditFile(file).ok, false, 'a line that is gone');
  }
  const old = join(folder, 'old.csv');
  writeFileSync(old, (await exported(ctx, 'csv')).replace("'－1 层自助机", '－1 层自助机'));
  t.match(verifyAuditFile(old), { ok: true }, 'written when such a cell was taken for no formula');
  const cut = join(folder, 'cut.jsonl');
  writeFileSync(cut, (await exported(ctx, 'jsonl')).split('\n').slice(0, -2).join('\n'));
  t.match(verifyAuditFile(cut), { ok: false, text: /cut off/ });
  const part = join(folder, 'part.jsonl');
  writeFileSync(part, await exported(ctx, 'jsonl', { action: 'thing' }));
  t.match(verifyAuditFile(part), { ok: true });
});

t.test('the documented one-liner agrees: openssl alone computes the hash of an entry', async (t) => {
  const { ctx, write } = await start(t);
  await write(1);
  const [, line = ''] = (await exported(ctx, 'jsonl')).split('\n');
  const { seq, previous, hash, entry } = JSON.parse(line);
  const input = `hallhub.audit.1\n${seq}\n${previous}\n${canonicalJson(entry)}`;
  t.match(execFileSync('openssl', ['dgst', '-sha256', '-r'], { input }).toString(), hash);
});

t.test('no cell of the CSV is a formula, and cells survive', async (t) => {
  for (const text of ['=1+1', '+1', '-1', '@x', '\tx', '\nx', '＝1+1', '＠x']) t.match(csvCell(text), /^"?'/, text);
  fc.assert(
    fc.property(
      fc.array(
        fc.string().filter((text) => !/^[=+\-@＝＋－＠\t\r\n]/.test(text)),
        { minLength: 1 },
      ),
      (cells) => {
        const [record = ''] = [...csvRecords(`${cells.map(csvCell).join(',')}\r\n`)];
        t.same(csvCells(record), cells);
      },
    ),
    { numRuns: 50 },
  );
});

t.test('canonical JSON: the order of members does not matter, anything else does', async (t) => {
  t.equal(canonicalJson({ b: [1, { d: 'é', c: null }], a: undefined }), '{"b":[1,{"c":null,"d":"é"}]}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => t.same(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))),
    {
      numRuns: 50,
    },
  );
  t.equal(createHash('sha256').update('abc').digest('hex').length, 64);
});

t.test('the search uses its indexes', async (t) => {
  const { db, ctx, tenantId, write } = await start(t);
  await write(4);
  const page = { limit: 10 };
  t.equal((await listAudit(ctx, { ...page, q: '引号' })).items.length, 1);
  t.equal((await listAudit(ctx, { ...page, q: '10.0.0.1' })).items.length, 4);
  t.equal((await listAudit(ctx, { ...page, q: '%' })).items.length, 0, 'a wildcard is a letter');
  await db.ownerPool.query(
    `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_name, action, target_kind, target_name)
     SELECT gen_random_uuid(), $1, 'user', 'person ' || i % 50, 'noise.made', 'thing', md5(i::text) FROM generate_series(1, 20000) i`,
    [tenantId],
  );
  await db.ownerPool.query('ANALYZE audit_entries');
  // Few rows: a scan would be cheaper. Asked is whether the index fits the expression.
  const client = await db.ownerPool.connect();
  await client.query('SET enable_seqscan = off');
  const { rows } = await client.query(
    `EXPLAIN SELECT * FROM audit_entries WHERE lower(actor_name || ' ' || action || ' ' || coalesce(target_name, '') || ' ' ||
     coalesce(target_id, '') || ' ' || coalesce(ip, '') || ' ' || coalesce(request_id, '')) LIKE '%thing.changed%'`,
  );
  client.release(true);
  t.match(JSON.stringify(rows), /audit_entries_text/);
});
