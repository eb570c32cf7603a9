import { type ModbusBinding, type ModbusStep, type Profile, registerCount } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { HeldWords, ModbusRegisters, Register } from './modbus-registers.js';
import { rawOf, valueFrom } from './raw-value.js';
import type { RegisterMap } from './register-map.js';
import { rawOfWords } from './register-words.js';

/** A step of a command that a write may be. */
export interface FoundStep {
  readonly command: string;
  readonly at: number;
  /** The step of the command that writes before this one; -1: none. */
  readonly before: number;
  readonly spec: Register;
  readonly input: string | undefined;
  /** Properties that lie where it writes. */
  readonly ids: ReadonlySet<string>;
  readonly steps: readonly ModbusStep[];
}

export interface ModbusStepsOptions {
  readonly profile: Profile;
  readonly binding: ModbusBinding;
  readonly map: RegisterMap;
  readonly registers: ModbusRegisters;
}

/** Knows in what is written the steps of the profile's commands, and lets the device say what they expect. */
export class ModbusSteps {
  readonly #options: ModbusStepsOptions;
  /** The step by which each command was last gone on with. */
  readonly #progress = new Map<string, number>();

  constructor(options: ModbusStepsOptions) {
    this.#options = options;
  }

  /** Steps that a write may be: those that go on with a command, or else first ones. */
  at(table: 'coil' | 'holding', address: number, count: number): FoundStep[] {
    const found = this.#candidates(table, address, count);
    const going = found.filter(({ command, before }) => before >= 0 && this.#progress.get(command) === before);
    const chosen = going.length > 0 ? going : found.filter(({ before }) => before < 0);
    this.#progress.clear();
    for (const { command, at } of chosen) this.#progress.set(command, at);
    return chosen;
  }

  /** What the inputs were, as the steps that wrote them say, by command and input. */
  inputs(steps: readonly FoundStep[], held: HeldWords): Map<string, ThingValue | undefined> {
    return new Map(steps.map((step) => [`${step.command} ${step.input}`, this.#given(step, held)]));
  }

  /** What the command expects to read next is what this device then says. */
  follow({ command, at, steps }: FoundStep, inputs: ReadonlyMap<string, ThingValue | undefined>): void {
    for (const step of steps.slice(at)) {
      if (step !== steps[at] && writtenBy(step)) return;
      const wanted = expectedBy(step);
      if (!wanted) continue;
      const { spec, equals } = wanted;
      const value = typeof equals === 'object' ? inputs.get(`${command} ${equals.input}`) : equals;
      const raw = value === undefined ? undefined : rawOf(value, spec);
      if (raw !== undefined) this.#options.registers.put(spec, raw);
    }
  }

  #candidates(table: 'coil' | 'holding', address: number, count: number): FoundStep[] {
    const { binding, map, registers } = this.#options;
    return Object.entries(binding.commands).flatMap(([command, { steps }]) =>
      steps.flatMap((step, at) => {
        const spec = writtenBy(step);
        if (!spec || spec.table !== table || spec.address < address || spec.address >= address + count) return [];
        const given = 'value' in step ? step.value : undefined;
        const input = typeof given === 'object' && 'input' in given ? given.input : undefined;
        if (input === undefined && !registers.isWritten(spec, given as ThingValue)) return [];
        const ids = new Set(map.writable(table, spec.address, registerCount(spec)).map(({ id }) => id));
        const before = steps.slice(0, at).findLastIndex((one) => writtenBy(one) !== undefined);
        return [{ command, at, before, spec, input, ids, steps }];
      }),
    );
  }

  #given({ command, input, spec }: FoundStep, held: HeldWords): ThingValue | undefined {
    const { profile, binding } = this.#options;
    const field = profile.thing.commands.find(({ id }) => id === command)?.input.find(({ id }) => id === input);
    const length = registerCount(spec);
    const words = Array.from({ length }, (_, at) => held.get(`${spec.table} ${spec.address + at}`) ?? 0);
    const raw = rawOfWords(spec, words, binding);
    return field && raw !== undefined ? valueFrom(raw, spec, field) : undefined;
  }
}

const writtenBy = (step: ModbusStep): Register | undefined =>
  'write' in step ? step.write : 'exchange' in step ? step.exchange.write : undefined;

const expectedBy = (step: ModbusStep): { spec: Register; equals: { input: string } | ThingValue } | undefined => {
  if ('expect' in step) return { spec: step.expect, equals: step.equals };
  if ('exchange' in step && step.equals !== undefined) return { spec: step.exchange.read, equals: step.equals };
  return undefined;
};
