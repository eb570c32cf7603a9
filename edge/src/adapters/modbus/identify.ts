import { isHubError } from '@hallhub/shared';
import {
  decodePoint,
  decodeRegisters,
  type ModbusMatch,
  type ModbusProbeRead,
  type RawValue,
  type RegisterSpec,
} from '@hallhub/shared/profile';
import type { DeviceIdentity } from '@hallhub/shared/wire';
import type { FoundDevice, LoadedProfile } from '../../ports/index.js';
import { fitsGlob } from '../glob.js';
import type { Span } from './block-planner.js';
import type { ModbusClient, ReadResult, RequestOptions } from './modbus-client.js';
import { exceptionOf, isSilence } from './modbus-exception.js';
import { ordersOf, type Point, pointsOf, spanOf, wordsOf } from './point.js';

export type Ask = <T>(request: (client: ModbusClient, options: RequestOptions) => Promise<T>) => Promise<T>;

export interface IdentifyOptions {
  readonly unitId: number;
  /** What the device is called on this bus: `tcp://10.0.0.5:502#3`. */
  readonly address: string;
  /** Serial for devices that tell none. */
  readonly fallbackSerial: string;
  readonly profiles: readonly LoadedProfile[];
  readonly pinned: LoadedProfile | undefined;
  readonly ask: Ask;
}

/** Asks one unit id who it is. Undefined: nobody answers. Throws when the bus breaks. */
export const identifyUnit = async (options: IdentifyOptions): Promise<FoundDevice | undefined> => {
  const unit = new UnitProbe(options.ask);
  if (options.pinned) return identifyPinned(unit, options, options.pinned);
  const fits: { profile: LoadedProfile; conditions: number }[] = [];
  for (const profile of options.profiles) {
    for (const rule of profile.document.match.modbus) {
      if (await unit.fits(rule, profile)) fits.push({ profile, conditions: conditionsOf(rule) });
      if (unit.isSilent) return undefined;
    }
  }
  // A unit that no profile asks for is noticed all the same.
  if (!unit.answered) await unit.deviceId();
  if (!unit.answered) return undefined;
  fits.sort((a, b) => b.conditions - a.conditions);
  const [best, second] = fits;
  if (!best) return unknownDevice(unit, options);
  const sure = !second || second.profile.id === best.profile.id || second.conditions < best.conditions;
  return found(unit, options, best.profile, sure ? 'certain' : 'likely');
};

const identifyPinned = async (
  unit: UnitProbe,
  options: IdentifyOptions,
  profile: LoadedProfile,
): Promise<FoundDevice | undefined> => {
  const binding = profile.document.bindings.modbus;
  const [first] = binding ? pointsOf(profile.document, binding) : [];
  if (first) await unit.words(first);
  return unit.answered ? found(unit, options, profile, 'certain') : undefined;
};

const found = async (
  unit: UnitProbe,
  options: IdentifyOptions,
  profile: LoadedProfile,
  certainty: FoundDevice['certainty'],
): Promise<FoundDevice> => {
  const { document } = profile;
  const serial = (await unit.property(profile, 'serialNumber')) ?? (await unit.property(profile, 'serial'));
  const versionId = document.firmware?.versionProperty;
  const firmware = versionId ? await unit.property(profile, versionId) : undefined;
  const identity: DeviceIdentity = {
    vendor: document.vendor,
    model: document.model,
    serial: (serial ?? options.fallbackSerial).slice(0, 100),
    ...(firmware ? { firmware: firmware.slice(0, 100) } : {}),
  };
  return { address: options.address, identity, profileId: profile.id, certainty };
};

const unknownDevice = async (unit: UnitProbe, options: IdentifyOptions): Promise<FoundDevice> => {
  const told = await unit.deviceId();
  const clean = (text: string | undefined) =>
    text
      ?.replace(/[^\x20-\x7e]/g, '')
      .trim()
      .slice(0, 100) || undefined;
  const firmware = clean(told?.[2]);
  return {
    address: options.address,
    identity: {
      vendor: clean(told?.[0]) ?? 'unknown',
      model: clean(told?.[5]) ?? clean(told?.[1]) ?? 'modbus-device',
      serial: options.fallbackSerial,
      ...(firmware ? { firmware } : {}),
    },
    certainty: 'unknown',
    detail: `unit id ${options.unitId} answers, but no profile's identify section fits`,
  };
};

