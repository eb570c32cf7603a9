import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { camera, hall, hostOf } from './bench.js';

t.setTimeout(600_000);

const scope = (name: string) => `onvif://www.onvif.org/location/${name}-${process.pid}`;
const uuid = (digit: string) => `urn:uuid:${digit.repeat(8)}-0000-4000-8000-${String(process.pid).padStart(12, '0')}`;

t.test('two halls on one machine find their own cameras by scope, and no others', async (t) => {
  for (const name of ['north', 'south'])
    await camera(t, name, {
      discovery: true,
      scopes: [`${scope(name)}/desk`],
      endpointReference: uuid(name === 'north' ? 'a' : 'b'),
    });
  const discovered = { discover: true, interfaces: ['lo'] };
  const north = await hall(t, { ...discovered, scopes: [scope('north')] });
  const south = await hall(t, { ...discovered, scopes: [scope('south')] });
  await north.host.until('north', () => north.host.foundDevices.length > 0);
  await south.host.until('south', () => south.host.foundDevices.length > 0);
  // What came later says Hello.
  await camera(t, 'late', { discovery: true, scopes: [scope('south')], endpointReference: uuid('c') });
  await south.host.until('the late one', () => south.host.devices.list().length === 2);
  t.same(
    north.host.devices.list().map(({ identity }) => identity.serial),
    ['north'],
  );
  t.match(north.addressOf('north'), /#urn:uuid:aaaaaaaa/);
});

for (const silently of [false, true]) {
  t.test(`a camera with a new address is found again${silently ? ', though it does not say so' : ''}`, async (t) => {
    const name = `moving-${silently}`;
    const one = await camera(t, name, {
      discovery: true,
      scopes: [scope(name)],
      endpointReference: uuid(silently ? 'd' : 'e'),
    });
    const { host, idOf, addressOf } = await hall(t, {
      discover: true,
      interfaces: ['lo'],
      scopes: [scope(name)],
      rediscoverEveryMs: 600_000,
    });
    await host.until('facts', () => host.value('serial') === name);
    const before = { id: idOf(name), address: addressOf(name) };
    await one.move({ host: '127.0.0.9', silently });
    await host.until('it is at the new place', () => addressOf(name).includes('127.0.0.9'));
    t.equal(idOf(name), before.id);
    const from = host.readings.length;
    await host.until('and read there', () => host.readings.slice(from).some(({ values }) => values.serial === name));
    t.same(host.devices.list().length, 1);
  });
}

t.test('two cameras that change addresses with each other are told apart', async (t) => {
  const names = ['left', 'right'];
  const [left, right] = await Promise.all(
    names.map((name, i) =>
      camera(t, name, { discovery: true, scopes: [scope('swap')], endpointReference: uuid(String(i + 1)) }),
    ),
  );
  if (!left || !right) throw new Error('no cameras');
  left.state.hostname = 'left';
  right.state.hostname = 'right';
  const { host, idOf, addressOf } = await hall(t, { discover: true, interfaces: ['lo'], scopes: [scope('swap')] });
  const told = (from = 0) =>
    names.every((name) =>
      host.readings.slice(from).some((one) => one.deviceId === idOf(name) && one.values.hostname === name),
    );
  await host.until('both', () => host.devices.list().length === 2 && told());
  const [leftPort, rightPort, ids] = [left.server.port, right.server.port, names.map(idOf)];
  await left.move({ silently: true });
  await right.move({ port: leftPort, silently: true });
  await left.move({ port: rightPort, silently: true });
  await host.until('each at the address of the other', () =>
    [addressOf('left').includes(`:${rightPort}/`), addressOf('right').includes(`:${leftPort}/`)].every(Boolean),
  );
  const from = host.readings.length;
  await host.until('both are read', () => told(from));
  t.same(names.map(idOf), ids);
  for (const { deviceId, values } of host.readings) {
    if (values.hostname !== undefined)
      t.equal(values.hostname, names[ids.indexOf(deviceId)], 'no value of one for the other');
  }
});

t.test('two cameras of one serial number are two devices', async (t) => {
  const cameras = await Promise.all(
    ['8', '9'].map((digit) =>
      camera(t, '123456', { discovery: true, scopes: [scope('twins')], endpointReference: uuid(digit) }),
    ),
  );
  const { host } = await hall(t, {
    discover: true,
    interfaces: ['lo'],
    scopes: [scope('twins')],
    hosts: cameras.map(hostOf),
  });
  await host.until('both', () => host.devices.list().length === 2);
  await host.until('both are there', () => {
    const there = host.evidence.filter(({ check, ok }) => check === 'login' && ok);
    return new Set(there.map(({ deviceId }) => deviceId)).size === 2;
  });
  t.match(
    host.devices
      .list()
      .map(({ identity }) => identity.serial)
      .sort(),
    ['123456', /^123456-\d{12}$/],
  );
});

t.test('a wrong password is told once and tried no more', async (t) => {
  const one = await camera(t, 'A');
  const { host, adapter } = await hall(t, { hosts: [hostOf(one)], password: 'wrong' });
  await host.until('told', () => host.faults.length > 0);
  // Seven times as long as its rounds are.
  await setTimeout(3_500);
  t.match(host.faults, [{ code: 'camera_refused', message: /tried again in 10 min/ }]);
  t.equal(host.faults.length, 1);
  t.ok(one.server.signIn.refused <= 2, `${one.server.signIn.refused} attempts`);
  await host.until('the reason', () => /refused by 127\.0\.0\.1/.test(adapter.status().reason ?? ''));
  t.equal(adapter.status().state, 'running');
  t.notMatch(JSON.stringify([host.faults, host.evidence]), /wrong/);
});

t.test('faults of one camera are said, and harm no other', async (t) => {
  const good = await camera(t, 'good');
  const bad = await camera(t, 'bad');
  const { host, idOf } = await hall(t, { hosts: [hostOf(good), hostOf(bad)] });
  await host.until('both', () => host.devices.list().length === 2);
  for (const [fault, detail] of [
    ['error', /Internal error/],
    ['unavailable', /503/],
    ['garbage', /no SOAP/],
    ['truncated', /no SOAP/],
    ['hang', /did not answer within 4000 ms/],
    ['reset', /ECONNRESET|broke off/],
  ] as const) {
    bad.server.fault = fault;
    const from = host.evidence.length;
    await host.until(fault, () =>
      host.evidence.slice(from).some((one) => !one.ok && one.check === 'soap' && detail.test(one.detail ?? '')),
    );
    const read = host.readings.length;
    await host.until('the good one is read', () =>
      host.readings.slice(read).some((one) => one.deviceId === idOf('good')),
    );
    bad.server.fault = 'none';
    const again = host.evidence.length;
    await host.until('well again', () =>
      host.evidence.slice(again).some((one) => one.ok && one.check === 'soap' && one.deviceId === idOf('bad')),
    );
  }
  t.notOk(
    host.evidence.some((one) => !one.ok && one.deviceId === idOf('good')),
    'nothing of it was said of the other',
  );
});

const certificate = (t: Test) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=camera', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '9',
    ...names,
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  const fingerprint =
    spawnSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256', '-in', cert], { encoding: 'utf8' })
      .stdout.split('=')[1]
      ?.trim() ?? '';
  return { tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }, fingerprint, file: cert };
};

