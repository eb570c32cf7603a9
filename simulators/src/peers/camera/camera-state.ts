import { type CameraEvent, EventQueues } from './event-queues.js';

/** Positions are ONVIF generic space: pan and tilt -1..1, zoom 0..1. */
export interface CameraPosition {
  pan: number;
  tilt: number;
  zoom: number;
}

export interface ImagingState {
  brightness: number;
  contrast: number;
  saturation: number;
  sharpness: number;
  irCutFilter: string;
  wideDynamicRange: boolean;
  backlight: boolean;
}

/** A message by its items, or in short one item of one source. */
export type EmittedEvent =
  | { readonly topic: string; readonly source: string; readonly name: string; readonly value: string }
  | {
      readonly topic: string;
      readonly items: Readonly<Record<string, string>>;
      readonly about?: Readonly<Record<string, string>>;
    };

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const still: CameraPosition = { pan: 0, tilt: 0, zoom: 0 };
/** Of space a second, at velocity 1. */
const sweep = 0.2;

/** What a camera remembers: where it looks, its presets and settings, what happened lately. */
export class CameraState {
  readonly presets = new Map<string, { name: string; position: CameraPosition }>();
  readonly imaging: ImagingState = {
    brightness: 50,
    contrast: 50,
    saturation: 50,
    sharpness: 50,
    irCutFilter: 'AUTO',
    wideDynamicRange: false,
    backlight: false,
  };
  readonly relays = new Map<string, boolean>();
  readonly events: EventQueues;
  home: CameraPosition = still;
  /** How fast it goes to a place, in space a second: a whole turn is 2. It is there at once where nothing is said. */
  slewPerSecond = Number.POSITIVE_INFINITY;
  /** Many cameras do not say where their presets are. */
  tellsPresetPlaces = true;
  hostname = 'camera';
  timeZone = 'CST-8';
  clockSource: 'Manual' | 'NTP' = 'Manual';
  /** The last auxiliary command, and the focus speed now. */
  auxiliary = '';
  focusSpeed = 0;
  #position: CameraPosition = still;
  #velocity: CameraPosition = still;
  #movedAt: number;
  #stopsAt = Number.POSITIVE_INFINITY;
  readonly #now: () => number;
  /** Offset of the camera's own clock from the truth, for clock-skew faults. */
  clockSkewMs = 0;
  reboots = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#movedAt = now();
    this.events = new EventQueues(() => this.now());
    this.presets.set('1', { name: 'Entrance', position: { pan: -0.5, tilt: 0.1, zoom: 0 } });
    this.presets.set('2', { name: 'Counters', position: { pan: 0.4, tilt: -0.1, zoom: 0.3 } });
  }

  now(): number {
    return this.#now() + this.clockSkewMs;
  }

  /** A full sweep takes ten seconds at velocity 1. */
  get position(): CameraPosition {
    const seconds = Math.max(0, Math.min(this.#now(), this.#stopsAt) - this.#movedAt) / 1000;
    return {
      pan: clamp(this.#position.pan + this.#velocity.pan * seconds * sweep, -1, 1),
      tilt: clamp(this.#position.tilt + this.#velocity.tilt * seconds * sweep, -1, 1),
      zoom: clamp(this.#position.zoom + this.#velocity.zoom * seconds * sweep, 0, 1),
    };
  }

  get moving(): boolean {
    return this.#now() < this.#stopsAt && Object.values(this.#velocity).some((v) => v !== 0);
  }

  /** Until `stop`, or for `forMs`. */
  move(velocity: Partial<CameraPosition>, forMs = Number.POSITIVE_INFINITY): void {
    this.#settle();
    this.#velocity = { ...still, ...velocity };
    this.#stopsAt = this.#now() + forMs;
  }

  stop(): void {
    this.move({});
  }

  goTo(position: Partial<CameraPosition>): void {
    this.#settle();
    const from = this.#position;
    const wanted = { ...from, ...position };
    const to = { pan: clamp(wanted.pan, -1, 1), tilt: clamp(wanted.tilt, -1, 1), zoom: clamp(wanted.zoom, 0, 1) };
    const axes = ['pan', 'tilt', 'zoom'] as const;
    const seconds = Math.max(...axes.map((axis) => Math.abs(to[axis] - from[axis]))) / this.slewPerSecond;
    if (seconds === 0) {
      this.#velocity = still;
      this.#position = to;
      return;
    }
    const speed = (axis: (typeof axes)[number]) => (to[axis] - from[axis]) / seconds / sweep;
    this.#velocity = { pan: speed('pan'), tilt: speed('tilt'), zoom: speed('zoom') };
    this.#stopsAt = this.#movedAt + seconds * 1_000;
  }

  setPreset(name: string, token?: string): string {
    const id = token ?? String(Math.max(0, ...[...this.presets.keys()].map(Number)) + 1);
    this.presets.set(id, { name, position: this.position });
    return id;
  }

  /** Tells of it by an event, as relays do. */
  setRelay(token: string, on: boolean): void {
    this.relays.set(token, on);
    this.emit({
      topic: 'tns1:Device/Trigger/Relay',
      about: { RelayToken: token },
      items: { LogicalState: on ? 'active' : 'inactive' },
    });
  }

  setInput(token: string, on: boolean): void {
    this.emit({
      topic: 'tns1:Device/Trigger/DigitalInput',
      about: { InputToken: token },
      items: { LogicalState: String(on) },
    });
  }

  emit(event: EmittedEvent): void {
    const plain: Omit<CameraEvent, 'at' | 'operation'> =
      'items' in event
        ? { topic: event.topic, about: event.about ?? { VideoSourceToken: 'vs' }, items: event.items }
        : { topic: event.topic, about: { VideoSourceToken: event.source }, items: { [event.name]: event.value } };
    this.events.tell(plain);
  }

  /** A restart forgets subscriptions and movement; presets and settings stay. */
  reboot(): void {
    this.reboots++;
    this.stop();
    this.events.dropSubscriptions();
  }

  #settle(): void {
    this.#position = this.position;
    this.#movedAt = this.#now();
    this.#stopsAt = Number.POSITIVE_INFINITY;
  }
}
