import type { Clock } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import type { LastValue } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import { deviceValues } from '../store/schema.js';
import { decodePicture, encodePicture } from './device-picture.js';

/** What a device's own clock may be ahead. */
const aheadMs = 5_000;
/** What a restart would bring again at once, and times alone, are written this often: flash wears out by writing. */
const laterMs = 60_000;

/** Last value of each property: in memory, and on disk a little later, for the picture after a restart. */
export class ValueStore {
  readonly #telemetry: StoreFile;
  readonly #clock: Clock;
  readonly #devices = new Map<string, DeviceValues>();

  constructor(telemetry: StoreFile, clock: Clock) {
    this.#telemetry = telemetry;
    this.#clock = clock;
    for (const { deviceId, body } of telemetry.orm.select().from(deviceValues).all())
      this.#devices.set(deviceId, new DeviceValues(decodePicture(body), this.#staggeredMs()));
  }

  of(deviceId: string): ReadonlyMap<string, LastValue> {
    return this.#devices.get(deviceId)?.all ?? nothing;
  }

  device(deviceId: string): DeviceValues {
    let values = this.#devices.get(deviceId);
    if (!values) {
      values = new DeviceValues([], this.#staggeredMs());
      this.#devices.set(deviceId, values);
    }
    return values;
  }

  /** Writes what changed since the last time; with `due` only what must not wait. */
  async save(which: 'all' | 'due' = 'all'): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const isDue = ({ unsaved, savedMs }: DeviceValues) =>
      unsaved === 'soon' || (unsaved === 'later' && (which === 'all' || nowMs - savedMs >= laterMs));
    const devices = [...this.#devices].filter(([, values]) => isDue(values));
    if (devices.length === 0) return;
    const before = devices.map(([, values]) => values.saving(nowMs));
    const write = this.#telemetry.commit.write((tx) => {
      const put = tx.db.prepare('INSERT OR REPLACE INTO device_values (device_id, body) VALUES (?, ?)');
      for (const [deviceId, { all }] of devices) put.run(deviceId, encodePicture(all));
    });
    await write.catch((error) => {
      for (const [index, [, values]] of devices.entries()) values.mark(before[index]);
      throw error;
    });
  }

  /** Devices that come together are not all written together a minute later. */
  #staggeredMs(): number {
    return this.#clock.monotonicMs() - ((this.#devices.size * 5_000) % laterMs);
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Last values of one device. */
export class DeviceValues {
  readonly #values: Map<string, Mutable<LastValue>>;
  #unsaved: 'soon' | 'later' | undefined;
  #savedMs: number;

  constructor(values: Iterable<[string, LastValue]>, savedMs: number) {
    this.#values = new Map(values);
    this.#savedMs = savedMs;
  }

  /** As they are now; each is brought up to date in place. */
  get all(): ReadonlyMap<string, LastValue> {
    return this.#values;
  }

  get unsaved(): 'soon' | 'later' | undefined {
    return this.#unsaved;
  }

  /** Monotonic. */
  get savedMs(): number {
    return this.#savedMs;
  }

  /**
   * Says whether the value or its quality changed. Older than what is there: left alone, for the device's order counts and not
   * that of arrival. What is there from a time that is still to come was told before the unit's clock went back, and gives way.
   */
  put(property: string, value: Value, quality: LastValue['quality'], time: { at: number; now: number }): boolean {
    const last = this.#values.get(property);
    if (!last) {
      this.#values.set(property, { value, at: time.at, quality });
      return true;
    }
    if (last.at > time.at && last.at <= time.now + aheadMs) return false;
    last.at = time.at;
    if (last.value === value && last.quality === quality) return false;
    last.value = value;
    last.quality = quality;
    return true;
  }

  /** Has to be written: within seconds, or within a minute. */
  mark(unsaved: 'soon' | 'later' | undefined): void {
    if (unsaved && this.#unsaved !== 'soon') this.#unsaved = unsaved;
  }

  /** Returns what was unsaved until now. */
  saving(nowMs: number): 'soon' | 'later' | undefined {
    const before = this.#unsaved;
    this.#unsaved = undefined;
    this.#savedMs = nowMs;
    return before;
  }
}

const nothing: ReadonlyMap<string, LastValue> = new Map();
