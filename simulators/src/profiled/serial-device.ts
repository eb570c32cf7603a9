import { type Clock, systemClock, type Timer } from '@hallhub/shared';
import {
  type FrameField,
  type FrameMatch,
  type FramePart,
  FrameSplitter,
  type InboundFrame,
  type Profile,
  profileId,
  type SerialBinding,
  type SerialStep,
  type TemplateValues,
} from '@hallhub/shared/profile';
import type { ThingValue, ValueShape } from '@hallhub/shared/thing';
import { Faults } from '../faults/faults.js';
import { type ByteLine, serveSerial } from '../peers/serial/serial-peer.js';
import { applyCommand } from './command-effects.js';
import { DeviceState, hintsOf } from './device-state.js';
import { scheduleEvents } from './event-schedule.js';
import { carriedByField } from './field-text.js';
import { bodyOf, type FrameShape, shapeOf } from './frame-shape.js';
import { type FilledField, FrameWriter } from './frame-writer.js';
import { inventValue } from './invent-value.js';
import type { Captured } from './payload-template.js';
import { type Carried, eitherCarries, type RawValue, rawOf, valueFrom } from './raw-value.js';
import { RequestPattern } from './request-pattern.js';
import { groupsOf } from './text-from-pattern.js';

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

/** One step of the profile that the unit may take. */
interface Request {
  readonly owner: string;
  readonly kind: 'poll' | 'command' | 'write' | 'probe';
  readonly id: string;
  readonly at: number;
  readonly pattern: RequestPattern;
  readonly framed: boolean;
  readonly expect: readonly string[];
  readonly probe?: FrameMatch;
  /** The command acts with the step that brings its last input. */
  readonly acts: boolean;
}

/** Requests that no frame carries are whole when nothing follows for this long. */
const silenceMs = 40;
const tellEveryMs = 10_000;

/** Any profile with a serial binding as a device on a line: it knows the unit's requests and answers from its state. */
export class SerialDevice implements Disposable {
  readonly profile: Profile;
  readonly state: DeviceState;
  readonly faults: Faults;
  readonly #binding: SerialBinding;
  readonly #writer: FrameWriter;
  readonly #shape: FrameShape;
  readonly #splitter: FrameSplitter;
  readonly #requests: readonly Request[];
  readonly #options: SerialDeviceOptions;
  readonly #random: () => number;
  readonly #params: TemplateValues;
  readonly #running: Disposable[] = [];
  #send: ((bytes: Uint8Array) => void) | undefined;
  #held: Buffer = Buffer.alloc(0);
  #silence: Timer | undefined;
  #last: Request | undefined;
  /** An event that waits for the poll which brings it. */
  #due: { event: string; fields: Record<string, ThingValue> } | undefined;
  readonly #mute = new Set<string>();
  #inputs: Record<string, RawValue> = {};
  #output: Record<string, ThingValue> = {};

