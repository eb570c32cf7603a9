import type { Pool } from 'pg';
import type { DbLogger } from '../../db/index.js';
import { dayMs, dayStart, monthStart, nextMonth } from './time-grid.js';

type Parent = 'telemetry_samples' | 'telemetry_hours';

const compact = (ms: number, length: number): string =>
  new Date(ms).toISOString().slice(0, 10).replaceAll('-', '').slice(0, length);

/** Partitions by UTC day (samples) and UTC month (roll-ups), made when first needed, committed apart from the caller's transaction. */
export class Partitions {
  readonly #ownerPool: Pool;
  readonly #known = new Set<string>();

  constructor(ownerPool: Pool) {
    this.#ownerPool = ownerPool;
  }

  async ensureDay(atMs: number): Promise<void> {
    const from = dayStart(atMs);
    await this.#ensure('telemetry_samples', `samples_${compact(from, 8)}`, from, from + dayMs);
  }

  async ensureMonth(atMs: number): Promise<void> {
    const from = monthStart(atMs);
    await this.#ensure('telemetry_hours', `hours_${compact(from, 6)}`, from, nextMonth(from));
  }

  /** After another process dropped one that this one believed in. */
  forget(): void {
    this.#known.clear();
  }

  /** Drops what ends at or before `beforeMs`; returns the names. */
  async dropBefore(parent: Parent, beforeMs: number, logger: DbLogger): Promise<string[]> {
    const { rows } = await this.#ownerPool.query<{ name: string; pending: boolean }>(
      `SELECT c.relname AS name, i.inhdetachpending AS pending FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
      [parent],
    );
    const expired = rows.filter(({ name }) => endOf(name) <= beforeMs);
    for (const { name, pending } of expired) {
      // Detached concurrently, so that inserts and queries of the parent are not held up by the drop.
      await this.#ownerPool.query(
        `ALTER TABLE ${parent} DETACH PARTITION telemetry_parts.${name} ${pending ? 'FINALIZE' : 'CONCURRENTLY'}`,
      );
      this.#known.delete(name);
    }
    await this.#dropDetached(logger);
    return expired.map(({ name }) => name);
  }

  /** Also what a stop between detaching and dropping left behind. */
  async #dropDetached(logger: DbLogger): Promise<void> {
    const { rows } = await this.#ownerPool.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'telemetry_parts'::regnamespace AND c.relkind = 'r'
         AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid)`,
    );
    for (const { name } of rows) {
      await this.#ownerPool.query(`DROP TABLE IF EXISTS telemetry_parts.${name}`);
      logger.info({ partition: name }, 'telemetry past its retention was dropped');
    }
  }

  async #ensure(parent: Parent, name: string, fromMs: number, toMs: number): Promise<void> {
    if (this.#known.has(name)) return;
    await this.#ownerPool.query('CALL telemetry_make_partition($1::regclass, $2, $3, $4)', [
      parent,
      name,
      new Date(fromMs).toISOString(),
      new Date(toMs).toISOString(),
    ]);
    this.#known.add(name);
  }
}

const endOf = (name: string): number => {
  const digits = /_(\d{4})(\d{2})(\d{2})?$/.exec(name);
  if (!digits) return Number.POSITIVE_INFINITY;
  const from = Date.UTC(Number(digits[1]), Number(digits[2]) - 1, Number(digits[3] ?? 1));
  return digits[3] ? from + dayMs : nextMonth(from);
};