/** Asks each thing once, whichever profile wants to know it. */
class UnitProbe {
  readonly #reads = new Map<string, Promise<ReadResult | undefined>>();
  #deviceId: Promise<Readonly<Record<number, string>> | undefined> | undefined;
  #silences = 0;
  answered = false;

  constructor(private readonly ask: Ask) {}

  /** Two time-outs and never an answer: nobody is there. */
  get isSilent(): boolean {
    return !this.answered && this.#silences >= 2;
  }

  async fits(rule: ModbusMatch, profile: LoadedProfile): Promise<boolean> {
    const binding = profile.document.bindings.modbus;
    for (const read of rule.reads) {
      const words = await this.words(spanOf(read));
      if (!words || !fitsRead(read, words, binding ? ordersOf(binding) : {})) return false;
    }
    if (!rule.deviceId) return true;
    const told = await this.deviceId();
    if (!told) return false;
    const { vendorName, productCode, revision, modelName } = rule.deviceId;
    const wanted: [string | undefined, string | undefined][] = [
      [vendorName, told[0]],
      [productCode, told[1]],
      [revision, told[2]],
      [modelName, told[5]],
    ];
    return wanted.every(([glob, text]) => glob === undefined || (text !== undefined && fitsGlob(glob, text.trim())));
  }

  async property(profile: LoadedProfile, id: string): Promise<string | undefined> {
    const binding = profile.document.bindings.modbus;
    const point = binding && pointsOf(profile.document, binding).find((one: Point) => one.property.id === id);
    if (!point) return undefined;
    const words = await this.words(point);
    if (!words) return undefined;
    try {
      const value = decodePoint(point.spec, words, point.property, ordersOf(binding));
      return value === undefined ? undefined : String(value).trim() || undefined;
    } catch (error) {
      if (isHubError(error, 'protocol_violation')) return undefined;
      throw error;
    }
  }

  async words(span: Span): Promise<number[] | undefined> {
    const key = `${span.table} ${span.address} ${span.count}`;
    let read = this.#reads.get(key);
    if (!read) {
      read = this.#try((client, options) => client.read(span.table, span.address, span.count, options));
      this.#reads.set(key, read);
    }
    const result = await read;
    return result && wordsOf(span, span.address, result);
  }

  deviceId(): Promise<Readonly<Record<number, string>> | undefined> {
    this.#deviceId ??= this.#try((client, options) => client.deviceIdentification(options));
    return this.#deviceId;
  }

  async #try<T>(request: (client: ModbusClient, options: RequestOptions) => Promise<T>): Promise<T | undefined> {
    if (this.isSilent) return undefined;
    try {
      const result = await this.ask(request);
      this.answered = true;
      return result;
    } catch (error) {
      if (isSilence(error)) this.#silences++;
      else if (exceptionOf(error) !== undefined) this.answered = true;
      else if (!isHubError(error, 'protocol_violation')) throw error;
      return undefined;
    }
  }
}

const fitsRead = (read: ModbusProbeRead, words: number[], orders: { wordOrder?: 'big' | 'little' }): boolean => {
  let raw: RawValue;
  try {
    raw = decodeRegisters(read as RegisterSpec, words, orders);
  } catch {
    // A float that is none, or too few words: not what this profile expects there.
    return false;
  }
  const same = (literal: unknown) => String(literal) === String(raw);
  if (read.equals !== undefined && !same(read.equals)) return false;
  if (read.oneOf && !read.oneOf.some(same)) return false;
  if (read.between && !(Number(raw) >= read.between[0] && Number(raw) <= read.between[1])) return false;
  return read.pattern === undefined || new RegExp(read.pattern, 'u').test(String(raw));
};

const conditionsOf = (rule: ModbusMatch): number =>
  rule.reads.length * 2 +
  Object.values(rule.deviceId ?? {}).filter((glob) => glob !== undefined && glob !== '*').length;
