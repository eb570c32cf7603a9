import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '@hallhub/shared';
import { parseEnrolmentCode } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { TestGateway, testUnitId, verifySignature } from './__fixtures__/test-gateway.js';
import { enrolUnit } from './enrol-unit.js';
import { IdentityFiles } from './identity-files.js';

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-enrol-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
const open = async (test: Test, ...args: Parameters<typeof TestGateway.open>) => {
  const gateway = await TestGateway.open(...args);
  test.teardown(() => gateway[Symbol.asyncDispose]());
  return gateway;
};
const rushed: Clock = { ...systemClock, sleep: () => Promise.resolve() };
const enrol = (
  dataDir: string,
  gateway: TestGateway,
  more: { code?: string; url?: URL; clock?: Clock; anew?: boolean; refusal?: string } = {},
) => {
  const code = parseEnrolmentCode(more.code ?? gateway.code);
  if (!code) throw new Error('no code');
  return enrolUnit({
    files: new IdentityFiles(dataDir),
    code,
    gateway: more.url ?? gateway.url,
    software: 'test',
    clock: more.clock ?? rushed,
    ...(more.anew === undefined ? {} : { anew: more.anew }),
    refusal: more.refusal,
  });
};

t.test('a code becomes an identity that signs and is there after a restart', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  t.same(new IdentityFiles(dir).read(), { state: 'absent' });
  t.match(await enrol(dir, gateway), { unitId: testUnitId, hallName: '厅', replacement: false, snapshot: 'none' });
  const state = new IdentityFiles(dir).read();
  if (state.state !== 'ready') throw new Error(state.state);
  const { identity } = state;
  t.equal(identity.unitId, testUnitId);
  t.ok(verifySignature(identity.certificates[0] ?? '', Buffer.from('x'), identity.sign(Buffer.from('x'))));
  t.equal(statSync(path.join(dir, 'identity/key.pem')).mode & 0o777, 0o600);
  t.match(JSON.parse(readFileSync(path.join(dir, 'unit.json'), 'utf8')), {
    unitId: testUnitId,
    cloud: { gateway: gateway.url.href.replace(/\/$/, '') },
  });
  t.notOk(gateway.requests.some((one) => one.includes(gateway.code)));
});

t.test('an answer lost on the way: the same key is shown again, by itself and by the next run', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  gateway.loseAnswers = 4;
  await t.rejects(enrol(dir, gateway), { code: 'unavailable', hint: /same command again/ });
  t.same(new IdentityFiles(dir).read(), { state: 'absent' }, 'nothing half is left');
  t.match(await enrol(dir, gateway), { unitId: testUnitId });
  await t.rejects(enrol(folder(t), gateway), { code: 'conflict', message: /used already/ }, 'another unit’s key');
});

t.test('the same code once more says who the unit is; another one is refused before a key is made', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  const before = Date.now();
  await enrol(dir, gateway);
  const names = () => readdirSync(path.join(dir, 'identity')).sort();
  const left = names();
  t.notOk(left.includes('enrolling.json'));
  const asked = gateway.requests.length;
  const again = await enrol(dir, gateway);
  t.match(again, { unitId: testUnitId, name: 'U', hallName: '厅', replacement: false });
  t.ok((again.since ?? 0) >= before - 1_000 && (again.since ?? 0) <= Date.now() + 1_000);
  const other = gateway.makeCode();
  await t.rejects(enrol(dir, gateway, { code: other }), {
    code: 'conflict',
    message: /enrolled already as 厅 .* since 20\d\d-/,
    hint: /--anew/,
  });
  t.equal(gateway.requests.length, asked, 'nobody was asked');
  await t.rejects(enrol(dir, gateway, { refusal: 'it was revoked' }), {
    code: 'conflict',
    message: /by this code, and it was revoked/,
  });
  await t.rejects(enrol(dir, gateway, { code: other, anew: true }), { code: 'not_found' });
  await t.rejects(enrol(dir, gateway, { code: other, refusal: 'it was revoked' }), { code: 'not_found' });
  t.same(names(), left, 'nothing half is left');
  t.match(await enrol(dir, gateway), { unitId: testUnitId });
});

t.test('a unit enrolled before names were written down says its id', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  await enrol(dir, gateway);
  rmSync(path.join(dir, 'identity/enrolled.json'));
  await t.rejects(enrol(dir, gateway), { code: 'conflict', message: new RegExp(testUnitId) });
});