  constructor(profile: Profile, options: SerialDeviceOptions = {}) {
    const binding = profile.bindings.serial;
    if (!binding) throw new RangeError(`${profileId(profile)} has no serial binding`);
    const { clock = systemClock, random = Math.random } = options;
    this.profile = profile;
    this.#options = options;
    this.#binding = binding;
    this.#random = random;
    this.#params = {
      ...Object.fromEntries(Object.entries(binding.params).map(([id, param]) => [id, param.default])),
      ...options.params,
    };
    this.faults = new Faults(random);
    this.#writer = new FrameWriter(binding, this.#params, random);
    this.#shape = shapeOf(binding);
    this.#splitter = new FrameSplitter(binding.framing, binding.checksum);
    this.#requests = this.#requestsOf();
    this.state = new DeviceState(profile, { clock, random, carried: this.#carried() });
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
        this.#receive(new Uint8Array(held));
        return { used: held.length };
      },
      { faults: this.faults, bytesPerSecond: this.#options.paced ? this.#binding.line.baudRate / 10 : 0 },
    );
    this.#send = (bytes) => served.send(bytes);
    if (this.#options.lively === false) return;
    const told = Object.values(this.#spontaneous()).filter(
      ({ events, properties }) => Object.keys(events).length === 0 && Object.keys(properties).length > 0,
    );
    if (told.length > 0) {
      const timer = setInterval(() => void told.map((frame) => this.#tell(frame)), tellEveryMs);
      this.#running.push({ [Symbol.dispose]: () => clearInterval(timer) });
    }
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
    this.#silence?.cancel();
    for (const one of this.#running.splice(0)) one[Symbol.dispose]();
    this.#send = undefined;
  }

  /** Sends the frame that tells an event, or keeps it for the poll that asks for it. */
  raise(event: string, given?: Record<string, ThingValue>): boolean {
    const frames = Object.entries(this.#binding.frames).filter(([, { events }]) => events[event]);
    const [, first] = frames[0] ?? [];
    if (!first) return false;
    const fields = this.#eventFields(event, first, given);
    const now = frames.find(([, { answerOnly }]) => !answerOnly);
    if (!now) {
      this.#due = { event, fields };
      return true;
    }
    this.#due = { event, fields };
    const wire = this.#frameFor(now[1]);
    this.#due = undefined;
    if (wire) this.#send?.(wire);
    return wire !== undefined;
  }

  /** Frames that come without being asked for. */
  #spontaneous(): Record<string, InboundFrame> {
    const awaited = new Set(this.#requests.flatMap(({ expect }) => expect));
    return Object.fromEntries(
      Object.entries(this.#binding.frames).filter(([name, { answerOnly }]) => !answerOnly && !awaited.has(name)),
    );
  }

  #tell(frame: InboundFrame): void {
    const wire = this.#frameFor(frame);
    if (wire) this.#send?.(wire);
  }

  #requestsOf(): Request[] {
    const { polls, commands, writes } = this.#binding;
    const steps = (kind: Request['kind'], id: string, all: readonly SerialStep[]): Request[] => {
      const actsAt = Math.max(0, ...all.map(({ send }, at) => (send.some(takesInput) ? at : 0)));
      return all.map((step, at) => ({
        owner: `${kind} ${id}`,
        kind,
        id,
        at,
        framed: !step.raw,
        pattern: new RequestPattern(this.#binding, step.send, this.#params),
        expect: step.expect,
        acts: at === actsAt,
      }));
    };
    const known = [
      ...Object.entries(polls).flatMap(([id, poll]) => steps('poll', id, poll.steps)),
      ...Object.entries(commands).flatMap(([id, command]) => steps('command', id, command.steps)),
      ...Object.entries(writes).flatMap(([id, write]) => steps('write', id, write.steps)),
    ];
    const probes = this.profile.match.serial.flatMap((rule, at): Request[] =>
      rule.send.length === 0
        ? []
        : [
            {
              owner: 'probe',
              kind: 'probe',
              id: String(at),
              at: 0,
              framed: !rule.raw,
              pattern: new RequestPattern(this.#binding, rule.send, this.#params),
              expect: [],
              acts: false,
              probe: rule.expect,
            },
          ],
    );
    return [...known, ...probes];
  }

  #carried(): Map<string, Carried> {
    const carried = new Map<string, Carried>();
    for (const frame of Object.values(this.#binding.frames)) {
      const groups = groupsIn(frame);
      for (const [id, field] of Object.entries(frame.properties)) {
        const decimals = this.profile.thing.properties.find((one) => one.id === id)?.decimals;
        carried.set(id, eitherCarries(carried.get(id), carriedByField(field, groups.get(field.group ?? ''), decimals)));
      }
    }
    // What is set and never told is kept all the same.
    for (const id of Object.keys(this.#binding.writes)) if (!carried.has(id)) carried.set(id, {});
    return carried;
  }

  #receive(bytes: Uint8Array): void {
    const { clock = systemClock } = this.#options;
    this.#silence?.cancel();
    const { framing } = this.#binding;
    if (framing.type !== 'idle' && framing.type !== 'fixed') {
      for (const frame of this.#splitter.push(bytes).frames) this.#framed(frame);
    }
    this.#held = Buffer.concat([this.#held, bytes]);
    this.#stream();
    this.#silence = clock.setTimeout(() => {
      this.#splitter.idle();
      this.#held = Buffer.alloc(0);
    }, silenceMs);
  }

  #framed(frame: Uint8Array): void {
    const body = bodyOf(this.#shape, frame);
    this.#answer(
      this.#requests.flatMap((request) => {
        const captured = request.framed ? request.pattern.whole(body) : undefined;
        return captured ? [{ request, captured }] : [];
      }),
    );
  }

  /** Requests that no delimiter or length tells apart: raw ones, and those of fixed or pausing frames. */
  #stream(): void {
    const loose = this.#binding.framing.type === 'idle' || this.#binding.framing.type === 'fixed';
    for (;;) {
      const found = this.#requests.flatMap((request) => {
        if (request.framed && !loose) return [];
        if (!request.framed) {
          const match = request.pattern.front(this.#held);
          return match && match.used > 0 ? [{ request, captured: match.captured, used: match.used }] : [];
        }
        return this.#looseFrame(request);
      });
      const longest = Math.max(0, ...found.map(({ used }) => used));
      if (longest === 0) return;
      this.#held = this.#held.subarray(longest);
      this.#answer(found.filter(({ used }) => used === longest));
    }
  }

  /** A framed request in a stream whose framing tells only answers apart: its body is followed by its checksum. */
  #looseFrame(request: Request): { request: Request; captured: Captured; used: number }[] {
    const { start, tail } = this.#shape;
    if (!this.#held.subarray(0, start.length).equals(start)) return [];
    const match = request.pattern.front(this.#held.subarray(start.length));
    const used = start.length + (match?.used ?? 0) + tail;
    return match && this.#held.length >= used ? [{ request, captured: match.captured, used }] : [];
  }

  /** Of the steps that look like this the one that goes on where the unit was; then polls, commands, writes, probes. */
  #answer(found: readonly { request: Request; captured: Captured }[]): void {
    const next = found.find(({ request }) => request.owner === this.#last?.owner && request.at === this.#last.at + 1);
    const sorted = [...found].sort((a, b) => rank[a.request.kind] - rank[b.request.kind]);
    const chosen = next ?? sorted.find((one) => this.#fits(one.request, one.captured)) ?? sorted[0];
    if (!chosen) return;
    const { request, captured } = chosen;
    this.#last = request;
    if (this.faults.settings.refuse) {
      const refusal = this.#refusal(request.expect);
      if (refusal) this.#send?.(refusal);
      return;
    }
    this.#inputs = request.at === 0 ? { ...captured } : { ...this.#inputs, ...captured };
    if (request.kind === 'write') this.#write(request.id, this.#inputs.value);
    // A command that says the same as a write does the same.
    else for (const one of found) if (one.request.kind === 'write') this.#write(one.request.id, one.captured.value);
    const output = request.kind === 'command' ? this.#command(request) : {};
    const probe = request.probe ?? found.find((one) => one.request.probe)?.request.probe;
    const wire = this.#choose(request, output, probe);
    if (wire) this.#send?.(wire);
  }

  /** A number that a request may hold must be one that its command takes. */
  #fits(request: Request, captured: Captured): boolean {
    if (request.kind !== 'command') return true;
    const input = this.profile.thing.commands.find(({ id }) => id === request.id)?.input ?? [];
    return input.every(
      ({ id, ...field }) => captured[id] === undefined || valueFrom(captured[id] as RawValue, {}, field) !== undefined,
    );
  }

  #write(id: string, raw: RawValue | undefined): void {
    const property = this.profile.thing.properties.find((one) => one.id === id);
    const value = property && raw !== undefined ? valueFrom(raw, {}, property) : undefined;
    if (value !== undefined) this.state.set(id, value);
  }

  #command(request: Request): Record<string, ThingValue> {
    if (!request.acts) return this.#output;
    const command = this.profile.thing.commands.find(({ id }) => id === request.id);
    if (!command) return {};
    const input: Record<string, ThingValue> = {};
    for (const field of command.input) {
      const raw = this.#inputs[field.id];
      const value = raw === undefined ? undefined : valueFrom(raw, {}, field);
      if (value !== undefined) input[field.id] = value;
    }
    this.#output = applyCommand(this.state, command, input, this.#random);
    return this.#output;
  }

