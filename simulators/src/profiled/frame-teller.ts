import type { FrameField, FrameMatch, InboundFrame, Profile, SerialBinding } from '@hallhub/shared/profile';
import type { ThingValue, ValueShape } from '@hallhub/shared/thing';
import { type DeviceState, hintsOf } from './device-state.js';
import { carriedByField } from './field-text.js';
import type { FilledField, FrameWriter } from './frame-writer.js';
import { inventValue } from './invent-value.js';
import { type Carried, eitherCarries, rawOf } from './raw-value.js';
import { groupsOf } from './text-from-pattern.js';

export interface FrameTellerOptions {
  readonly state: DeviceState;
  readonly writer: FrameWriter;
  readonly random: () => number;
}

export interface Telling {
  /** What the command that is answered gave. */
  readonly output?: Readonly<Record<string, ThingValue>>;
  readonly probe?: FrameMatch | undefined;
}

/** Makes the frames of a profile say what a device's state is, and what happens to it. */
export class FrameTeller {
  readonly #profile: Profile;
  readonly #binding: SerialBinding;
  readonly #options: FrameTellerOptions;
  /** An event that waits for the frame which brings it. */
  #due: { event: string; fields: Record<string, ThingValue> } | undefined;

  constructor(profile: Profile, binding: SerialBinding, options: FrameTellerOptions) {
    this.#profile = profile;
    this.#binding = binding;
    this.#options = options;
  }

  get due(): string | undefined {
    return this.#due?.event;
  }

  /** The next frame that can tell the event does. */
  expect(event: string, fields: Record<string, ThingValue>): void {
    this.#due = { event, fields };
  }

  told(): void {
    this.#due = undefined;
  }

  /** The frame with what the state says; undefined where it cannot say it. */
  frame(frame: InboundFrame, { output = {}, probe }: Telling = {}): Uint8Array | undefined {
    const { state, writer } = this.#options;
    const filled: FilledField[] = [];
    const put = (field: FrameField, value: ThingValue | undefined): boolean => {
      const raw = value === undefined ? undefined : rawOf(value, field);
      if (raw !== undefined) filled.push({ field, raw });
      return raw !== undefined;
    };
    for (const [id, field] of Object.entries(frame.properties)) if (!put(field, state.value(id))) return undefined;
    for (const fields of Object.entries(frame.events)) {
      for (const [id, field] of Object.entries(fields[1])) put(field, this.#due?.fields[id]);
    }
    for (const [id, field] of Object.entries(frame.output)) {
      const other = field.map ? Object.values(field.map)[0] : this.#someOutput(id, field, frame);
      if (!put(field, output[id])) put(field, other);
    }
    return writer.write(frame, filled, probe);
  }

  /** The first of the frames that can be made. */
  firstOf(frames: readonly InboundFrame[], telling: Telling): Uint8Array | undefined {
    for (const frame of frames) {
      const wire = this.frame(frame, telling);
      if (wire) return wire;
    }
    return undefined;
  }

  /** How the device says no, where its profile knows how. */
  refusal(expect: readonly string[]): Uint8Array | undefined {
    const name = expect.find((one) => this.#binding.frames[one]?.refused);
    const frame = name === undefined ? undefined : this.#binding.frames[name];
    return frame && this.frame(frame);
  }

  /** What answers a probe: it says nothing but who it is. */
  answerToProbe(probe: FrameMatch): Uint8Array | undefined {
    return this.#options.writer.write(bareFrame(this.#addressed(probe)), []);
  }

  /** Invented so that the frame can say them. */
  eventFields(event: string, frame: InboundFrame, given: Record<string, ThingValue> = {}): Record<string, ThingValue> {
    const model = this.#profile.thing.events.find(({ id }) => id === event);
    const hint = hintsOf(this.#profile).events[event]?.fields;
    const groups = groupsIn(frame);
    const invented = Object.entries(frame.events[event] ?? {}).map(([id, field]) => {
      const shape = model?.fields.find((one) => one.id === id) as ValueShape;
      const carried = carriedByField(field, groups.get(field.group ?? ''), shape.decimals);
      return [id, inventValue(shape, this.#options.random, carried)];
    });
    const sayable = Object.entries({ ...hint, ...given }).filter(([id, value]) => {
      const field = frame.events[event]?.[id];
      return field !== undefined && rawOf(value, field) !== undefined && !isTooLong(field, value);
    });
    return { ...Object.fromEntries(invented), ...Object.fromEntries(sayable) };
  }

  #someOutput(id: string, field: FrameField, frame: InboundFrame): ThingValue | undefined {
    const shape = this.#profile.thing.commands.flatMap((command) => command.output).find((one) => one.id === id);
    if (!shape) return undefined;
    const carried = carriedByField(field, groupsIn(frame).get(field.group ?? ''), shape.decimals);
    return inventValue(shape, this.#options.random, carried);
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
}

/** What the frames can say of each property. */
export const carriedByFrames = (profile: Profile, binding: SerialBinding): Map<string, Carried> => {
  const carried = new Map<string, Carried>();
  for (const frame of Object.values(binding.frames)) {
    const groups = groupsIn(frame);
    for (const [id, field] of Object.entries(frame.properties)) {
      const decimals = profile.thing.properties.find((one) => one.id === id)?.decimals;
      carried.set(id, eitherCarries(carried.get(id), carriedByField(field, groups.get(field.group ?? ''), decimals)));
    }
  }
  // What is set and never told is kept all the same.
  for (const id of Object.keys(binding.writes)) if (!carried.has(id)) carried.set(id, {});
  return carried;
};

const isTooLong = (field: FrameField, value: ThingValue): boolean =>
  typeof value === 'string' && !field.map && value.length > (carriedByField(field).maxBytes ?? value.length);

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
