import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import t from 'tap';
import { root as repository } from '../lib/root.mjs';
import { writeTestIdentity } from './fixtures/test-identity.mjs';
import {
  forgetUnitIdentity,
  readUnitCredential,
  readUnitIdentity,
  writeEdgeConfig,
  writeUnitAddresses,
} from './unit-files.mjs';

const { parse } = createRequire(path.join(repository, 'edge/package.json'))('yaml');
const DAY = 24 * 3600 * 1000;
const devices = [
  { name: 'queue-machine', kind: 'mqtt', endpoint: 'mqtt://127.0.0.1:1883' },
  { name: 'energy-meter', kind: 'modbus', endpoint: 'tcp://127.0.0.1:5020', unitIds: [1, 2] },
  { name: 'led-display', kind: 'serial', endpoint: '/a b/数据/"tty', baudRate: 9600 },
  { name: 'camera', kind: 'onvif', endpoint: 'http://127.0.0.1:8081/onvif', username: 'admin', password: 'a: {b}' },
];
const config = (folder, more = {}) =>
  writeEdgeConfig({ folder, port: 1883, hallName: '演示: 厅', devices, now: DAY, ...more });
const read = (folder) => fs.readFileSync(path.join(folder, 'edge.yaml'), 'utf8');

t.test('the written configuration is the hall that runs', async (t) => {
  const folder = path.join(t.testdir({}), 'edge');
  t.match(config(folder), { changed: true, kept: false });
  t.same(parse(read(folder)), {
    version: 1,
    name: '演示: 厅',
    broker: { host: '127.0.0.1', port: 1883 },
    join: { policy: 'window', until: '1970-01-03T00:00:00.000Z' },
    modbus: [{ id: 'energy-meter', url: 'tcp://127.0.0.1:5020', unitIds: [1, 2], discover: true }],
    serial: [{ id: 'led-display', path: '/a b/数据/"tty', baudRate: 9600, discover: true }],
    onvif: { discover: true, hosts: ['127.0.0.1:8081'], username: 'admin', password: 'a: {b}' },
  });
});

t.test('buses with several devices, lines, topics with their accounts', async (t) => {
  const folder = t.testdir({});
  const line = { baudRate: 9600, parity: 'even' };
  config(folder, {
    devices: [
      {
        ...{ name: 'gateway-1', kind: 'modbus', endpoint: 'tcp://127.0.0.1:5020', unitIds: [1] },
        devices: [
          { name: 'a', unitId: 1, profile: 'acme/a' },
          { name: 'b', unitId: 2, profile: 'acme/b', pinned: true },
        ],
      },
      {
        ...{ name: 'rs485-1', kind: 'modbus', endpoint: '/dev/a', line, unitIds: [] },
        devices: [{ name: 'c', unitId: 3, profile: 'acme/c', pinned: true }],
      },
      { name: 'printer', kind: 'serial', endpoint: '/dev/b', profile: 'acme/p', devices: [{ name: 'printer' }] },
      {
        ...{ name: 'led', kind: 'serial', endpoint: '/dev/c', profile: 'acme/led' },
        devices: [
          { name: 'led', profile: 'acme/led', params: { address: 1 } },
          { name: 'led-2', profile: 'acme/led', params: { address: 2 } },
        ],
      },
      {
        ...{ name: 'plug', kind: 'mqtt', endpoint: 'mqtt://127.0.0.1:1883', profile: 'acme/plug', topicName: 'plug-1' },
        account: { userName: 'plug', password: 'p', publish: ['tele/plug-1/STATE'], subscribe: [] },
      },
    ],
  });
  t.match(parse(read(folder)), {
    broker: {
      accounts: [{ userName: 'plug', password: 'p', publish: ['tele/plug-1/STATE'], subscribe: [] }],
    },
    modbus: [
      { id: 'gateway-1', unitIds: [1], devices: [{ unitId: 2, profile: 'acme/b' }] },
      { id: 'rs485-1', url: '/dev/a', line, devices: [{ unitId: 3, profile: 'acme/c' }] },
    ],
    serial: [
      { id: 'printer', path: '/dev/b', profile: 'acme/p' },
      {
        id: 'led',
        devices: [
          { profile: 'acme/led', params: { address: 1 } },
          { profile: 'acme/led', params: { address: 2 } },
        ],
      },
    ],
    mqtt: { discover: false, devices: [{ profile: 'acme/plug', name: 'plug-1' }] },
  });
});

