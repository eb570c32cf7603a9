import type { Clock } from '@hallhub/shared';
import { desc, eq } from 'drizzle-orm';
import type { Logger } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';
import { aside } from '../store/schema.js';

const keptEntries = 2_000;
const keptPayloadBytes = 4_096;

export interface AsideEntry {
  readonly at: number;
  readonly deviceId: string | undefined;
  readonly source: string;
  readonly reason: string;
  readonly payload: Buffer;
}

/** What could not be understood, with the reason: bounded, for the engineer to look at. */
export class AsideBook {
  readonly #hub: StoreFile;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<(entry: AsideEntry) => void>();
  #count = 0;

  constructor(hub: StoreFile, clock: Clock, logger: Logger) {
    this.#hub = hub;
    this.#clock = clock;
    this.#logger = logger;
    this.#count = hub.commit.db.prepare('SELECT count(*) FROM aside').pluck().get() as number;
  }

  get count(): number {
    return this.#count;
  }

  onEntry(listener: (entry: AsideEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when it is on disk, and never rejects: a full disk has its own fault. */
  async put(entry: { deviceId?: string; source: string; reason: string; payload: Uint8Array }): Promise<void> {
    const { deviceId, source } = entry;
    const kept: AsideEntry = {
      at: this.#clock.now(),
      deviceId,
      source: source.slice(0, 300),
      reason: entry.reason.slice(0, 500),
      payload: Buffer.from(entry.payload.subarray(0, keptPayloadBytes)),
    };
    this.#logger.warn({ deviceId, source, reason: kept.reason, bytes: entry.payload.length }, 'put aside');
    try {
      await this.#hub.commit.write((tx) => {
        const { lastInsertRowid } = tx.db
          .prepare('INSERT INTO aside (at, device_id, source, reason, payload) VALUES (?, ?, ?, ?, ?)')
          .run(kept.at, deviceId ?? null, kept.source, kept.reason, kept.payload);
        const gone = tx.db.prepare('DELETE FROM aside WHERE aside_id <= ?').run(Number(lastInsertRowid) - keptEntries);
        tx.onCommit(() => {
          this.#count += 1 - gone.changes;
        });
      });
    } catch (error) {
      this.#logger.error({ error: String(error) }, 'an entry could not be put aside');
    }
    for (const listener of this.#listeners) listener(kept);
  }

  latest(limit: number, deviceId?: string): AsideEntry[] {
    const query = this.#hub.orm.select().from(aside);
    const rows = (deviceId ? query.where(eq(aside.deviceId, deviceId)) : query)
      .orderBy(desc(aside.asideId))
      .limit(limit)
      .all();
    return rows.map(({ at, deviceId: id, source, reason, payload }) => ({
      at,
      deviceId: id ?? undefined,
      source,
      reason,
      payload,
    }));
  }
}
