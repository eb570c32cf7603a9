import { parseProfile, profileHash, profileId } from '@hallhub/shared/profile';
import type { LoadedProfile } from '../../../edge/src/ports/index.js';
import type { ModbusSlave } from '../peers/modbus/modbus-tcp-server.js';
import { RegisterBank } from '../peers/modbus/register-bank.js';

/** The reads that a client needs for all points: one request each. */
export const meterBlocks = [
  { table: 'input', address: 0, count: 120, points: 60, type: 'f32', words: 2 },
  { table: 'input', address: 200, count: 80, points: 40, type: 'f32', words: 2 },
  { table: 'holding', address: 0, count: 80, points: 80, type: 'u16', words: 1 },
  { table: 'coil', address: 0, count: 60, points: 60, type: 'bool', words: 1 },
] as const;

export const meterPoints = meterBlocks.reduce((sum, block) => sum + block.points, 0);

export const floatingUnit = 1;
export const stillUnit = 2;

/** What changes between two requests: every value, or one in twelve, as in a hall at rest. */
export type Liveliness = 'floating' | 'calm';

const meterBank = (round: number, liveliness: Liveliness = 'floating'): RegisterBank => {
  const bank = new RegisterBank();
  for (const { table, address, points, type } of meterBlocks) {
    for (let i = 0; i < points; i++) {
      const turn = liveliness === 'floating' || i % 24 === round ? round : 0;
      if (type === 'f32') bank.setFloat(table, address + i * 2, 230 + Math.sin(turn * 0.7 + i) * 7);
      else if (type === 'u16') bank.setWords(table, address + i, [i * 7 + turn]);
      else bank.coils.set(address + i, (i + turn) % 3 === 0);
    }
  }
  return bank;
};

/** A meter of which every request finds all other values. */
const floatingMeter = (banks: readonly RegisterBank[]): ModbusSlave => {
  let requests = 0;
  return {
    get bank() {
      return banks[requests++ % banks.length] as RegisterBank;
    },
  };
};

// Fifteen banks and four blocks a round: a block never meets the bank that it met before.
const bankRounds = (liveliness: Liveliness = 'floating') =>
  Array.from({ length: 15 }, (_, round) => meterBank(round, liveliness));

/** Two meters: one floating, and one with always the same values. */
export const meterSlaves = (): ReadonlyMap<number, ModbusSlave> =>
  new Map([
    [floatingUnit, floatingMeter(bankRounds())],
    [stillUnit, { bank: meterBank(0) }],
  ]);

/** Meters with the unit ids 1 to `count`. */
export const livelyMeters = (count: number, liveliness: Liveliness): ReadonlyMap<number, ModbusSlave> => {
  const banks = bankRounds(liveliness);
  return new Map(Array.from({ length: count }, (_, i) => [i + 1, floatingMeter(banks)]));
};

export const meterProfileId = 'acme/bench-meter';

/** The profile's file: a meter with 240 points in four blocks. */
export const meterProfileText = (everyMs = 5_000): string => {
  const properties: string[] = [];
  const points: string[] = [];
  for (const [b, { table, address, points: count, type, words }] of meterBlocks.entries()) {
    for (let i = 0; i < count; i++) {
      const id = `b${b}p${i}`;
      const value =
        type === 'f32'
          ? "type: number, unit: '1', range: [-100000, 100000]"
          : type === 'u16'
            ? "type: integer, unit: '1', range: [0, 65535]"
            : 'type: boolean';
      properties.push(`    - { id: ${id}, label: { zh: 值, en: Value }, ${value} }`);
      points.push(`      ${id}: { table: ${table}, address: ${address + i * words}, type: ${type} }`);
    }
  }
  return `schema: 1
vendor: acme
vendorLabel: { zh: 艾克, en: Acme }
model: bench-meter
label: { zh: 电表, en: Meter }
class: meter
version: 1.0.0
source: { kind: own, document: a bench }
match:
  modbus:
    - reads:
        - { table: holding, address: 0, type: u16, equals: 0 }
thing:
  properties:
${properties.join('\n')}
bindings:
  modbus:
    maxBlock: 125
    everyMs: ${everyMs}
    points:
${points.join('\n')}
`;
};

/** The meter, polled again as soon as the bus is free. */
export const meterProfile = (): LoadedProfile => {
  const parsed = parseProfile(meterProfileText(), 'bench.yaml');
  if (!parsed.ok) throw new Error(parsed.issues.map((issue) => `${issue.line}: ${issue.message}`).join('\n'));
  const { profile } = parsed;
  const modbus = profile.bindings.modbus;
  if (!modbus) throw new Error('the profile has no Modbus binding');
  // Below what a profile may ask for: the bus is to be the bound.
  const document = { ...profile, bindings: { ...profile.bindings, modbus: { ...modbus, everyMs: 0 } } };
  return {
    id: profileId(document),
    version: document.version,
    hash: profileHash(document),
    document,
    file: 'bench.yaml',
  };
};