  #choose(request: Request, output: Readonly<Record<string, ThingValue>>, probe?: FrameMatch): Uint8Array | undefined {
    if (request.kind === 'probe') {
      const wire = probe && this.#writer.write(bareFrame(this.#addressed(probe)), []);
      if (probe && !wire) this.#noAnswer(request);
      return wire;
    }
    const frames = request.expect.flatMap((name) => this.#binding.frames[name] ?? []);
    const brings = this.#eventsOf(request.owner);
    const due = this.#due !== undefined && brings.has(this.#due.event);
    const quiet = request.kind === 'poll' && this.#binding.polls[request.id]?.quiet === true;
    const yes = frames.filter(({ refused }) => !refused);
    if (brings.size > 0 && !due && request.kind === 'poll') {
      const calm = yes.filter(({ events }) => Object.keys(events).length === 0);
      if (quiet || calm.length === 0) return this.#refusal(request.expect);
      return this.#firstOf(calm, output, probe) ?? this.#noAnswer(request);
    }
    const told = due ? yes.filter(({ events }) => events[this.#due?.event ?? '']) : [];
    const wire = this.#firstOf([...told, ...yes], output, probe);
    if (told.length > 0 && wire) this.#due = undefined;
    return wire ?? (yes.length > 0 ? this.#noAnswer(request) : undefined);
  }

  /** A profile's author has to see that it is the simulator that is at a loss, and not the profile. */
  #noAnswer({ owner }: Request): undefined {
    if (this.#mute.has(owner)) return;
    this.#mute.add(owner);
    this.#options.speechless?.(owner);
  }

  /** Where all of its frames carry the device's address, the one that answers a probe does too. */
  #addressed(match: FrameMatch): FrameMatch {
    const [first, ...others] = Object.values(this.#binding.frames);
    const everywhere = (first?.match.bytes ?? []).filter(
      (one) =>
        one.param !== undefined &&
        others.every((frame) => frame.match.bytes.some(({ at, param }) => at === one.at && param === one.param)),
    );
    return { ...match, bytes: [...everywhere, ...match.bytes] };
  }

  /** Events that the frames of one poll or command can bring. */
  #eventsOf(owner: string): ReadonlySet<string> {
    const names = this.#requests.filter((one) => one.owner === owner).flatMap(({ expect }) => expect);
    return new Set(names.flatMap((name) => Object.keys(this.#binding.frames[name]?.events ?? {})));
  }

  #firstOf(frames: readonly InboundFrame[], output: Readonly<Record<string, ThingValue>>, probe?: FrameMatch) {
    for (const frame of frames) {
      const wire = this.#frameFor(frame, output, probe);
      if (wire) return wire;
    }
    return undefined;
  }

  #refusal(expect: readonly string[]): Uint8Array | undefined {
    const name = expect.find((one) => this.#binding.frames[one]?.refused);
    const frame = name === undefined ? undefined : this.#binding.frames[name];
    return frame && this.#frameFor(frame);
  }

  /** The frame with what the state says; undefined where it cannot say it. */
  #frameFor(
    frame: InboundFrame,
    output: Readonly<Record<string, ThingValue>> = {},
    probe?: FrameMatch,
  ): Uint8Array | undefined {
    const filled: FilledField[] = [];
    const put = (field: FrameField, value: ThingValue | undefined): boolean => {
      const raw = value === undefined ? undefined : rawOf(value, field);
      if (raw !== undefined) filled.push({ field, raw });
      return raw !== undefined;
    };
    for (const [id, field] of Object.entries(frame.properties)) if (!put(field, this.state.value(id))) return undefined;
    for (const fields of Object.entries(frame.events)) {
      for (const [id, field] of Object.entries(fields[1])) put(field, this.#due?.fields[id]);
    }
    for (const [id, field] of Object.entries(frame.output)) {
      const other = field.map ? Object.values(field.map)[0] : this.#someOutput(id, field, frame);
      if (!put(field, output[id])) put(field, other);
    }
    return this.#writer.write(frame, filled, probe);
  }

  #someOutput(id: string, field: FrameField, frame: InboundFrame): ThingValue | undefined {
    const shape = this.profile.thing.commands.flatMap((command) => command.output).find((one) => one.id === id);
    return (
      shape &&
      inventValue(shape, this.#random, carriedByField(field, groupsIn(frame).get(field.group ?? ''), shape.decimals))
    );
  }

  /** Invented so that the frame can say them. */
  #eventFields(event: string, frame: InboundFrame, given: Record<string, ThingValue> = {}): Record<string, ThingValue> {
    const model = this.profile.thing.events.find(({ id }) => id === event);
    const hint = hintsOf(this.profile).events[event]?.fields;
    const groups = groupsIn(frame);
    const invented = Object.entries(frame.events[event] ?? {}).map(([id, field]) => {
      const shape = model?.fields.find((one) => one.id === id) as ValueShape;
      return [
        id,
        inventValue(shape, this.#random, carriedByField(field, groups.get(field.group ?? ''), shape.decimals)),
      ];
    });
    const sayable = Object.entries({ ...hint, ...given }).filter(([id, value]) => {
      const field = frame.events[event]?.[id];
      return field !== undefined && rawOf(value, field) !== undefined && !this.#isTooLong(field, value);
    });
    return { ...Object.fromEntries(invented), ...Object.fromEntries(sayable) };
  }

  #isTooLong(field: FrameField, value: ThingValue): boolean {
    return typeof value === 'string' && !field.map && value.length > (carriedByField(field).maxBytes ?? value.length);
  }
}

const takesInput = (part: FramePart): boolean => part.input !== undefined || /\{\w+(?::\d+)?\}/.test(part.text ?? '');

const rank = { poll: 0, command: 1, write: 2, probe: 3 } as const;

const groupsIn = (frame: InboundFrame): ReadonlyMap<string, string> =>
  frame.match.pattern === undefined ? new Map() : groupsOf(frame.match.pattern);

/** A frame that says nothing but what it is. */
const bareFrame = (match: FrameMatch): InboundFrame => ({
  match,
  encoding: 'ascii',
  answerOnly: true,
  refused: false,
  properties: {},
  events: {},
  output: {},
});
