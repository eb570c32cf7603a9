import {
  type ModbusBinding,
  type Profile,
  type RegisterSpec,
  registerCount,
  type Transform,
} from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { ModbusTableName } from '../peers/modbus/register-bank.js';
import type { DeviceState } from './device-state.js';
import { type RawValue, rawOf, valueFrom } from './raw-value.js';
import type { Claim, RegisterMap } from './register-map.js';
import { rawOfWords, wordsOf } from './register-words.js';

export type Register = RegisterSpec & Transform;

/** Words that were written and mean nothing yet, by table and address. */
export type HeldWords = ReadonlyMap<string, number>;

export interface ModbusRegistersOptions {
  readonly profile: Profile;
  readonly binding: ModbusBinding;
  readonly map: RegisterMap;
  readonly state: DeviceState;
}

/** A device's registers: what its properties say they hold, and what is written to them until the properties have it. */
export class ModbusRegisters {
  readonly #profile: Profile;
  readonly #binding: ModbusBinding;
  readonly #map: RegisterMap;
  readonly #state: DeviceState;
  #held = new Map<string, number>();

  constructor({ profile, binding, map, state }: ModbusRegistersOptions) {
    this.#profile = profile;
    this.#binding = binding;
    this.#map = map;
    this.#state = state;
  }

  /** What one register holds; undefined where the device has none. */
  word(table: ModbusTableName, address: number): number | undefined {
    const held = this.#held.get(`${table} ${address}`);
    if (held !== undefined) return held;
    const claims = this.#map.claims(table, address);
    if (claims.length === 0) return this.#map.cell(table, address);
    let word = 0;
    for (const claim of claims) word |= (this.#wordsFor(claim)[claim.index] ?? 0) & claim.mask;
    return word;
  }

  hold(table: ModbusTableName, address: number, word: number): void {
    this.#held.set(`${table} ${address}`, word);
  }

  isHeld(table: ModbusTableName, address: number): boolean {
    return this.#held.has(`${table} ${address}`);
  }

  /** What was written, and from now on is not there any more. */
  release(): HeldWords {
    const held = this.#held;
    this.#held = new Map();
    return held;
  }

  read(spec: Register, id: string): ThingValue | undefined {
    const property = this.#profile.thing.properties.find((one) => one.id === id);
    const words = Array.from({ length: registerCount(spec) }, (_, at) => this.word(spec.table, spec.address + at) ?? 0);
    const raw = rawOfWords(spec, words, this.#binding);
    return raw === undefined || !property ? undefined : valueFrom(raw, spec, property);
  }

  /** Whether a write made registers say this value. */
  isWritten(spec: Register, wanted: ThingValue): boolean {
    const raw = rawOf(wanted, spec);
    if (raw === undefined) return false;
    const words = wordsOf(spec, raw, this.#binding);
    return words.every(
      (word, at) => !this.isHeld(spec.table, spec.address + at) || this.word(spec.table, spec.address + at) === word,
    );
  }

  /** Makes registers say a raw value: through the property that lies there, or as they are. */
  put(spec: Register, raw: RawValue): void {
    const words = wordsOf(spec, raw, this.#binding);
    for (const [at, word] of words.entries()) {
      const mask = words.length === 1 ? this.#map.maskOf(spec) : 0xffff;
      const present = this.word(spec.table, spec.address + at) ?? 0;
      this.hold(spec.table, spec.address + at, (present & ~mask) | (word & mask));
    }
    const owned = this.#map.owning(spec.table, spec.address, words.length);
    const values = owned.map(({ id, spec: own }) => [id, this.read(own, id) ?? this.#nearest(own, spec)] as const);
    this.keep(values, this.release());
  }

  /** Properties take what changed, and no more: a neighbour in the same register goes on moving. */
  keep(values: readonly (readonly [string, ThingValue | undefined])[], words: HeldWords): void {
    for (const [id, value] of values) {
      const settable = this.#state.property(id)?.access !== 'r';
      if (value !== undefined && (settable || this.#state.value(id) !== value)) this.#state.set(id, value);
    }
    for (const [key, word] of words) {
      const [name, address] = key.split(' ') as [ModbusTableName, string];
      if (this.#map.claims(name, Number(address)).length === 0) this.#map.setCell(name, Number(address), word);
    }
  }

  #wordsFor({ id, spec }: Claim): number[] {
    const raw = rawOf(this.#state.value(id), spec);
    return raw === undefined ? [] : wordsOf(spec, raw, this.#binding);
  }

  /** Of a property with a map the value whose registers have what `wanted` asks for, and which else nothing says. */
  #nearest(own: Register, wanted: Register): ThingValue | undefined {
    const mask = this.#map.maskOf(wanted);
    return Object.values(own.map ?? {}).find((value) => {
      const raw = rawOf(value, own);
      const words = raw === undefined ? [] : wordsOf(own, raw, this.#binding);
      const offset = wanted.address - own.address;
      return Array.from({ length: registerCount(wanted) }, (_, at) => at).every((at) => {
        const asked = this.#held.get(`${wanted.table} ${wanted.address + at}`) ?? 0;
        return ((words[offset + at] ?? 0) & mask) === (asked & mask);
      });
    });
  }
}
