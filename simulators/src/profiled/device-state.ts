import { type Clock, systemClock } from '@hallhub/shared';
import type { Profile } from '@hallhub/shared/profile';
import type { Property, ThingValue } from '@hallhub/shared/thing';
import { fitNumber } from './invent-value.js';
import type { Carried } from './raw-value.js';
import { type Motion, type MotionHint, motionOf } from './value-motion.js';

export interface StateOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** What the wire can tell of each property; one that it tells nothing of is left out of the state. */
  readonly carried: ReadonlyMap<string, Carried>;
  /** Values to avoid while at rest, by property. */
  readonly avoid?: ReadonlyMap<string, ReadonlySet<ThingValue>>;
}

interface Held {
  readonly value: ThingValue;
  readonly untilMs: number;
}

export interface EventHint {
  readonly everyS?: number | undefined;
  readonly fields?: Readonly<Record<string, ThingValue>> | undefined;
}

/** Values hold still for so long, that what one answer says of several registers hangs together. */
const tickMs = 500;

/**
 * What a simulated device is at this moment. Values are computed when somebody asks, so that a hall of devices at rest
 * costs nothing; what was written or commanded is held until it is written again.
 */
export class DeviceState {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #motions = new Map<string, { property: Property; motion: Motion; carried: Carried }>();
  readonly #held = new Map<string, Held>();
  readonly #listeners = new Set<(id: string) => void>();

  constructor(profile: Profile, options: StateOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.monotonicMs();
    const hints = hintsOf(profile);
    for (const property of profile.thing.properties) {
      const carried = options.carried.get(property.id);
      if (!carried) continue;
      const motion = motionOf(property, {
        hint: hints.values[property.id],
        carried,
        alarms: profile.alarms,
        ...(options.random ? { random: options.random } : {}),
        ...(options.avoid?.get(property.id)
          ? { avoid: options.avoid.get(property.id) as ReadonlySet<ThingValue> }
          : {}),
      });
      this.#motions.set(property.id, { property, motion, carried });
    }
  }

  get ids(): readonly string[] {
    return [...this.#motions.keys()];
  }

  has(id: string): boolean {
    return this.#motions.has(id);
  }

  property(id: string): Property | undefined {
    return this.#motions.get(id)?.property;
  }

  /** @throws RangeError for a property that the wire does not carry */
  value(id: string): ThingValue {
    const now = this.#clock.monotonicMs();
    const held = this.#held.get(id);
    if (held && now < held.untilMs) return held.value;
    if (held) this.#held.delete(id);
    const found = this.#motions.get(id);
    if (!found) throw new RangeError(`the device has no ${id}`);
    return found.motion(Math.floor((now - this.#startedAt) / tickMs) * tickMs);
  }

  values(): Record<string, ThingValue> {
    return Object.fromEntries(this.ids.map((id) => [id, this.value(id)]));
  }

  /** Holds a value, for ever or for so long; numbers come to rest on what the wire can say. */
  set(id: string, value: ThingValue, forMs = Number.POSITIVE_INFINITY): void {
    const found = this.#motions.get(id);
    if (!found) return;
    const fitted = typeof value === 'number' ? fitNumber(found.property, value, found.carried) : value;
    this.#held.set(id, { value: fitted, untilMs: this.#clock.monotonicMs() + forMs });
    this.#tell(id);
  }

  /** Lets a value move again. */
  release(id: string): void {
    if (this.#held.delete(id)) this.#tell(id);
  }

  onSet(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

interface SimulationHints {
  readonly values: Readonly<Record<string, MotionHint | undefined>>;
  readonly events: Readonly<Record<string, EventHint | undefined>>;
}

/** The profile's own hints, where it has some. */
export const hintsOf = (profile: Profile): SimulationHints => {
  const hints = (profile as Profile & { simulation?: Partial<SimulationHints> }).simulation;
  return { values: hints?.values ?? {}, events: hints?.events ?? {} };
};
