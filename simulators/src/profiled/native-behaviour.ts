import { systemClock } from '@hallhub/shared';
import { type Profile, profileId } from '@hallhub/shared/profile';
import { checkInput, checkWrite, type ThingValue } from '@hallhub/shared/thing';
import type { DeviceIdentity } from '@hallhub/shared/wire';
import { Faults } from '../faults/faults.js';
import {
  type Behaviour,
  type CommandResult,
  type DeviceLine,
  type QuietLine,
  quietly,
} from '../peers/native/native-device.js';
import { applyCommand } from './command-effects.js';
import { DeviceState } from './device-state.js';
import { scheduleEvents } from './event-schedule.js';

export interface NativeBehaviourOptions {
  readonly serial: string;
  readonly random?: () => number;
  readonly reportEveryMs?: number;
}

/** Any profile of a device made for HallHub: reports its values, raises its events, obeys its commands. */
export class NativeBehaviour implements Behaviour {
  readonly identity: DeviceIdentity;
  readonly profile: Profile;
  readonly state: DeviceState;
  readonly faults: Faults;
  readonly #options: NativeBehaviourOptions;
  readonly #random: () => number;
  #line: QuietLine | undefined;
  #said: Record<string, ThingValue> = {};

  constructor(profile: Profile, options: NativeBehaviourOptions) {
    if (!profile.bindings.mqtt?.native) throw new RangeError(`${profileId(profile)} is not made for HallHub`);
    const { random = Math.random } = options;
    this.profile = profile;
    this.#options = options;
    this.#random = random;
    this.faults = new Faults(random);
    const readable = profile.thing.properties.filter(({ id }) => !(id in (profile.derived ?? {})));
    this.state = new DeviceState(profile, { random, carried: new Map(readable.map(({ id }) => [id, {}])) });
    const [match] = profile.match.mqtt;
    this.identity = {
      vendor: (match?.vendor ?? profile.vendor).replaceAll('*', '') || profile.vendor,
      model: (match?.model ?? profile.model).replaceAll('*', '') || profile.model,
      serial: options.serial,
      firmware: '2.3.0',
      hardware: 'A',
    };
  }

  start(line: DeviceLine): Disposable {
    const { reportEveryMs = 5000 } = this.#options;
    this.#line = this.#faulty(quietly(line));
    this.#said = {};
    this.#report();
    const timer = setInterval(() => this.#report(), reportEveryMs * (0.8 + 0.4 * this.#random()));
    const events = scheduleEvents({
      profile: this.profile,
      events: this.profile.thing.events.map(({ id }) => id),
      random: this.#random,
      raise: (event, fields) => void this.raise(event, fields),
    });
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        events[Symbol.dispose]();
        this.#line = undefined;
      },
    };
  }

  raise(event: string, fields: Record<string, ThingValue> = {}): boolean {
    this.#line?.event(event, fields);
    return this.#line !== undefined;
  }

  values(): Record<string, ThingValue> {
    return this.state.values();
  }

  execute(name: string, input: Record<string, unknown>): CommandResult | Promise<CommandResult> | undefined {
    const { dropShare = 0, delayMs = 0, refuse } = this.faults.settings;
    if (dropShare === 1) return new Promise(() => undefined);
    if (refuse) return failed('device_failure', 'the device refuses');
    const result = this.#obey(name, input);
    return delayMs > 0 ? systemClock.sleep(delayMs).then(() => result as CommandResult) : result;
  }

  #obey(name: string, input: Record<string, unknown>): CommandResult | undefined {
    if (name === 'property.write') return this.#write(input);
    const command = this.profile.thing.commands.find(({ id }) => id === name);
    if (!command) return undefined;
    const checked = checkInput(command, input);
    if (!checked.ok) return failed('invalid_input', checked.errors[0]?.message ?? 'the input does not fit');
    const output = applyCommand(this.state, command, checked.value, this.#random);
    this.#report();
    return Object.keys(output).length > 0 ? { ok: true, output } : { ok: true };
  }

  #write(input: Record<string, unknown>): CommandResult {
    const values = typeof input.values === 'object' && input.values !== null ? input.values : input;
    for (const [id, value] of Object.entries(values)) {
      const property = this.profile.thing.properties.find((one) => one.id === id);
      if (!property) return failed('unknown', `there is no ${id}`);
      const checked = checkWrite(property, value);
      if (!checked.ok) return failed('invalid_input', checked.errors[0]?.message ?? `${id} does not fit`);
      this.state.set(id, checked.value);
    }
    this.#report();
    return { ok: true };
  }

  /** What changed since it was said last; all of it after a connect. */
  #report(): void {
    const now = this.state.values();
    const changed = Object.entries(now).filter(([id, value]) => this.#said[id] !== value);
    if (changed.length === 0) return;
    this.#said = now;
    this.#line?.telemetry(Object.fromEntries(changed));
  }

  /** A silent device keeps its connection and says nothing; a corrupt one breaks its contract. */
  #faulty(line: QuietLine): QuietLine {
    const say = (send: (broken: boolean) => void) => {
      const { dropShare = 0, corruptShare = 0, delayMs = 0 } = this.faults.settings;
      if (this.#random() < dropShare) return;
      const broken = this.#random() < corruptShare;
      if (delayMs > 0) systemClock.setTimeout(() => send(broken), delayMs);
      else send(broken);
    };
    return {
      telemetry: (values) => say((broken) => line.telemetry(broken ? { '': null } : values)),
      event: (event, data) => say((broken) => line.event(broken ? '' : event, data)),
    };
  }
}

const failed = (code: string, message: string): CommandResult => ({ ok: false, error: { code, message } });