t.test('a power cut between the files is made good by the next start', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  await enrol(dir, gateway);
  const inside = (name: string) => path.join(dir, 'identity', name);
  const files = ['key.pem', 'certificate.pem', 'trust.json'].map((name) => readFileSync(inside(name), 'utf8'));
  const [key = '', certificate = '', trust = '{}'] = files;
  const unit = JSON.parse(readFileSync(path.join(dir, 'unit.json'), 'utf8'));
  const again = folder(t);
  await enrol(again, await open(t));
  writeFileSync(
    path.join(again, 'identity/step.json'),
    JSON.stringify({ key, certificate, trust: JSON.parse(trust), unit }),
  );
  const state = new IdentityFiles(again).read();
  t.equal(state.state, 'ready');
  t.equal(readFileSync(path.join(again, 'identity/key.pem'), 'utf8'), key);
});

t.test('what is damaged is a state with a message', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  await enrol(dir, gateway);
  for (const name of ['key.pem', 'certificate.pem', 'trust.json']) {
    const file = path.join(dir, 'identity', name);
    const whole = readFileSync(file, 'utf8');
    for (const text of ['', whole.slice(0, 60), whole.slice(0, -60), 'x'.repeat(5_000)]) {
      writeFileSync(file, text);
      const state = new IdentityFiles(dir).read();
      t.match(
        state,
        { state: 'damaged', reason: new RegExp(name.split('.')[0] ?? ''), hint: /hub enrol/ },
        `${name} ${text.length}`,
      );
    }
    writeFileSync(file, whole);
    rmSync(file);
    t.match(new IdentityFiles(dir).read(), { state: 'damaged', reason: /missing/ });
    writeFileSync(file, whole);
  }
  t.match(new IdentityFiles(dir).read(), { state: 'ready' });
});

t.test('the secret of the code is told to nobody but the cloud that made it', async (t) => {
  const [gateway, other, dir] = [await open(t), await open(t), folder(t)];
  await t.rejects(enrol(dir, other, { code: gateway.code }), { code: 'unauthenticated', message: /is not the cloud/ });
  t.same(other.requests, ['GET /unit/v1/trust']);
  // Knows the CA's certificate, which is no secret, but has not its key: somebody who opens the TLS in between.
  other.trust = gateway.trust;
  await t.rejects(enrol(dir, other, { code: gateway.code }), { code: 'unauthenticated', message: /opens its TLS/ });
  t.notOk(other.requests.some((one) => one.startsWith('POST')));
});

t.test('the certificate has to be made out for the address', async (t) => {
  const gateway = await open(t, ['cloud.example']);
  await t.rejects(enrol(folder(t), gateway), { code: 'unauthenticated', hint: /HALLHUB_UNIT_HOSTS/ });
});

t.test('a clock that is years off: the cloud’s time counts', async (t) => {
  const gateway = await open(t);
  const year = 365 * 86_400_000;
  for (const offMs of [-20 * year, 30 * year]) {
    const clock: Clock = { ...rushed, now: () => Date.now() + offMs };
    gateway.code = gateway.makeCode();
    const { clockOffsetMs } = await enrol(folder(t), gateway, { clock });
    t.ok(Math.abs(clockOffsetMs + offMs) < 60_000, `${clockOffsetMs}`);
  }
  const expired = await open(t, ['127.0.0.1'], { from: Date.now() - 3 * 86_400_000, to: Date.now() - 86_400_000 });
  await t.rejects(enrol(folder(t), expired), { code: 'precondition_failed', message: /by the cloud’s own time/ });
});

t.test('what a person in the hall meets', async (t) => {
  const gateway = await open(t);
  const dir = folder(t);
  const other = gateway.makeCode();
  await t.rejects(enrol(dir, gateway, { code: other }), { code: 'not_found', message: /does not know this code/ });
  await t.rejects(enrol(dir, gateway, { url: new URL('https://nowhere.invalid:1') }), {
    code: 'unavailable',
    message: /nowhere\.invalid is not found/,
  });
  await t.rejects(enrol(dir, gateway, { url: new URL('https://127.0.0.1:1') }), {
    code: 'unavailable',
    message: /nothing listens at 127\.0\.0\.1:1/,
  });
  const plain = http.createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  t.teardown(() => plain.close());
  const url = new URL(`https://127.0.0.1:${(plain.address() as AddressInfo).port}`);
  await t.rejects(enrol(dir, gateway, { url }), { code: 'unavailable', message: /does not speak TLS/, hint: /proxy/ });
});

t.test('a replacement brings the snapshot along', async (t) => {
  const [gateway, dir] = [await open(t), folder(t)];
  gateway.replacement = true;
  gateway.snapshot = Buffer.from('zipped');
  t.match(await enrol(dir, gateway), { replacement: true, snapshot: 'fetched' });
  const files = new IdentityFiles(dir);
  t.match(files.replacement, { fetched: true });
  t.equal(readFileSync(files.snapshotFile, 'utf8'), 'zipped');
  gateway.snapshot = undefined;
  gateway.code = gateway.makeCode();
  t.match(await enrol(dir, gateway, { anew: true }), { replacement: true, snapshot: 'none' });
  t.equal(files.replacement, undefined);
});
