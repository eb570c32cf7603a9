import { isHubError } from '@hallhub/shared';
import {
  decodePoint,
  matchProfile,
  modbusProbes,
  type ProbedRegisters,
  type SeenIdentity,
} from '@hallhub/shared/profile';
import type { DeviceIdentity } from '@hallhub/shared/wire';
import type { FoundDevice, LoadedProfile } from '../../ports/index.js';
import type { Span } from './block-planner.js';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import { exceptionOf, isSilence } from './modbus-exception.js';
import { ordersOf, type Point, pointsOf } from './point.js';

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
  const documents = options.profiles.map((profile) => profile.document);
  const probes = modbusProbes(documents);
  for (const read of probes.flatMap((probe) => probe.reads)) {
    await unit.words(read);
    if (unit.isSilent) return undefined;
  }
  if (probes.some((probe) => probe.wantsDeviceId)) await unit.deviceId();
  const { best, candidates, why } = matchProfile(documents, await unit.seen());
  const chosen = best ?? candidates[0];
  const profile = chosen && options.profiles.find((one) => one.document === chosen.profile);
  if (profile) return found(unit, options, profile, best ? 'certain' : 'likely');
  // A unit that no profile knows is noticed all the same.
  const told = await unit.deviceId();
  return unit.answered ? unknownDevice(told, options, why) : undefined;
};

const identifyPinned = async (
  unit: UnitProbe,
  options: IdentifyOptions,
  profile: LoadedProfile,
): Promise<FoundDevice | undefined> => {
  const binding = profile.document.bindings.modbus;
  const [first] = binding ? pointsOf(profile.document, binding) : [];
  if (first) await unit.words(first);
  if (!unit.answered) return undefined;
  // Named in the configuration, so nobody need approve it.
  return { ...(await found(unit, options, profile, 'certain')), configured: true };
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

const unknownDevice = (
  told: Readonly<Record<number, string>> | undefined,
  options: IdentifyOptions,
  why: string,
): FoundDevice => {
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
    detail: `unit id ${options.unitId} answers: ${why}`,
  };
};

/** Asks each thing once, whichever profile wants to know it. */
class UnitProbe {
  readonly #reads = new Map<string, { span: Span; words: Promise<Uint16Array | undefined> }>();
  #deviceId: Promise<Readonly<Record<number, string>> | undefined> | undefined;
  #silences = 0;
  answered = false;

  constructor(private readonly ask: Ask) {}

  /** Two time-outs and never an answer: nobody is there. */
  get isSilent(): boolean {
    return !this.answered && this.#silences >= 2;
  }

  async seen(): Promise<SeenIdentity> {
    const registers: ProbedRegisters[] = [];
    for (const { span, words } of this.#reads.values()) {
      const values = await words;
      if (values) registers.push({ table: span.table, address: span.address, values: [...values] });
    }
    const told = await this.#deviceId;
    if (!told) return { protocol: 'modbus', registers };
    const names = { vendorName: told[0], productCode: told[1], revision: told[2], modelName: told[5] };
    const deviceId = Object.fromEntries(Object.entries(names).filter(([, text]) => text !== undefined));
    return { protocol: 'modbus', registers, deviceId };
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

  words(span: Span): Promise<Uint16Array | undefined> {
    const key = `${span.table} ${span.address} ${span.count}`;
    let read = this.#reads.get(key);
    if (!read) {
      read = {
        span,
        words: this.#try((client, options) => client.read(span.table, span.address, span.count, options)),
      };
      this.#reads.set(key, read);
    }
    return read.words;
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