t.test('it follows the simulators, is left alone when nothing changed, and renews its joining window', async (t) => {
  const folder = t.testdir({});
  config(folder);
  t.match(config(folder, { now: DAY + 1000 }), { changed: false, kept: false });
  t.match(config(folder, { now: 3 * DAY }), { changed: true });
  const moved = devices.map((device) =>
    device.kind === 'modbus' ? { ...device, endpoint: 'tcp://127.0.0.1:5999' } : device,
  );
  t.match(config(folder, { devices: moved, now: 3 * DAY }), { changed: true });
  t.match(read(folder), '5999');
});

t.test('what a person changed is theirs', async (t) => {
  const folder = t.testdir({});
  config(folder);
  fs.appendFileSync(path.join(folder, 'edge.yaml'), '# mine\n');
  t.match(config(folder, { port: 2000 }), { kept: true, changed: false });
  t.match(read(folder), /port: 1883[\s\S]*# mine/);
  const foreign = t.testdir({ 'edge.yaml': 'version: 1\n' });
  t.match(config(foreign), { kept: true }, 'a file that was there before is theirs too');
});

t.test('without simulated devices nobody joins without approval', async (t) => {
  const folder = t.testdir({});
  config(folder, { devices: [] });
  t.same(parse(read(folder)).join, { policy: 'approve' });
});

t.test('whose identity lies there: whole, in time, with its credential', async (t) => {
  const folder = t.testdir({});
  const unitId = '01900000-0000-7000-8000-00000000000a';
  t.equal(readUnitIdentity(folder), undefined);
  await writeTestIdentity(folder, { unitId, mqtt: 'mqtts://a:1', gateway: 'https://a:2' });
  t.equal(readUnitIdentity(folder), unitId);
  t.equal(readUnitIdentity(folder, Date.now() + 2 * DAY), undefined, 'over');
  for (const name of ['identity/key.pem', 'identity/certificate.pem', 'identity/trust.json', 'unit.json']) {
    const file = path.join(folder, name);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.slice(0, 100));
    t.equal(readUnitIdentity(folder), undefined, name);
    fs.writeFileSync(file, text);
  }
  forgetUnitIdentity(folder);
  t.equal(readUnitIdentity(folder), undefined);
  t.equal(readUnitCredential(folder).unitId, unitId);
});

t.test('the credential is private, keeps its secret, and follows the cloud’s addresses', async (t) => {
  const folder = t.testdir({});
  const moved = { folder, mqtt: 'mqtts://a:2', gateway: 'https://a:3' };
  t.equal(writeUnitAddresses(moved), false, 'no credential, no file');
  fs.writeFileSync(path.join(folder, 'unit.json'), '{"unitId":"u1","secret":"s","cloud":{"mqtt":"mqtt://a:1"}}');
  t.equal(writeUnitAddresses({ ...moved, mqtt: null }), false, 'a broker of its own says itself where it is');
  t.equal(writeUnitAddresses(moved), true);
  t.equal(writeUnitAddresses(moved), false);
  t.equal(fs.statSync(path.join(folder, 'unit.json')).mode & 0o777, 0o600);
  t.same(readUnitCredential(folder), {
    ...{ unitId: 'u1', secret: 's' },
    cloud: { mqtt: 'mqtts://a:2', gateway: 'https://a:3' },
  });
});

t.test('a half-written credential counts as missing', async (t) => {
  t.equal(readUnitCredential(t.testdir({ 'unit.json': '{"unitId":"u' })), undefined);
  t.equal(readUnitCredential(t.testdir({ 'unit.json': '{"unitId":"u"}' })), undefined);
});
