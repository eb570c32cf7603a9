import type { Logger } from 'pino';
import type { Tx } from '../../db/index.js';

/** A transaction that wrote its time this long before it was committed is still seen. */
const overlap = '60 s';

interface Row {
  id: string;
  unit_id: string;
  now: Date;
}

/** Finds certificates that any process revoked since the last look, each once, by the database's own clock. */
export class RevocationWatch {
  readonly #log: Logger;
  readonly #listeners = new Set<(unitId: string) => void>();
  /** Told already; only as old as the overlap. */
  #told = new Set<string>();
  #since: Date | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  onRevoked(listener: (unitId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Units with newly revoked certificates; the first look only learns where it starts. Pass them to `tell` after the transaction. */
  async look(tx: Tx): Promise<{ readonly unitIds: readonly string[]; commit(): void }> {
    const { rows } = await tx.$client.query<Row | { id: null; unit_id: null; now: Date }>(
      `SELECT c.id, c.unit_id, n.now FROM (SELECT clock_timestamp() AS now) n
       LEFT JOIN unit_certificates c ON c.revoked_seen > coalesce($1::timestamptz, n.now) - $2::interval`,
      [this.#since ?? null, overlap],
    );
    const found = rows.filter((row): row is Row => row.id !== null);
    const fresh = this.#since === undefined ? [] : found.filter(({ id }) => !this.#told.has(id));
    return {
      unitIds: [...new Set(fresh.map(({ unit_id }) => unit_id))],
      commit: () => {
        this.#told = new Set(found.map(({ id }) => id));
        this.#since = rows[0]?.now;
      },
    };
  }

  tell({ unitIds, commit }: { readonly unitIds: readonly string[]; commit(): void }): void {
    commit();
    for (const unitId of unitIds) {
      for (const listener of this.#listeners) {
        try {
          listener(unitId);
        } catch (error) {
          this.#log.error({ err: error, unitId }, 'a listener of revocations failed');
        }
      }
    }
  }
}
