import {
  type ModbusBinding,
  type Profile,
  type RegisterSpec,
  registerCount,
  type Transform,
} from '@hallhub/shared/profile';
import type { ModbusTableName } from '../peers/modbus/register-bank.js';
import { maskOf } from './register-words.js';

/** Bits of one register that a property says. */
export interface Claim {
  readonly id: string;
  readonly spec: RegisterSpec & Transform;
  /** Which of the property's registers this is. */
  readonly index: number;
  readonly mask: number;
}

interface Place {
  readonly id: string;
  readonly spec: RegisterSpec & Transform;
}

type Match = Profile['match']['modbus'];

const tables: readonly ModbusTableName[] = ['coil', 'discrete', 'holding', 'input'];

/**
 * Which registers a profile's device has, and who says what is in them. Where two properties share registers the more
 * exact one (with a map, then parts of a register) says it, and the other reads what is there.
 */
export class RegisterMap {
  readonly #claims = new Map<string, Claim[]>();
  readonly #cells = new Map<string, number>();
  readonly #owners = new Map<string, Place>();
  readonly #writes: Place[] = [];
  readonly #binding: ModbusBinding;

  constructor(binding: ModbusBinding, match: Match) {
    this.#binding = binding;
    const places = Object.entries(binding.points).map(([id, spec]) => ({ id, spec }));
    for (const place of [...places].sort((a, b) => rank(a.spec) - rank(b.spec))) this.#claim(place);
    for (const { id, spec } of places) {
      this.#define(spec);
      if (!spec.write) continue;
      const table = spec.write.table ?? spec.table;
      const address = spec.write.address ?? spec.address;
      const written = { ...spec, table, address };
      this.#writes.push({ id, spec: written });
      // Written elsewhere than read: what was set can be read there as well.
      if (table !== spec.table || address !== spec.address) this.#claim({ id, spec: written }, `${id} written`);
      this.#define(written);
    }
    for (const read of match.flatMap(({ reads }) => reads)) this.#define(read as RegisterSpec);
    for (const { steps, output } of Object.values(binding.commands)) {
      for (const spec of Object.values(output)) this.#define(spec);
      for (const step of steps) {
        if ('write' in step) this.#define(step.write);
        else if ('expect' in step) this.#define(step.expect);
        else if ('exchange' in step) for (const spec of Object.values(step.exchange)) this.#define(spec);
      }
    }
    for (const table of tables) this.#bridge(table);
  }

  claims(table: ModbusTableName, address: number): readonly Claim[] {
    return this.#claims.get(`${table} ${address}`) ?? [];
  }

  cell(table: ModbusTableName, address: number): number | undefined {
    return this.#cells.get(`${table} ${address}`);
  }

  setCell(table: ModbusTableName, address: number, word: number): void {
    this.#cells.set(`${table} ${address}`, word);
  }

  /** Whether this property says what its registers hold. */
  owns(id: string): boolean {
    return this.#owners.has(id);
  }

  maskOf(spec: RegisterSpec): number {
    const mask = maskOf(spec);
    const little = (spec.byteOrder ?? this.#binding.byteOrder) === 'little';
    return little ? ((mask & 0xff) << 8) | ((mask >> 8) & 0xff) : mask;
  }

  /** Properties that a write of these registers sets: those bound to be written there, and those that lie there. */
  writable(table: ModbusTableName, address: number, count: number): Place[] {
    const bound = this.#writes.filter(({ spec }) => overlaps(spec, table, address, count));
    const lying = this.owning(table, address, count).filter(({ id }) => !bound.some((one) => one.id === id));
    return [...bound, ...lying];
  }

  owning(table: ModbusTableName, address: number, count: number): Place[] {
    return [...this.#owners.values()].filter(({ spec }) => overlaps(spec, table, address, count));
  }

  isHole(table: ModbusTableName, address: number, count: number): boolean {
    return this.#binding.holes.some(
      (hole) => hole.table === table && hole.from < address + count && hole.to >= address,
    );
  }

  #claim({ id, spec }: Place, key = id): void {
    const mask = this.maskOf(spec);
    const indexes = Array.from({ length: registerCount(spec) }, (_, index) => index);
    const taken = indexes.some((index) =>
      this.claims(spec.table, spec.address + index).some((claim) => (claim.mask & mask) !== 0),
    );
    if (taken) return;
    for (const index of indexes) {
      const place = `${spec.table} ${spec.address + index}`;
      this.#claims.set(place, [...(this.#claims.get(place) ?? []), { id, spec, index, mask }]);
    }
    this.#owners.set(key, { id, spec });
  }

  #define(spec: RegisterSpec): void {
    for (let at = 0; at < registerCount(spec); at++) {
      const place = `${spec.table} ${spec.address + at}`;
      if (!this.#cells.has(place)) this.#cells.set(place, 0);
    }
  }

  /** The registers between two points that the profile says may be read are there, and hold nothing. */
  #bridge(table: ModbusTableName): void {
    const known = [...this.#cells.keys()]
      .filter((place) => place.startsWith(`${table} `))
      .map((place) => Number(place.slice(table.length + 1)))
      .sort((a, b) => a - b);
    const single = table === 'coil' || table === 'discrete';
    const most = this.#binding.maxGap * (single ? 16 : 1);
    for (const [at, from] of known.entries()) {
      const to = known[at + 1];
      if (to === undefined || to - from - 1 > most) continue;
      for (let address = from + 1; address < to; address++) {
        if (!this.isHole(table, address, 1)) this.#cells.set(`${table} ${address}`, 0);
      }
    }
  }
}

/** Who comes first where two properties lie on the same bits. */
const rank = (spec: RegisterSpec & Transform): number => {
  const part = spec.type === 'bits' || spec.type === 'u8' || spec.type === 'i8';
  if (spec.map) return part ? 1 : 0;
  return part ? 2 : 3;
};

const overlaps = (spec: RegisterSpec, table: ModbusTableName, address: number, count: number): boolean =>
  spec.table === table && spec.address < address + count && spec.address + registerCount(spec) > address;
