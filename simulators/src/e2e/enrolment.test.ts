import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEnrolmentCode, parseEnrolmentCode } from '@hallhub/shared/wire';
import t from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../free-port.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { startPart } from './part-process.js';
import { runHub, TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface NewCode {
  readonly code: string;
  readonly link: string;
  readonly gateway: string;
}
interface Certificate {
  readonly id: string;
  readonly state: string;
  readonly issuedBy: string;
}
interface Status {
  readonly uplink: { state: string; url: string; reason?: string };
  readonly identity: { state: string; reason?: string; endsAt: number; trustVersion: string; cas: { name: string }[] };
  readonly clock: { state: string; offsetMs: number | null };
  readonly lanes: { lane: string; pending: number }[];
}

const hall = await TestHall.open();
t.teardown(() => hall[Symbol.asyncDispose]());
t.on('bailout', () => console.error(hall.logs()));
const { api, unitId } = hall;
const status = async (dir = join(hall.dir, 'edge')) =>
  JSON.parse((await runHub(dir, 'status', '--json')).out) as Status;
const until = (what: string, look: (status: Status) => boolean) =>
  waitUntil(
    what,
    async () => {
      const seen = await status();
      return look(seen) && seen;
    },
    { everyMs: 500 },
  );
const newCode = (kind: 'new' | 'replace', unit = unitId) =>
  api.post<NewCode>(`/units/${unit}/enrolment-codes`, { kind });
const certificates = async () => (await api.get<{ items: Certificate[] }>(`/units/${unitId}/certificates`)).items;

const counting = new CountingDevice('MTLS-1', 100);
const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 300 });
device.start();
t.teardown(() => device[Symbol.asyncDispose]());
const deviceId = await waitUntil('the device in the cloud', async () => {
  const devices = await api.all<{ id: string; serial: string; state: string }>('/devices');
  return devices.find((d) => d.serial === 'MTLS-1' && d.state === 'active')?.id;
});

t.test('data flows by the certificate; the unit and the console say how long it is good for', async (t) => {
  const seen = await until('the uplink', ({ uplink }) => uplink.state === 'online');
  t.match(seen.uplink.url, /^mqtts:/);
  t.match(seen.identity, { state: 'ready', cas: [{ name: /HallHub CA/ }] });
  t.match(await certificates(), [{ state: 'valid', issuedBy: 'enrolled' }]);
  const doctor = JSON.parse((await hall.hub('doctor', '--json')).out) as {
    checks: { check: string; verdict: string }[];
  };
  t.equal(doctor.checks.find(({ check }) => check === 'certificate')?.verdict, 'ok');
  const acknowledged = counting.acknowledgedValues.length;
  await waitUntil('more values', () => counting.acknowledgedValues.length > acknowledged + 10);
});

t.test('what does not get in: a typing error, another cloud’s code, a used one, an unknown one', async (t) => {
  const dir = join(hall.dir, 'stranger');
  const enrol = (code: string) => runHub(dir, 'enrol', code, '--cloud', hall.gateway);
  const { unit } = await api.post<{ unit: { id: string } }>('/units', { name: 'U2', hallId: hall.hallId });
  const { code } = await newCode('new', unit.id);
  const typo = await enrol(`${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`);
  t.equal(typo.code, 2);
  t.match(typo.err, /typing error/);
  const foreign = makeEnrolmentCode(randomBytes(32), (n) => randomBytes(n)).text;
  t.match((await enrol(foreign)).err, /is not the cloud that made this code/);
  const sha = Buffer.from(parseEnrolmentCode(code)?.caFingerprint ?? []);
  t.match((await enrol(makeEnrolmentCode(sha, (n) => randomBytes(n)).text)).err, /does not know this code/);
  t.notOk(existsSync(join(dir, 'unit.json')));
  const first = await enrol(code);
  t.equal(first.code, 0, first.err);
  const second = await runHub(join(hall.dir, 'second'), 'enrol', code, '--cloud', hall.gateway);
  t.equal(second.code, 1);
  t.match(second.err, /used already/);
});

t.test('a new certificate, without a break; a new CA is followed', async (t) => {
  const before = await status();
  const renewed = await hall.hub('enrol', '--renew', '--json');
  t.equal(renewed.code, 0, renewed.err);
  t.match((await certificates()).map(({ issuedBy }) => issuedBy).sort(), ['enrolled', 'renewed']);
  t.equal((await status()).uplink.state, 'online');
  await api.post('/certificate-authorities');
  hall.uplink.reset();
  const followed = await until(
    'the new list of CAs',
    ({ identity, uplink }) => uplink.state === 'online' && identity.trustVersion !== before.identity.trustVersion,
  );
  t.equal(followed.identity.cas.length, 2);
});

t.test('revoked while connected: said plainly, the hall goes on, a new code brings all of it up', async (t) => {
  await api.post(`/units/${unitId}/certificates/revoke`, { reason: 'lost' });
  // The line says it a moment after the identity.
  const refused = await until(
    'the refusal',
    ({ identity, uplink }) => identity.state === 'refused' && /revoked/.test(uplink.reason ?? ''),
  );
  t.match(refused.identity.reason, /revoked/);
  const doctor = await hall.hub('doctor');
  t.equal(doctor.code, 1);
  t.match(doctor.out, /failed +certificate .*revoked/);
  const acknowledged = counting.acknowledgedValues.length;
  await waitUntil('the hall to go on', () => counting.acknowledgedValues.length > acknowledged + 20);
  const { code } = await newCode('replace');
  const enrolled = await hall.hub('enrol', code, '--cloud', hall.gateway);
  t.equal(enrolled.code, 0, enrolled.err);
  await until('the uplink', ({ uplink, identity }) => uplink.state === 'online' && identity.state === 'ready');
  await waitUntil('the device', () => device.state === 'online');
  t.equal(device.deviceId, deviceId, 'the device did not join anew');
  await device[Symbol.asyncDispose]();
  t.match(await compareBooks(hall, deviceId, counting), {
    ...{ missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] },
  });
});

t.test('a first boot in 2006: enrolled by the flag, connected, its times corrected', async (t) => {
  const { unit } = await api.post<{ unit: { id: string } }>('/units', { name: 'U3', hallId: hall.hallId });
  const { code, gateway } = await newCode('new', unit.id);
  const dir = join(hall.dir, 'old clock');
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'edge.yaml'),
    stringify({ version: 1, broker: { host: '127.0.0.1', port: await freePort() } }),
  );
  const shift = `const real = Date.now; Date.now = () => real() - ${20 * 365 * 86_400_000};`;
  const edge = await startPart('edge/src/main.ts', {
    args: ['--data', dir, '--enrol', code, '--cloud', gateway],
    nodeArgs: [`--import=data:text/javascript,${encodeURIComponent(shift)}`],
  });
  t.teardown(() => edge.stop());
  const seen = await waitUntil('the uplink', async () => {
    const now = await status(dir);
    return now.uplink.state === 'online' && now.clock.offsetMs !== null && now;
  });
  t.match(seen.clock, { state: 'untrusted' });
  t.ok((seen.clock.offsetMs ?? 0) > 19 * 365 * 86_400_000, `${seen.clock.offsetMs}`);
  t.equal(seen.identity.state, 'ready');
  t.match(JSON.parse(readFileSync(join(dir, 'unit.json'), 'utf8')).unitId, unit.id);
});
