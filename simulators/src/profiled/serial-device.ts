import { type Clock, systemClock } from '@hallhub/shared';
import {
  type FrameMatch,
  type Profile,
  profileId,
  type SerialBinding,
  type TemplateValues,
} from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import { Faults } from '../faults/faults.js';
import { type ByteLine, serveSerial } from '../peers/serial/serial-peer.js';
import { applyCommand } from './command-effects.js';
import { DeviceState } from './device-state.js';
import { scheduleEvents } from './event-schedule.js';
import { carriedByFrames, FrameTeller } from './frame-teller.js';
import { FrameWriter } from './frame-writer.js';
import { type RawValue, valueFrom } from './raw-value.js';
import { type Heard, RequestListener } from './request-listener.js';
import { fitsCommand, inputOf } from './serial-inputs.js';
import { eventsBrought, type SerialRequest, serialRequests, spontaneousFrames } from './serial-requests.js';

export interface SerialDeviceOptions {
  readonly params?: TemplateValues;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Events and frames come by themselves; false: only when raised. */
  readonly lively?: boolean;
  /** Keeps the pace of the line's baud rate. */
  readonly paced?: boolean;
  /** Told once of each request that no answer can be made for. */
  readonly speechless?: ((request: string) => void) | undefined;
}

const tellEveryMs = 10_000;
const rank = { poll: 0, command: 1, write: 2, probe: 3 } as const;

/** Any profile with a serial binding as a device on a line: it knows the unit's requests and answers from its state. */
export class SerialDevice implements Disposable {
  readonly profile: Profile;
  readonly state: DeviceState;
  readonly faults: Faults;
  readonly #binding: SerialBinding;
  readonly #teller: FrameTeller;
  readonly #requests: readonly SerialRequest[];
  readonly #listener: RequestListener;
  readonly #options: SerialDeviceOptions;
  readonly #random: () => number;
  readonly #running: Disposable[] = [];
  #send: ((bytes: Uint8Array) => void) | undefined;
  #last: SerialRequest | undefined;
  readonly #mute = new Set<string>();
  #inputs: Record<string, RawValue> = {};
  #output: Record<string, ThingValue> = {};

  constructor(profile: Profile, options: SerialDeviceOptions = {}) {
    const binding = profile.bindings.serial;
    if (!binding) throw new RangeError(`${profileId(profile)} has no serial binding`);
    const { clock = systemClock, random = Math.random } = options;
    const params = {
      ...Object.fromEntries(Object.entries(binding.params).map(([id, param]) => [id, param.default])),
      ...options.params,
    };
    this.profile = profile;
    this.#options = options;
    this.#binding = binding;
    this.#random = random;
    this.faults = new Faults(random);
    const writer = new FrameWriter(binding, params, random);
    this.#requests = serialRequests(profile, binding, params);
    this.#listener = new RequestListener(binding, this.#requests, { clock, onHeard: (found) => this.#answer(found) });
    this.state = new DeviceState(profile, { clock, random, carried: carriedByFrames(profile, binding) });
    this.#teller = new FrameTeller(profile, binding, { state: this.state, writer, random });
  }

