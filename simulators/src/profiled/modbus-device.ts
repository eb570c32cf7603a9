import { type Clock, systemClock } from '@hallhub/shared';
import {
  type ModbusBinding,
  type ModbusStep,
  type Profile,
  profileId,
  type RegisterSpec,
  registerCount,
  type Transform,
} from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import { Faults } from '../faults/faults.js';
import type { DeviceIdentification } from '../peers/modbus/answer-pdu.js';
import type { ModbusSlave } from '../peers/modbus/modbus-tcp-server.js';
import {
  illegalAddress,
  illegalValue,
  type ModbusBank,
  ModbusException,
  type ModbusTableName,
} from '../peers/modbus/register-bank.js';
import { DeviceState } from './device-state.js';
import { scheduleEvents } from './event-schedule.js';
import { inventValue } from './invent-value.js';
import { bothCarry, type Carried, carriedBy, type RawValue, rawOf, valueFrom } from './raw-value.js';
import { type Claim, RegisterMap } from './register-map.js';
import { rawOfWords, rawRange, wordsOf } from './register-words.js';
import { textFromPattern } from './text-from-pattern.js';

export interface ModbusDeviceOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Events come by themselves; false: only when raised. */
  readonly lively?: boolean;
}

type Register = RegisterSpec & Transform;
type MatchRead = Profile['match']['modbus'][number]['reads'][number];

/** How long a property stays at the value that raised an event: longer than a poll or two. */
const eventHoldsMs = 12_000;

/** Any profile with a Modbus binding as a slave: what its points say is what its registers hold. */
export class ModbusDevice implements ModbusSlave, Disposable {
  readonly profile: Profile;
  readonly state: DeviceState;
  readonly bank: ModbusBank;
  readonly identification: DeviceIdentification;
  readonly faults: Faults;
  readonly #binding: ModbusBinding;
  readonly #map: RegisterMap;
  readonly #random: () => number;
  readonly #events: Disposable | undefined;
  #pending = new Map<string, number>();
  /** The step by which each command was last gone on with. */
  readonly #progress = new Map<string, number>();

