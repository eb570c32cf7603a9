import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { openTestEvidence, testDeviceId, testFolder, testJpeg } from '../evidence/__fixtures__/test-evidence.js';
import type { UnitIdentity } from '../identity/index.js';
import { exportBundle } from './export-bundle.js';
import { verifyBundle } from './verify-bundle.js';

const unitId = '01900000-0000-7000-8000-00000000000a';

/** A key with a certificate that it signed itself. */
const makeIdentity = (folder: string, onSign: () => void): UnitIdentity => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [key, cert] = [path.join(folder, 'unit.key'), path.join(folder, 'unit.pem')];
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('openssl', ['req', '-x509', '-key', key, '-subj', `/CN=${unitId}`, '-days', '9', '-out', cert]);
  const pem = readFileSync(cert, 'utf8');
  return {
    ...{ unitId, certificates: [new X509Certificate(pem).toString()], trust: { version: '1', certificates: [pem] } },
    sign: (document: Uint8Array) => {
      onSign();
      return sign('sha256', document, { key: privateKey, dsaEncoding: 'der' });
    },
  } as never;
};

const setup = async (test: Test) => {
  const folder = testFolder(test);
  const { store, outbox, evidence, segments } = openTestEvidence(path.join(folder, 'data'), systemClock);
  test.teardown(() => store.close());
  await evidence.start();
  const hooks = { onSign: () => {} };
  const identity = makeIdentity(folder, () => hooks.onSign());
  const put = async () => (await evidence.put({ deviceId: testDeviceId, bytes: testJpeg() })).evidenceId;
  const to = path.join(folder, 'stick');
  const make = (given: { maxBytes?: number; withFiles?: boolean; folder?: string } = {}) =>
    exportBundle(
      {
        ...{ outbox, evidence, segments, clock: systemClock, identity },
        secret: 'x'.repeat(80),
        bootId: uuidv7(),
        software: 't',
      },
      { folder: to, maxBytes: 1_000_000, withFiles: true, ...given },
    );
  const check = async (file: string) =>
    (await verifyBundle(file, identity.trust.certificates)).checks.filter(({ ok }) => !ok);
  return { folder, to, evidence, hooks, put, make, check };
};

t.test('a bundle is whole, readable by its group alone, and leaves nothing beside it', async (t) => {
  const { to, put, make, check, evidence } = await setup(t);
  for (let i = 0; i < 3; i++) await put();
  const made = await make();
  t.match(made, {
    files: 3,
    rows: 3,
    left: { rows: 0, files: 0 },
    streams: [{ lane: 'manifest', fromSeq: 1, toSeq: 3 }],
  });
  t.same(await check(made.file), []);
  t.equal(lstatSync(made.file).mode & 0o777, 0o640);
  t.same(readdirSync(to), [path.basename(made.file)]);
  t.equal(evidence.waiting.files, 3, 'nothing goes from here by an export');
  const rowsOnly = await make({ withFiles: false });
  t.match(rowsOnly, { files: 0, left: { files: 3 } });
  t.not(rowsOnly.file, made.file, 'two in one second are two files');
  t.match(await make({ maxBytes: 11_000 }), { files: 2, left: { files: 1 } }, 'as far as it fits');
  await t.rejects(make({ maxBytes: 10 }), { code: 'too_large' });
});

t.test('what a killed export left on the stick goes; what others have there stays', async (t) => {
  const { folder, to, put, make } = await setup(t);
  await put();
  mkdirSync(to);
  const others = ['hallhub-ffffffff-20260101-000000.hhb.part', 'notes.part', 'hallhub-0000000a-20260101-000000.hhb'];
  for (const name of [...others, 'hallhub-0000000a-20260101-000000.hhb.body.part'])
    writeFileSync(path.join(to, name), 'x');
  const target = path.join(folder, 'data', 'hub.db');
  symlinkSync(target, path.join(to, 'hallhub-0000000a-20260101-000000.hhb.part'));
  const before = readFileSync(target).length;
  const made = await make();
  t.same(readdirSync(to).sort(), [...others, path.basename(made.file)].sort());
  t.ok(readFileSync(target).length >= before, 'a link on a stick leads nowhere');
});

t.test('files that the line took meanwhile are in it all the same', async (t) => {
  const { put, make, check, evidence, hooks } = await setup(t);
  const ids = [await put(), await put()];
  let sent: Promise<unknown> = Promise.resolve();
  hooks.onSign = () => {
    sent = Promise.all(ids.map((id) => evidence.sent(id)));
  };
  const made = await make();
  await sent;
  t.equal(made.files, 2);
  t.same(await check(made.file), []);
  t.same(readdirSync(evidence.folder), [], 'and go then');
});

t.test('a folder that cannot be', async (t) => {
  const { folder, put, make } = await setup(t);
  await put();
  await t.rejects(make({ folder: '/proc/none/there' }), { code: 'forbidden' });
  writeFileSync(path.join(folder, 'file'), '');
  await t.rejects(make({ folder: path.join(folder, 'file', 'x') }), { code: 'invalid_input' });
});
