import { type Clock, systemClock, type Timer } from '@hallhub/shared';
import { type OnvifBinding, type Profile, profileId } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { CameraIdentity } from '../peers/camera/onvif-operations.js';
import { DeviceState, hintsOf } from './device-state.js';
import { inventFields, scheduleEvents } from './event-schedule.js';
import { inventText } from './invent-value.js';
import { type Carried, carriedBy, rawOf } from './raw-value.js';

export interface Notification {
  /** Without prefixes, such as RuleEngine/CellMotionDetector/Motion. */
  readonly topic: string;
  /** What it is about, such as which relay. */
  readonly about: Readonly<Record<string, string>>;
  readonly items: Readonly<Record<string, string>>;
}

export interface CameraDeviceOptions {
  readonly notify: (notification: Notification) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

type TopicProperty = Extract<OnvifBinding['properties'][string], { item: unknown }>;
type TopicEvent = OnvifBinding['events'][string];

const relayTopic = 'Device/Trigger/Relay';
const lookEveryMs = 4_000;
const eventHoldsMs = 12_000;

/** What a profile says of a camera's notifications: states that change, events that come. The services are the peer's. */
export class CameraDevice implements Disposable {
  readonly profile: Profile;
  readonly state: DeviceState;
  readonly #binding: OnvifBinding;
  readonly #options: CameraDeviceOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #told = new Map<string, ThingValue>();
  readonly #running: Disposable[] = [];
  readonly #timers = new Set<Timer>();

  constructor(profile: Profile, options: CameraDeviceOptions) {
    const binding = profile.bindings.onvif;
    if (!binding) throw new RangeError(`${profileId(profile)} has no ONVIF binding`);
    const { clock = systemClock, random = Math.random } = options;
    this.profile = profile;
    this.#binding = binding;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    const carried = new Map<string, Carried>(this.#topicProperties().map(([id, spec]) => [id, carriedBy(spec)]));
    this.state = new DeviceState(profile, { clock, random, carried, avoid: eventValues(binding) });
  }

  get events(): readonly string[] {
    return Object.keys(this.#binding.events);
  }

  start(): void {
    this.tell(true);
    const timer = setInterval(() => this.tell(), lookEveryMs);
    this.#running.push({ [Symbol.dispose]: () => clearInterval(timer) });
    this.#running.push(
      scheduleEvents({
        profile: this.profile,
        events: this.events,
        clock: this.#clock,
        random: this.#random,
        raise: (event, fields) => void this.raise(event, fields),
      }),
    );
  }

  [Symbol.dispose](): void {
    for (const one of this.#running.splice(0)) one[Symbol.dispose]();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  values(): Record<string, ThingValue> {
    return this.state.values();
  }

  /** Notifications of the states that changed; all of them, as after a subscription. */
  tell(all = false): void {
    for (const [id, spec] of this.#topicProperties()) {
      const value = this.state.value(id);
      // A relay's state is the camera's own: commands switch it.
      if (!all && (this.#told.get(id) === value || topicOf(spec) === relayTopic)) continue;
      this.#told.set(id, value);
      const raw = rawOf(value, spec);
      if (raw !== undefined) this.#notify(spec, { [firstOf(spec.item)]: String(raw) });
    }
  }

  /** An event of a state is that state for some seconds; any other one notification. */
  raise(event: string, given?: Record<string, ThingValue>): boolean {
    const spec = this.#binding.events[event];
    const model = this.profile.thing.events.find(({ id }) => id === event);
    if (!spec || !model) return false;
    const invented = inventFields(model, hintsOf(this.profile).events[event], this.#random);
    const fields = { ...invented, ...given };
    const items: Record<string, string> = {};
    for (const [id, field] of Object.entries(spec.fields)) {
      const raw = fields[id] === undefined ? undefined : rawOf(fields[id] as ThingValue, field);
      items[firstOf(field.item)] =
        raw === undefined ? inventText({ id, label: { zh: id }, type: 'string' }) : String(raw);
    }
    if (!spec.when) {
      this.#notify(spec, items);
      return true;
    }
    const item = firstOf(spec.when.item);
    const { equals } = spec.when;
    for (const [id, property] of this.#topicProperties()) {
      if (topicOf(property) !== topicOf(spec)) continue;
      this.state.set(id, rawToValue(property, equals) ?? equals, eventHoldsMs);
      this.#told.set(id, this.state.value(id));
    }
    this.#notify(spec, { ...items, [item]: String(equals) });
    if (typeof equals === 'boolean') {
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(timer);
        this.#notify(spec, { ...items, [item]: String(!equals) });
        this.tell();
      }, eventHoldsMs);
      this.#timers.add(timer);
    }
    return true;
  }

  #notify(spec: TopicProperty | TopicEvent, items: Record<string, string>): void {
    const about = Object.fromEntries(Object.entries(spec.where ?? {}).map(([name, value]) => [name, String(value)]));
    this.#options.notify({ topic: topicOf(spec), about, items });
  }

  #topicProperties(): [string, TopicProperty][] {
    return Object.entries(this.#binding.properties).filter(
      (entry): entry is [string, TopicProperty] => 'item' in entry[1],
    );
  }
}

const firstOf = (names: string | readonly string[]): string => (typeof names === 'string' ? names : (names[0] ?? ''));

const topicOf = (spec: { topic?: string | undefined; topics?: readonly string[] | undefined }): string =>
  spec.topic ?? spec.topics?.[0] ?? '';

const rawToValue = (spec: TopicProperty, raw: ThingValue): ThingValue | undefined =>
  spec.map ? spec.map[String(raw)] : raw;

const eventValues = (binding: OnvifBinding): Map<string, Set<ThingValue>> => {
  const avoid = new Map<string, Set<ThingValue>>();
  for (const event of Object.values(binding.events)) {
    if (!event.when) continue;
    for (const [id, property] of Object.entries(binding.properties)) {
      if (!('item' in property) || topicOf(property) !== topicOf(event)) continue;
      const value = rawToValue(property, event.when.equals);
      if (value !== undefined) avoid.set(id, new Set([...(avoid.get(id) ?? []), value]));
    }
  }
  return avoid;
};

/** Who a camera of this profile says it is: what the match leaves open stays out. */
export const cameraIdentity = (profile: Profile, serial: string): CameraIdentity => {
  const [match] = profile.match.onvif;
  const plain = (glob: string | undefined, other: string) => glob?.replaceAll('*', '').trim() || other;
  return {
    manufacturer: plain(match?.manufacturer, profile.vendorLabel.en ?? profile.vendor),
    model: plain(match?.model, profile.model),
    firmware: firmwareWithin(match?.firmware) ?? '5.7.3',
    serial,
    hardware: 'A1',
  };
};

/** A version that a range such as ">=2.0 <3" lets in: its lower end. */
const firmwareWithin = (range: string | undefined): string | undefined =>
  /(?:>=|=|>)?\s*(\d+(?:\.\d+)*)/.exec(range ?? '')?.[1];