  constructor(profile: Profile, options: ModbusDeviceOptions = {}) {
    const binding = profile.bindings.modbus;
    if (!binding) throw new RangeError(`${profileId(profile)} has no Modbus binding`);
    const { clock = systemClock, random = Math.random } = options;
    this.profile = profile;
    this.#binding = binding;
    this.#random = random;
    this.faults = new Faults(random);
    this.#map = new RegisterMap(binding, profile.match.modbus);
    this.state = new DeviceState(profile, { clock, random, carried: this.#carried(), avoid: eventValues(binding) });
    this.identification = identificationOf(profile, random);
    this.bank = this.#openBank();
    for (const rule of profile.match.modbus.slice(0, 1)) for (const read of rule.reads) this.#identify(read);
    this.#prepareOutputs();
    this.#events =
      options.lively === false
        ? undefined
        : scheduleEvents({
            profile,
            clock,
            random,
            events: Object.keys(binding.events),
            raise: (event) => this.raise(event),
          });
  }

  /** A property takes the value by which the profile tells the event, for some seconds. */
  raise(event: string): boolean {
    const spec = this.#binding.events[event];
    const [value] = spec?.to ?? [];
    if (!spec || value === undefined || !this.state.has(spec.property)) return false;
    this.state.set(spec.property, value, eventHoldsMs);
    return true;
  }

  /** What the registers say now, by property; one that shares registers with another says what they hold. */
  values(): Record<string, ThingValue | undefined> {
    return Object.fromEntries(
      Object.entries(this.#binding.points).map(([id, point]) => [
        id,
        this.#map.owns(id) ? this.state.value(id) : this.#read(point, id),
      ]),
    );
  }

  [Symbol.dispose](): void {
    this.#events?.[Symbol.dispose]();
  }

  #carried(): Map<string, Carried> {
    const carried = new Map<string, Carried>();
    for (const [id, point] of Object.entries(this.#binding.points)) {
      const range = rawRange(point);
      const whole = !['f32', 'f64', 'string'].includes(point.type);
      let known = carriedBy(point, {
        ...(range ? { least: range[0], greatest: range[1] } : {}),
        ...(whole ? { whole } : {}),
        ...(point.type === 'string' ? { maxBytes: registerCount(point) * 2 } : {}),
      });
      for (const rule of this.profile.match.modbus) {
        for (const read of rule.reads) {
          if (!read.between || !samePlace(read, point)) continue;
          known = bothCarry(known, carriedBy(point, { least: read.between[0], greatest: read.between[1] }));
        }
      }
      carried.set(id, known);
    }
    return carried;
  }

  #openBank(): ModbusBank {
    const table = (name: ModbusTableName) => ({
      get: (address: number) => this.#word(name, address),
      set: (address: number, word: number) => void this.#pending.set(`${name} ${address}`, word),
    });
    const bits = (name: ModbusTableName) => {
      const words = table(name);
      return {
        get: (address: number) => {
          const word = words.get(address);
          return word === undefined ? undefined : word !== 0;
        },
        set: (address: number, value: boolean) => words.set(address, value ? 1 : 0),
      };
    };
    const most = this.#binding.maxBlock;
    return {
      coils: bits('coil'),
      discretes: bits('discrete'),
      holding: table('holding'),
      input: table('input'),
      onRead: (name, address, count) => {
        const single = name === 'coil' || name === 'discrete';
        if (count > (single ? most * 16 : most)) throw new ModbusException(illegalValue);
        if (this.#map.isHole(name, address, count)) throw new ModbusException(illegalAddress);
      },
      onWritten: (name, address, count) => this.#written(name, address, count),
    };
  }

  /** What one register holds; undefined where the device has none. */
  #word(table: ModbusTableName, address: number): number | undefined {
    const pending = this.#pending.get(`${table} ${address}`);
    if (pending !== undefined) return pending;
    const claims = this.#map.claims(table, address);
    if (claims.length === 0) return this.#map.cell(table, address);
    let word = 0;
    for (const claim of claims) word |= (this.#wordsFor(claim)[claim.index] ?? 0) & claim.mask;
    return word;
  }

  #wordsFor({ id, spec }: Claim): number[] {
    const raw = rawOf(this.state.value(id), spec);
    return raw === undefined ? [] : wordsOf(spec, raw, this.#binding);
  }

  #read(spec: Register, id: string): ThingValue | undefined {
    const property = this.profile.thing.properties.find((one) => one.id === id);
    const raw = this.#raw(spec);
    return raw === undefined || !property ? undefined : valueFrom(raw, spec, property);
  }

  #raw(spec: RegisterSpec): RawValue | undefined {
    const words = Array.from(
      { length: registerCount(spec) },
      (_, at) => this.#word(spec.table, spec.address + at) ?? 0,
    );
    return rawOfWords(spec, words, this.#binding);
  }

