import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { ManualClock } from '@hallhub/shared';
import { type Profile, parseProfile } from '@hallhub/shared/profile';
import t from 'tap';
import { openPtyLink } from '../links/pty-link.js';
import { answerPdu } from '../peers/modbus/answer-pdu.js';
import { serveModbusRtu } from '../peers/modbus/modbus-rtu-server.js';
import { seededRandom } from '../random.js';
import { ModbusDevice } from './modbus-device.js';

const profile = (yaml: string): Profile => {
  const parsed = parseProfile(yaml, 'test.yaml');
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.profile;
};

const thermostat = profile(`
schema: 1
vendor: acme
vendorLabel: { zh: 示例, en: Acme }
model: th-10
label: { zh: 温控器, en: Thermostat }
class: environment-sensor
version: 1.0.0
source: { kind: own, document: a test }
match:
  modbus:
    - reads: [{ table: holding, address: 0, type: u16, equals: 4112 }]
thing:
  properties:
    - { id: temperature, label: { zh: 温度, en: T }, type: number, unit: Cel, range: [-40, 80], decimals: 1, deadBand: 0.2, role: primary }
    - { id: setpoint, label: { zh: 设定, en: S }, type: number, unit: Cel, range: [5, 35], step: 0.5, decimals: 1, access: rw, role: setting }
    - { id: energy, label: { zh: 电能, en: E }, type: number, unit: kW.h, decimals: 2, cumulative: true }
    - { id: mode, label: { zh: 模式, en: M }, type: enum, access: rw, values: [{ id: cool, label: { zh: 冷, en: C } }, { id: heat, label: { zh: 热, en: H } }] }
    - { id: probe, label: { zh: 探头, en: P }, type: enum, values: [{ id: ok, label: { zh: 好, en: O } }, { id: broken, label: { zh: 坏, en: B } }] }
    - { id: word, label: { zh: 状态字, en: W }, type: integer, unit: '1', range: [0, 65535], role: diagnostic }
  events:
    - { id: probeBroken, label: { zh: 探头故障, en: Probe broken }, severity: warning }
  commands:
    - { id: reset, label: { zh: 复位, en: Reset }, output: [{ id: count, label: { zh: 次数, en: Count }, type: integer, unit: '1', range: [1, 9] }] }
bindings:
  modbus:
    points:
      temperature: { table: input, address: 1, type: i16, scale: 0.1 }
      setpoint: { table: holding, address: 16, type: u16, scale: 0.1, write: { fc: 6 } }
      energy: { table: input, address: 4, type: u32, scale: 0.01, wordOrder: little }
      mode: { table: holding, address: 17, type: u16, map: { '1': cool, '2': heat }, write: { fc: 16, address: 117 } }
      probe: { table: input, address: 2, type: bits, bit: 3, map: { '0': ok, '1': broken } }
      word: { table: input, address: 2, type: u16 }
    events:
      probeBroken: { property: probe, to: [broken] }
    commands:
      reset:
        steps:
          - { write: { table: holding, address: 48, type: u16 }, value: 1, fc: 6 }
          - { waitMs: 50 }
          - { expect: { table: holding, address: 48, type: u16 }, equals: 0 }
        output:
          count: { table: holding, address: 49, type: u16 }
alarms:
  - { id: hot, kind: threshold, label: { zh: 热, en: Hot }, severity: warning, property: temperature, above: 35, hysteresis: 1 }
`);

const device = (clock = new ManualClock()) =>
  new ModbusDevice(thermostat, { clock, random: seededRandom(3), lively: false });
const ask = (one: ModbusDevice, hex: string) =>
  answerPdu(one.bank, Buffer.from(hex.replaceAll(' ', ''), 'hex'), one.identification).toString('hex');

t.test('registers hold the state, and the state moves within what raises no alarm', async (t) => {
  const clock = new ManualClock();
  const one = device(clock);
  const seen = new Set<number>();
  let energy = 0;
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(15_000);
    const values = one.state.values();
    const raw = Buffer.from(ask(one, '04 0001 0001'), 'hex').readInt16BE(2);
    t.equal(raw, Math.round(Number(values.temperature) * 10));
    const words = Buffer.from(ask(one, '04 0004 0002'), 'hex');
    t.equal(words.readUInt16BE(4) * 65_536 + words.readUInt16BE(2), Math.round(Number(values.energy) * 100));
    t.ok(Number(values.temperature) < 34, `${values.temperature} is below the alarm`);
    t.ok(Number(values.energy) >= energy, 'a counter grows');
    energy = Number(values.energy);
    seen.add(Number(values.temperature));
  }
  t.ok(seen.size > 5, `${seen.size} temperatures`);
});

t.test('what is written is what is read next; nonsense is refused', async (t) => {
  const one = device();
  t.equal(ask(one, '06 0010 00d7'), '06001000d7');
  t.equal(one.state.value('setpoint'), 21.5);
  t.equal(ask(one, '03 0010 0001'), '030200d7');
  t.equal(ask(one, '10 0075 0001 02 0002'), '1000750001', 'written at an address of its own');
  t.equal(one.state.value('mode'), 'heat');
  t.equal(ask(one, '03 0011 0001'), '03020002');
  t.equal(ask(one, '10 0075 0001 02 0009'), '9003', 'no such mode');
  t.equal(one.state.value('mode'), 'heat');
});

t.test('undefined registers are exception 2, registers that may be bridged are there', async (t) => {
  const one = device();
  t.equal(ask(one, '04 0100 0001'), '8402');
  t.equal(ask(one, '04 0003 0001'), '04020000');
});

t.test('answers its own probe, commands act, and an event is a value', async (t) => {
  const clock = new ManualClock();
  const one = device(clock);
  t.equal(ask(one, '03 0000 0001'), '03021010');
  t.equal(ask(one, '06 0030 0001'), '0600300001');
  t.equal(ask(one, '03 0030 0001'), '03020000', 'the command is over');
  const count = Buffer.from(ask(one, '03 0031 0001'), 'hex').readUInt16BE(2);
  t.ok(count >= 1 && count <= 9, `${count}`);
  t.equal(one.values().probe, 'ok');
  t.equal(one.values().word, 0);
  t.ok(one.raise('probeBroken'));
  t.equal(ask(one, '04 0002 0001'), '04020008');
  t.equal(one.values().word, 8, 'the word says what its bits say');
  await clock.advance(60_000);
  t.equal(one.values().probe, 'ok');
});

const noMbpoll = spawnSync('mbpoll', ['-V']).error ? 'mbpoll is missing: apt-get install mbpoll' : false;

t.test('mbpoll reads and writes two slaves on one RTU line', { skip: noMbpoll }, async (t) => {
  const line = openPtyLink();
  t.teardown(() => line[Symbol.dispose]());
  const [one, two] = [device(), device()];
  const server = serveModbusRtu(
    line,
    new Map([
      [3, one],
      [7, two],
    ]),
  );
  const mbpoll = async (...args: string[]) => {
    const child = spawn('mbpoll', ['-m', 'rtu', '-b', '9600', '-P', 'none', '-o', '10', '-0', '-1', ...args]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    await once(child, 'close');
    return out;
  };
  const out = await mbpoll('-a', '7', '-t', '4', '-r', '16', line.path, '215');
  t.match(out, /Written 1 reference/);
  t.equal(two.state.value('setpoint'), 21.5);
  t.not(one.state.value('setpoint'), 21.5);
  t.match(await mbpoll('-a', '3', '-t', '4', '-r', '0', '-c', '1', line.path), /\[0\]:\s+4112/);
  t.equal(server.skippedBytes, 0);
});
