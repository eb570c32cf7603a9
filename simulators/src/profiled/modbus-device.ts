import { type Clock, systemClock } from '@hallhub/shared';
import { type ModbusBinding, type Profile, profileId, registerCount } from '@hallhub/shared/profile';
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
import { carriedByPoints, eventValues, identificationOf } from './modbus-profile.js';
import { ModbusRegisters, type Register } from './modbus-registers.js';
import { ModbusSteps } from './modbus-steps.js';
import { carriedBy, rawOf } from './raw-value.js';
import { RegisterMap } from './register-map.js';
import { rawRange } from './register-words.js';
import { textFromPattern } from './text-from-pattern.js';

export interface ModbusDeviceOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Events come by themselves; false: only when raised. */
  readonly lively?: boolean;
}

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
  readonly #registers: ModbusRegisters;
  readonly #steps: ModbusSteps;
  readonly #random: () => number;
  readonly #events: Disposable | undefined;

  constructor(profile: Profile, options: ModbusDeviceOptions = {}) {
    const binding = profile.bindings.modbus;
    if (!binding) throw new RangeError(`${profileId(profile)} has no Modbus binding`);
    const { clock = systemClock, random = Math.random } = options;
    this.profile = profile;
    this.#binding = binding;
    this.#random = random;
    this.faults = new Faults(random);
    const map = new RegisterMap(binding, profile.match.modbus);
    const carried = carriedByPoints(profile, binding);
    this.state = new DeviceState(profile, { clock, random, carried, avoid: eventValues(binding) });
    this.identification = identificationOf(profile, random);
    const registers = new ModbusRegisters({ profile, binding, map, state: this.state });
    this.#map = map;
    this.#registers = registers;
    this.#steps = new ModbusSteps({ profile, binding, map, registers });
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
        this.#map.owns(id) ? this.state.value(id) : this.#registers.read(point, id),
      ]),
    );
  }

  [Symbol.dispose](): void {
    this.#events?.[Symbol.dispose]();
  }

  #openBank(): ModbusBank {
    const table = (name: ModbusTableName) => ({
      get: (address: number) => this.#registers.word(name, address),
      set: (address: number, word: number) => this.#registers.hold(name, address, word),
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

  /** A whole write has come: properties take their new values, the rest is kept as it is; nonsense is refused. */
  #written(table: 'coil' | 'holding', address: number, count: number): void {
    const touched = this.#map.writable(table, address, count);
    const values = touched.map(({ id, spec }) => [id, this.#registers.read(spec, id)] as const);
    const steps = this.#steps.at(table, address, count);
    const held = this.#registers.release();
    if (values.some(([id, value]) => value === undefined && !steps.some(({ ids }) => ids.has(id)))) {
      throw new ModbusException(illegalValue);
    }
    const inputs = this.#steps.inputs(steps, held);
    this.#registers.keep(values, held);
    for (const step of steps) this.#steps.follow(step, inputs);
  }

  /** Answers the profile's own probe. */
  #identify(read: MatchRead): void {
    const [any] = read.oneOf ?? [];
    const text = read.pattern === undefined ? undefined : textFromPattern(read.pattern, { random: this.#random });
    const wanted = read.equals ?? any ?? text;
    if (wanted !== undefined) this.#registers.put(read as Register, wanted);
    else if (read.between && this.#map.owning(read.table, read.address, registerCount(read)).length === 0) {
      this.#registers.put(read as Register, Math.round((read.between[0] + read.between[1]) / 2));
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
        if (raw !== undefined) this.#registers.put(spec, raw);
      }
    }
  }
}