  /** A whole write has come: properties take their new values, the rest is kept as it is; nonsense is refused. */
  #written(table: 'coil' | 'holding', address: number, count: number): void {
    const pending = this.#pending;
    const touched = this.#map.writable(table, address, count);
    const values = touched.map(({ id, spec }) => [id, this.#read(spec, id)] as const);
    const steps = this.#stepsAt(table, address, count);
    this.#pending = new Map();
    if (values.some(([id, value]) => value === undefined && !steps.some(({ ids }) => ids.has(id)))) {
      throw new ModbusException(illegalValue);
    }
    const inputs = new Map(
      steps.map(({ command, input, spec }) => [`${command} ${input}`, this.#given(command, input, { spec, pending })]),
    );
    this.#keep(values, pending);
    for (const step of steps) this.#follow(step, inputs);
  }

  /** Steps of commands that this write may be: those that go on with a command, or else first ones. */
  #stepsAt(table: ModbusTableName, address: number, count: number) {
    const found = this.#candidates(table, address, count);
    const going = found.filter(({ command, before }) => before >= 0 && this.#progress.get(command) === before);
    const chosen = going.length > 0 ? going : found.filter(({ before }) => before < 0);
    this.#progress.clear();
    for (const { command, at } of chosen) this.#progress.set(command, at);
    return chosen;
  }

  #candidates(table: ModbusTableName, address: number, count: number) {
    return Object.entries(this.#binding.commands).flatMap(([command, { steps }]) =>
      steps.flatMap((step, at) => {
        const spec = writtenBy(step);
        if (!spec || spec.table !== table || spec.address < address || spec.address >= address + count) return [];
        const given = 'value' in step ? step.value : undefined;
        const input = typeof given === 'object' && 'input' in given ? given.input : undefined;
        if (input === undefined && !this.#isWritten(spec, given as ThingValue)) return [];
        const ids = new Set(this.#map.writable(table, spec.address, registerCount(spec)).map(({ id }) => id));
        const before = steps.slice(0, at).findLastIndex((one) => writtenBy(one) !== undefined);
        return [{ command, at, before, spec, input, ids, steps }];
      }),
    );
  }

  #isWritten(spec: Register, wanted: ThingValue): boolean {
    const raw = rawOf(wanted, spec);
    if (raw === undefined) return false;
    const words = wordsOf(spec, raw, this.#binding);
    return words.every(
      (word, at) =>
        this.#pending.get(`${spec.table} ${spec.address + at}`) === undefined ||
        this.#word(spec.table, spec.address + at) === word,
    );
  }

  /** What an input was, as the step that wrote it says. */
  #given(
    command: string,
    input: string | undefined,
    { spec, pending }: { spec: Register; pending: ReadonlyMap<string, number> },
  ): ThingValue | undefined {
    const field = this.profile.thing.commands.find(({ id }) => id === command)?.input.find(({ id }) => id === input);
    const raw = rawFrom(spec, pending, this.#binding);
    return field && raw !== undefined ? valueFrom(raw, spec, field) : undefined;
  }

  /** What the command expects to read next is what this device then says. */
  #follow(
    { command, at, steps }: { command: string; at: number; steps: readonly ModbusStep[] },
    inputs: ReadonlyMap<string, ThingValue | undefined>,
  ): void {
    for (const step of steps.slice(at)) {
      if (step !== steps[at] && writtenBy(step)) return;
      const wanted = expectedBy(step);
      if (!wanted) continue;
      const { spec, equals } = wanted;
      const value = typeof equals === 'object' ? inputs.get(`${command} ${equals.input}`) : equals;
      const raw = value === undefined ? undefined : rawOf(value, spec);
      if (raw !== undefined) this.#put(spec, raw);
    }
  }

  /** Makes registers say a raw value: through the property that lies there, or as they are. */
  #put(spec: Register, raw: RawValue): void {
    const words = wordsOf(spec, raw, this.#binding);
    for (const [at, word] of words.entries()) {
      const mask = words.length === 1 ? this.#map.maskOf(spec) : 0xffff;
      const present = this.#word(spec.table, spec.address + at) ?? 0;
      this.#pending.set(`${spec.table} ${spec.address + at}`, (present & ~mask) | (word & mask));
    }
    const owned = this.#map.owning(spec.table, spec.address, words.length);
    const values = owned.map(({ id, spec: own }) => [id, this.#read(own, id) ?? this.#nearest(own, spec)] as const);
    const pending = this.#pending;
    this.#pending = new Map();
    this.#keep(values, pending);
  }

  /** Of a property with a map the value whose registers have what `wanted` asks for, and which else nothing says. */
  #nearest(own: Register, wanted: Register): ThingValue | undefined {
    const mask = this.#map.maskOf(wanted);
    return Object.values(own.map ?? {}).find((value) => {
      const raw = rawOf(value, own);
      const words = raw === undefined ? [] : wordsOf(own, raw, this.#binding);
      const offset = wanted.address - own.address;
      return Array.from({ length: registerCount(wanted) }, (_, at) => at).every((at) => {
        const asked = this.#pending.get(`${wanted.table} ${wanted.address + at}`) ?? 0;
        return ((words[offset + at] ?? 0) & mask) === (asked & mask);
      });
    });
  }

  /** Properties take what changed, and no more: a neighbour in the same register goes on moving. */
  #keep(values: readonly (readonly [string, ThingValue | undefined])[], words: ReadonlyMap<string, number>): void {
    for (const [id, value] of values) {
      const settable = this.state.property(id)?.access !== 'r';
      if (value !== undefined && (settable || this.state.value(id) !== value)) this.state.set(id, value);
    }
    for (const [key, word] of words) {
      const [name, address] = key.split(' ') as [ModbusTableName, string];
      if (this.#map.claims(name, Number(address)).length === 0) this.#map.setCell(name, Number(address), word);
    }
  }

  /** Answers the profile's own probe. */
  #identify(read: MatchRead): void {
    const [any] = read.oneOf ?? [];
    const text = read.pattern === undefined ? undefined : textFromPattern(read.pattern, { random: this.#random });
    const wanted = read.equals ?? any ?? text;
    if (wanted !== undefined) this.#put(read as Register, wanted);
    else if (read.between && this.#map.owning(read.table, read.address, registerCount(read)).length === 0) {
      this.#put(read as Register, Math.round((read.between[0] + read.between[1]) / 2));
    }
  }

  /** Registers that only a command's output reads hold something that fits it. */
  #prepareOutputs(): void {
    for (const [command, { output }] of Object.entries(this.#binding.commands)) {
      const fields = this.profile.thing.commands.find(({ id }) => id === command)?.output ?? [];
      for (const [id, spec] of Object.entries(output)) {
        const field = fields.find((one) => one.id === id);
        if (!field || this.#map.owning(spec.table, spec.address, registerCount(spec)).length > 0) continue;
        const range = rawRange(spec);
        const limits = {
          ...(range ? { least: range[0], greatest: range[1], whole: true } : {}),
          maxBytes: registerCount(spec) * 2,
        };
        const raw = rawOf(inventValue(field, this.#random, carriedBy(spec, limits)), spec);
        if (raw !== undefined) this.#put(spec, raw);
      }
    }
  }
}

const writtenBy = (step: ModbusStep): Register | undefined =>
  'write' in step ? step.write : 'exchange' in step ? step.exchange.write : undefined;

const expectedBy = (step: ModbusStep): { spec: Register; equals: { input: string } | ThingValue } | undefined => {
  if ('expect' in step) return { spec: step.expect, equals: step.equals };
  if ('exchange' in step && step.equals !== undefined) return { spec: step.exchange.read, equals: step.equals };
  return undefined;
};

const rawFrom = (
  spec: Register,
  pending: ReadonlyMap<string, number>,
  binding: ModbusBinding,
): RawValue | undefined => {
  const words = Array.from(
    { length: registerCount(spec) },
    (_, at) => pending.get(`${spec.table} ${spec.address + at}`) ?? 0,
  );
  return rawOfWords(spec, words, binding);
};

const samePlace = (a: RegisterSpec, b: RegisterSpec): boolean =>
  a.table === b.table && a.address === b.address && a.type === b.type;

const eventValues = (binding: ModbusBinding): Map<string, Set<ThingValue>> => {
  const avoid = new Map<string, Set<ThingValue>>();
  for (const { property, to } of Object.values(binding.events)) {
    avoid.set(property, new Set([...(avoid.get(property) ?? []), ...to]));
  }
  return avoid;
};

/** A text that fits a glob: what its stars leave open stays empty. */
const plain = (glob: string | undefined): string | undefined => glob?.replaceAll('*', '');

const identificationOf = (profile: Profile, random: () => number): DeviceIdentification => {
  const told = profile.match.modbus.find(({ deviceId }) => deviceId)?.deviceId;
  const serial = String(Math.floor(random() * 1e6));
  if (!told) return [profile.vendor, profile.model, '1.0', serial].slice(0, 3);
  return [
    plain(told.vendorName) || profile.vendor,
    plain(told.productCode) || profile.model,
    plain(told.revision) || '1.0',
    undefined,
    undefined,
    plain(told.modelName) || profile.model,
  ];
};
