import type { Store } from '../store/index.js';

type Days = Record<string, Record<string, number>>;

const key = 'vision.days';
const keptDays = 8;

/** Pictures that were looked at, by camera and day of the hall; over restarts. Writes when told to, so that a crash costs a minute of counting. */
export class DayTally {
  readonly #hub: Store['hub'];
  readonly #before = new Map<string, number>();
  #days: Days;
  #isChanged = false;

  constructor(hub: Store['hub']) {
    this.#hub = hub;
    this.#days = read(hub);
  }

  /** `looked` only grows while the same child looks; smaller than before is a new child’s. */
  note(cameraId: string, day: string, looked: number): void {
    const before = this.#before.get(cameraId) ?? 0;
    this.#before.set(cameraId, looked);
    const more = looked >= before ? looked - before : looked;
    if (more === 0) return;
    const mine = { ...this.#days[cameraId], [day]: (this.#days[cameraId]?.[day] ?? 0) + more };
    const kept = Object.entries(mine)
      // Days of a clock that was ahead must not push out today.
      .sort(([a], [b]) => (a === day ? -1 : b === day ? 1 : a < b ? 1 : -1))
      .slice(0, keptDays);
    this.#days[cameraId] = Object.fromEntries(kept);
    this.#isChanged = true;
  }

  /** The newest first. */
  of(cameraId: string): { day: string; looked: number }[] {
    return Object.entries(this.#days[cameraId] ?? {})
      .map(([day, looked]) => ({ day, looked }))
      .sort((a, b) => (a.day < b.day ? 1 : -1));
  }

  async save(cameraIds: readonly string[]): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const known = new Set(cameraIds);
    this.#days = Object.fromEntries(Object.entries(this.#days).filter(([id]) => known.has(id)));
    const text = JSON.stringify(this.#days);
    try {
      await this.#hub.commit.write((tx) =>
        tx.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, text),
      );
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
  }
}

const read = (hub: Store['hub']): Days => {
  const text = hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
  try {
    return typeof text === 'string' ? (JSON.parse(text) as Days) : {};
  } catch {
    return {};
  }
};

/** `YYYY-MM-DD` as the hall’s calendar says it. */
export const hallDay = (atMs: number, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(atMs);