  /** Events that a frame can tell. */
  get events(): readonly string[] {
    return [...new Set(Object.values(this.#binding.frames).flatMap(({ events }) => Object.keys(events)))];
  }

  values(): Record<string, ThingValue> {
    return this.state.values();
  }

  /** Puts the device on a line; several may share one. */
  serve(line: ByteLine): void {
    const { clock = systemClock, random } = this.#options;
    const served = serveSerial(
      line,
      (held) => {
        this.#listener.receive(new Uint8Array(held));
        return { used: held.length };
      },
      { faults: this.faults, bytesPerSecond: this.#options.paced ? this.#binding.line.baudRate / 10 : 0 },
    );
    this.#send = (bytes) => served.send(bytes);
    if (this.#options.lively === false) return;
    const timer = setInterval(() => this.tell(), tellEveryMs);
    this.#running.push({ [Symbol.dispose]: () => clearInterval(timer) });
    this.#running.push(
      scheduleEvents({
        profile: this.profile,
        events: this.events,
        clock,
        ...(random ? { random } : {}),
        raise: (event, fields) => void this.raise(event, fields),
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
    for (const one of this.#running.splice(0)) one[Symbol.dispose]();
    this.#send = undefined;
  }

  /** Sends what the device says of its state without being asked. The properties that it said. */
  tell(): string[] {
    return spontaneousFrames(this.#binding, this.#requests)
      .filter(({ events, properties }) => Object.keys(events).length === 0 && Object.keys(properties).length > 0)
      .flatMap((frame) => {
        this.#say(this.#teller.frame(frame));
        return Object.keys(frame.properties);
      });
  }

  /** Sends the frame that tells an event, or keeps it for the poll that asks for it. */
  raise(event: string, given?: Record<string, ThingValue>): boolean {
    const frames = Object.values(this.#binding.frames).filter(({ events }) => events[event]);
    const [first] = frames;
    if (!first) return false;
    this.#teller.expect(event, this.#teller.eventFields(event, first, given));
    const now = frames.find(({ answerOnly }) => !answerOnly);
    if (!now) return true;
    const wire = this.#teller.frame(now);
    this.#teller.told();
    this.#say(wire);
    return wire !== undefined;
  }

  #say(wire: Uint8Array | undefined): void {
    if (wire) this.#send?.(wire);
  }

  /** Of the steps that look like this the one that goes on where the unit was; then polls, commands, writes, probes. */
  #answer(found: readonly Heard[]): void {
    const next = found.find(({ request }) => request.owner === this.#last?.owner && request.at === this.#last.at + 1);
    const sorted = [...found].sort((a, b) => rank[a.request.kind] - rank[b.request.kind]);
    const chosen = next ?? sorted.find((one) => fitsCommand(this.profile, one)) ?? sorted[0];
    if (!chosen) return;
    const { request, captured } = chosen;
    this.#last = request;
    if (this.faults.settings.refuse) {
      this.#say(this.#teller.refusal(request.expect));
      return;
    }
    this.#inputs = request.at === 0 ? { ...captured } : { ...this.#inputs, ...captured };
    if (request.kind === 'write') this.#write(request.id, this.#inputs.value);
    // A command that says the same as a write does the same.
    else for (const one of found) if (one.request.kind === 'write') this.#write(one.request.id, one.captured.value);
    const output = request.kind === 'command' ? this.#command(request) : {};
    const probe = request.probe ?? found.find((one) => one.request.probe)?.request.probe;
    this.#say(this.#choose(request, output, probe));
  }

  #write(id: string, raw: RawValue | undefined): void {
    const property = this.profile.thing.properties.find((one) => one.id === id);
    const value = property && raw !== undefined ? valueFrom(raw, {}, property) : undefined;
    if (value !== undefined) this.state.set(id, value);
  }

  #command(request: SerialRequest): Record<string, ThingValue> {
    if (!request.acts) return this.#output;
    const command = this.profile.thing.commands.find(({ id }) => id === request.id);
    if (!command) return {};
    this.#output = applyCommand(this.state, command, inputOf(command, this.#inputs), this.#random);
    return this.#output;
  }

  #choose(
    request: SerialRequest,
    output: Readonly<Record<string, ThingValue>>,
    probe?: FrameMatch,
  ): Uint8Array | undefined {
    const teller = this.#teller;
    if (request.kind === 'probe') return probe && (teller.answerToProbe(probe) ?? this.#noAnswer(request));
    const frames = request.expect.flatMap((name) => this.#binding.frames[name] ?? []);
    const brings = eventsBrought(this.#binding, this.#requests, request.owner);
    const { due } = teller;
    const isDue = due !== undefined && brings.has(due);
    const quiet = request.kind === 'poll' && this.#binding.polls[request.id]?.quiet === true;
    const yes = frames.filter(({ refused }) => !refused);
    if (brings.size > 0 && !isDue && request.kind === 'poll') {
      const calm = yes.filter(({ events }) => Object.keys(events).length === 0);
      if (quiet || calm.length === 0) return teller.refusal(request.expect);
      return teller.firstOf(calm, { output, probe }) ?? this.#noAnswer(request);
    }
    const told = isDue ? yes.filter(({ events }) => events[due]) : [];
    const wire = teller.firstOf([...told, ...yes], { output, probe });
    if (told.length > 0 && wire) teller.told();
    return wire ?? (yes.length > 0 ? this.#noAnswer(request) : undefined);
  }

  /** A profile's author has to see that it is the simulator that is at a loss, and not the profile. */
  #noAnswer({ owner }: SerialRequest): undefined {
    if (this.#mute.has(owner)) return;
    this.#mute.add(owner);
    this.#options.speechless?.(owner);
  }
}
