import fc from 'fast-check';
import t from 'tap';
import { parseProfile } from '../parse-profile.js';
import type { Profile } from '../profile-schema.js';
import { runVectors } from '../run-vectors.js';
import { vectorsFileSchema } from '../vector-schema.js';
import { planModbusCommand, planModbusWrite } from './modbus-plan.js';

const head = `
schema: 1
vendor: acme
vendorLabel: { zh: 艾克, en: Acme }
model: plan
label: { zh: 计划, en: Plan }
class: other
version: 1.0.0
source: { kind: own, document: a test }
match: {}
thing:
  properties:
    - { id: ratio, label: { zh: 变比, en: Ratio }, type: integer, range: [0, 99999999], access: rw }
    - { id: energy, label: { zh: 电量, en: Energy }, type: number, unit: kW.h }
    - { id: level, label: { zh: 级别, en: Level }, type: integer, range: [-128, 127], access: rw }
    - { id: trim, label: { zh: 微调, en: Trim }, type: integer, range: [-4, 3], access: rw }
    - { id: flow, label: { zh: 流量, en: Flow }, type: number, unit: 'L/s' }
  events: []
  commands:
    - id: clock
      label: { zh: 对时, en: Set clocks }
      input: [{ id: year, label: { zh: 年, en: Year }, type: integer, range: [0, 99] }]
    - id: unlock
      label: { zh: 解锁, en: Unlock }
      input: [{ id: code, label: { zh: 密码, en: Code }, type: integer, range: [0, 9999] }]
`;
const binding = `
bindings:
  modbus:
    holes: [{ table: holding, from: 100, to: 110 }]
    points:
      ratio: { table: holding, address: 0, type: bcd32, write: { fc: 23 } }
      energy: { table: holding, address: 2, type: mod10-48, scale: 0.01 }
      level: { table: holding, address: 5, type: i8, half: high, write: { fc: 22 } }
      trim: { table: holding, address: 5, type: bits, bit: 0, width: 3, signed: true, write: { fc: 22 } }
      flow: { table: holding, address: 6, type: f32, missing: ['NaN'] }
    commands:
      clock:
        steps: [{ write: { table: holding, address: 40, type: bcd16 }, value: { input: year }, fc: 6, broadcast: true }]
      unlock:
        steps:
          - exchange: { write: { table: holding, address: 60, type: u16 }, read: { table: holding, address: 70, type: u16 } }
            value: { input: code }
            equals: 1
`;

const parse = (text: string) => parseProfile(text, 'acme/plan.yaml');
const issuesOf = (from: string | RegExp, to: string): string[] => {
  const changed = (head + binding).replace(from, to);
  if (changed === head + binding) throw new Error('nothing was changed');
  const parsed = parse(changed);
  return parsed.ok ? [] : parsed.issues.map((issue) => `${issue.path}: ${issue.message}`);
};

const good = parse(head + binding);
if (!good.ok) throw new Error(good.issues.map((issue) => `${issue.path}: ${issue.message}`).join('\n'));
const profile: Profile = good.profile;
const modbus = profile.bindings.modbus;
if (!modbus) throw new Error('no binding');

