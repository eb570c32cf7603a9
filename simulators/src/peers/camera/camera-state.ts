/** What a camera remembers: where it looks, its presets, what happened lately. Positions are ONVIF generic space, -1..1. */
export interface CameraPosition {
  pan: number;
  tilt: number;
  zoom: number;
}

export interface CameraEvent {
  readonly topic: string;
  readonly source: string;
  readonly name: string;
  readonly value: string;
  readonly at: number;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export class CameraState {
  readonly presets = new Map<string, { name: string; position: CameraPosition }>();
  readonly #subscriptions = new Map<string, { queue: CameraEvent[]; wake: (() => void) | undefined }>();
  #position: CameraPosition = { pan: 0, tilt: 0, zoom: 0 };
  #velocity: CameraPosition = { pan: 0, tilt: 0, zoom: 0 };
  #movedAt: number;
  #nextId = 1;
  readonly #now: () => number;
  /** Offset of the camera's own clock from the truth, for clock-skew faults. */
  clockSkewMs = 0;
  reboots = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#movedAt = now();
    this.presets.set('1', { name: 'Entrance', position: { pan: -0.5, tilt: 0.1, zoom: 0 } });
    this.presets.set('2', { name: 'Counters', position: { pan: 0.4, tilt: -0.1, zoom: 0.3 } });
  }

  now(): number {
    return this.#now() + this.clockSkewMs;
  }

  /** A full sweep takes ten seconds at velocity 1. */
  get position(): CameraPosition {
    const seconds = (this.#now() - this.#movedAt) / 1000;
    return {
      pan: clamp(this.#position.pan + this.#velocity.pan * seconds * 0.2, -1, 1),
      tilt: clamp(this.#position.tilt + this.#velocity.tilt * seconds * 0.2, -1, 1),
      zoom: clamp(this.#position.zoom + this.#velocity.zoom * seconds * 0.2, 0, 1),
    };
  }

  get moving(): boolean {
    return Object.values(this.#velocity).some((v) => v !== 0);
  }

  move(velocity: Partial<CameraPosition>): void {
    this.#settle();
    this.#velocity = { pan: velocity.pan ?? 0, tilt: velocity.tilt ?? 0, zoom: velocity.zoom ?? 0 };
  }

  stop(): void {
    this.move({});
  }

  goTo(position: Partial<CameraPosition>): void {
    this.#settle();
    this.#velocity = { pan: 0, tilt: 0, zoom: 0 };
    this.#position = { ...this.#position, ...position };
  }

  setPreset(name: string, token?: string): string {
    const id = token ?? String(Math.max(0, ...[...this.presets.keys()].map(Number)) + 1);
    this.presets.set(id, { name, position: this.position });
    return id;
  }

  subscribe(): string {
    const id = String(this.#nextId++);
    this.#subscriptions.set(id, { queue: [], wake: undefined });
    return id;
  }

  unsubscribe(id: string): boolean {
    this.#subscriptions.get(id)?.wake?.();
    return this.#subscriptions.delete(id);
  }

  emit(event: Omit<CameraEvent, 'at'>): void {
    for (const subscription of this.#subscriptions.values()) {
      subscription.queue.push({ ...event, at: this.now() });
      if (subscription.queue.length > 100) subscription.queue.shift();
      subscription.wake?.();
    }
  }

  /** Waits up to `timeoutMs` for messages; undefined when the subscription is not known (camera restarted). */
  async pull(id: string, timeoutMs: number, limit: number): Promise<CameraEvent[] | undefined> {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) return undefined;
    if (subscription.queue.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        subscription.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      subscription.wake = undefined;
    }
    return subscription.queue.splice(0, limit);
  }

  /** A restart forgets subscriptions and movement; presets stay. */
  reboot(): void {
    this.reboots++;
    this.stop();
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
  }

  #settle(): void {
    this.#position = this.position;
    this.#movedAt = this.#now();
  }
}