t.test('HTTPS: the first certificate is kept, another one refused, named ones and authorities trusted', async (t) => {
  const [own, other, third] = [certificate(t), certificate(t), certificate(t)];
  const first = await camera(t, 'A', { tls: own.tls });
  const { port } = first.server;
  const url = `https://127.0.0.1:${port}`;
  const kept = await hall(t, { hosts: [url] });
  await kept.host.until('read', () => kept.host.value('serial') === 'A');
  const pin = own.fingerprint.replaceAll(':', '').toLowerCase();
  t.match(kept.addressOf('A'), `sha256:${pin}`);
  await kept.host.until('the certificate to be told', () =>
    /1 HTTPS cameras are known by the certificate/.test(kept.adapter.status().reason ?? ''),
  );
  t.match(await kept.run('A', 'snapshot'), { contentType: 'image/jpeg' });
  const named = await hall(t, {
    hosts: [{ host: url, username: 'operator', password: 'x', fingerprint: other.fingerprint }],
  });
  await named.host.until('refused', () => named.host.faults.length > 0);
  t.match(named.host.faults[0], {
    code: 'camera_certificate',
    message: new RegExp(`another certificate than before, ${pin}`),
  });
  const authority = await hall(t, { hosts: [url], tls: { ca: own.file } });
  await authority.host.until('trusted', () => authority.host.value('serial') === 'A');
  const stranger = await hall(t, { hosts: [url], tls: { ca: other.file } });
  await stranger.host.until('not trusted', () => stranger.host.faults.length > 0);
  t.match(stranger.host.faults[0], { code: 'camera_certificate', message: /not trusted/ });
  await first[Symbol.asyncDispose]();
  // Of a certificate that nobody here trusts: two of the halls would trust the other one.
  const impostor = await camera(t, 'A', { tls: third.tls, port });
  await kept.host.until('told', () =>
    kept.host.evidence.some((one) => !one.ok && /another certificate than before/.test(one.detail ?? '')),
  );
  t.same(impostor.server.asked, [], 'it was told nothing');
});
