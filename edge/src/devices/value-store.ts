import type { Value } from '@hallhub/shared/wire';
import type { LastValue } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import { lastValue } from '../store/schema.js';

/** What a device's own clock may be ahead. */
const aheadMs = 5_000;

/** Last value of each property: in memory, and on disk a few seconds later, for the picture after a restart. */
export class ValueStore {
  readonly #telemetry: StoreFile;
  readonly #values = new Map<string, Map<string, LastValue>>();
  readonly #dirty = new Map<string, Set<string>>();

  constructor(telemetry: StoreFile) {
    this.#telemetry = telemetry;
    for (const row of telemetry.orm.select().from(lastValue).all()) {
      const { deviceId, property, value, at, quality } = row;
      this.#mapOf(deviceId).set(property, { value, at, quality });
    }
  }

  of(deviceId: string): ReadonlyMap<string, LastValue> {
    return this.#values.get(deviceId) ?? nothing;
  }

  /**
   * Older than what is there: left alone, for the device's order counts and not that of arrival. What is there from a time
   * that is still to come was told before the unit's clock went back, and gives way.
   */
  put(deviceId: string, property: string, last: LastValue, now: number): void {
    const map = this.#mapOf(deviceId);
    const before = map.get(property);
    if (before && before.at > last.at && before.at <= now + aheadMs) return;
    map.set(property, last);
    const dirty = this.#dirty.get(deviceId) ?? new Set<string>();
    this.#dirty.set(deviceId, dirty.add(property));
  }

  /** Writes what changed since the last time. */
  async save(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const dirty = new Map(this.#dirty);
    this.#dirty.clear();
    const write = this.#telemetry.commit.write((tx) => {
      const put = tx.db.prepare(
        'INSERT OR REPLACE INTO last_value (device_id, property, value, at, quality) VALUES (?, ?, ?, ?, ?)',
      );
      for (const [deviceId, properties] of dirty) {
        for (const property of properties) {
          const last = this.#values.get(deviceId)?.get(property);
          if (last) put.run(deviceId, property, JSON.stringify(last.value satisfies Value), last.at, last.quality);
        }
      }
    });
    await write.catch((error) => {
      for (const [deviceId, properties] of dirty)
        this.#dirty.set(deviceId, new Set([...properties, ...(this.#dirty.get(deviceId) ?? [])]));
      throw error;
    });
  }

  #mapOf(deviceId: string): Map<string, LastValue> {
    const map = this.#values.get(deviceId) ?? new Map<string, LastValue>();
    this.#values.set(deviceId, map);
    return map;
  }
}

const nothing: ReadonlyMap<string, LastValue> = new Map();
