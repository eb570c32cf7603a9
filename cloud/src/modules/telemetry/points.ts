import type { Pool } from 'pg';

type PointIds = Map<string, number>;

export interface PointKey {
  readonly deviceId: string;
  readonly property: string;
}

/**
 * Numbers of (device, property), remembered for the most recently used. New ones are committed at once, apart from the
 * caller's transaction: a number that was handed out stays valid when that is rolled back.
 */
export class PointDictionary {
  readonly #ownerPool: Pool;
  readonly #capacity: number;
  #young = new Map<string, PointIds>();
  #old = new Map<string, PointIds>();
  #youngCount = 0;

  constructor(ownerPool: Pool, capacity = 200_000) {
    this.#ownerPool = ownerPool;
    this.#capacity = capacity;
  }

  /** The device's known points. The tenant is part of the key: nobody writes into another tenant's points by naming its device. */
  of(tenantId: string, deviceId: string): PointIds {
    const key = tenantId + deviceId;
    const young = this.#young.get(key);
    if (young) return young;
    const found: PointIds = this.#old.get(key) ?? new Map();
    this.#old.delete(key);
    this.#young.set(key, found);
    this.#youngCount += found.size;
    // Two generations bound the memory at twice the capacity without any work per look-up.
    if (this.#youngCount > this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map([[key, found]]);
      this.#youngCount = found.size;
    }
    return found;
  }

  /** Makes sure `of` knows these. */
  async learn(tenantId: string, missing: readonly PointKey[]): Promise<void> {
    if (missing.length === 0) return;
    const args = [tenantId, missing.map((key) => key.deviceId), missing.map((key) => key.property)];
    // Looked for before inserting, because a conflict would use up a number; in order, so that two learners cannot deadlock.
    await this.#ownerPool.query(
      `INSERT INTO telemetry_points (tenant_id, device_id, property)
       SELECT DISTINCT $1::uuid, u.d, u.p FROM unnest($2::uuid[], $3::text[]) AS u(d, p)
       WHERE NOT EXISTS (SELECT 1 FROM telemetry_points t WHERE t.tenant_id = $1 AND t.device_id = u.d AND t.property = u.p)
       ORDER BY 2, 3
       ON CONFLICT (tenant_id, device_id, property) DO NOTHING`,
      args,
    );
    const { rows } = await this.#ownerPool.query<{ id: number; device_id: string; property: string }>(
      `SELECT t.id, t.device_id, t.property FROM unnest($2::uuid[], $3::text[]) AS u(d, p)
       JOIN telemetry_points t ON t.tenant_id = $1 AND t.device_id = u.d AND t.property = u.p`,
      args,
    );
    for (const row of rows) {
      this.of(tenantId, row.device_id).set(row.property, row.id);
      this.#youngCount++;
    }
  }
}