t.test('vectors: halves, BCD, mod10, signed bits, FC 23 and broadcasts, worked out by hand', async (t) => {
  const file = vectorsFileSchema.parse({
    profile: 'acme/plan',
    vectors: [
      {
        kind: 'modbusRead',
        name: 'every point',
        table: 'holding',
        address: 0,
        // 12 34 56 78 | 1, 2345, 6789 -> 123456789 hundredths | high byte -2, low three bits 110 -> -2 | NaN
        hex: '1234 5678 0001 0929 1A85 FE06 7FC0 0000',
        values: { ratio: 12_345_678, energy: 1_234_567.89, level: -2, trim: -2 },
      },
      {
        kind: 'modbusRead',
        name: 'digits that are none',
        table: 'holding',
        address: 0,
        hex: '123A 5678 0001 2711 0000',
        values: {},
        problems: ['ratio', 'energy'],
      },
      {
        kind: 'modbusWrite',
        name: 'ratio',
        property: 'ratio',
        value: 9_001,
        write: { fc: 23, address: 0, hex: '0000 9001', read: { address: 0, count: 2 } },
      },
      {
        kind: 'modbusWrite',
        name: 'the high byte alone',
        property: 'level',
        value: -1,
        write: { fc: 22, address: 5, hex: 'FF00', andMask: '00FF', orMask: 'FF00' },
      },
      {
        kind: 'modbusWrite',
        name: 'three bits alone',
        property: 'trim',
        value: -4,
        write: { fc: 22, address: 5, hex: '0004', andMask: 'FFF8', orMask: '0004' },
      },
      {
        kind: 'modbusCommand',
        name: 'to everybody',
        command: 'clock',
        input: { year: 26 },
        writes: [{ fc: 6, address: 40, hex: '0026', broadcast: true }],
      },
      {
        kind: 'modbusCommand',
        name: 'write and read at once',
        command: 'unlock',
        input: { code: 4_711 },
        writes: [{ fc: 23, address: 60, hex: '1267', read: { address: 70, count: 1 } }],
      },
    ],
  });
  t.same(runVectors(profile, file), { passed: 7, failures: [], untested: ['property flow'] });
});

t.test('what no device can do is refused, with the reason', async (t) => {
  t.match(issuesOf('half: high', 'half: middle').join(), /half/);
  t.match(
    issuesOf('bcd32, write: { fc: 23 }', 'bcd32, half: low, write: { fc: 23 }').join(),
    /half fits the types u8 and i8/,
  );
  t.match(
    issuesOf('bcd32, write: { fc: 23 }', 'bcd32, signed: true, write: { fc: 23 }').join(),
    /signed fits bits and mod10/,
  );
  t.match(
    issuesOf('bcd32, write: { fc: 23 }', 'bcd32, write: { fc: 6 }').join(),
    /function code 6 writes one register/,
  );
  t.match(issuesOf('bcd32, write: { fc: 23 }', 'bcd32, write: { fc: 22 }').join(), /22 writes bits, u8 and i8 only/);
  t.match(issuesOf('bcd32, write: { fc: 23 }', 'bcd32, write: { fc: 15 }').join(), /15 does not write to holding/);
  t.match(
    issuesOf('half: high, write: { fc: 22 }', 'half: high, write: { fc: 6 }').join(),
    /leaves the rest of the register alone/,
  );
  t.match(issuesOf('from: 100, to: 110', 'from: 110, to: 100').join(), /ends behind its start/);
  t.match(issuesOf('from: 100, to: 110', 'from: 1, to: 1').join(), /ratio lies in the hole 1 to 1/);
  t.match(issuesOf('holes:', 'maxBlock: 2\n    holes:').join(), /energy takes 3 registers, more than maxBlock/);
  t.match(issuesOf('{ input: year }', '{ input: month }').join(), /no input month/);
  t.match(issuesOf('equals: 1', 'equals: { input: other }').join(), /no input other/);
  t.match(
    issuesOf('read: { table: holding, address: 70', 'read: { table: input, address: 70').join(),
    /23 reads holding registers/,
  );
  t.match(issuesOf('fc: 6, broadcast: true', 'fc: 23, broadcast: true').join(), /fc/);
});

t.test('whatever is written is what is read back, or is refused as not fitting', async (t) => {
  const property = fc.constantFrom('ratio', 'level', 'trim');
  fc.assert(
    fc.property(property, fc.oneof(fc.integer(), fc.integer({ min: -10, max: 10 }), fc.double()), (id, value) => {
      try {
        const { write } = planModbusWrite(modbus, id, value);
        return write.values.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff);
      } catch (error) {
        return (error as { code?: string }).code === 'invalid_input';
      }
    }),
    { numRuns: 1_000 },
  );
  t.throws(() => planModbusCommand(modbus, 'unlock', {}), { code: 'invalid_input' });
  t.throws(() => planModbusCommand(modbus, 'nothing', {}), { code: 'unsupported' });
  t.throws(() => planModbusWrite(modbus, 'energy', 1), { code: 'unsupported' });
});
