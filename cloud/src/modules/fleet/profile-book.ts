import { type Profile, profileSchema } from '@hallhub/shared/profile';
import type { Tx } from '../../db/index.js';

const maxCached = 500;

/** Parsed profiles by content hash: what a hash stands for never changes, so they may be kept. */
export class ProfileBook {
  readonly #cached = new Map<string, Profile | null>();

  /** Undefined: the unit has not sent it yet. Null: this cloud cannot read it. */
  async get(tx: Tx, tenantId: string, hash: string): Promise<Profile | null | undefined> {
    return (await this.getMany(tx, tenantId, [hash])).get(hash);
  }

  async getMany(tx: Tx, tenantId: string, hashes: Iterable<string>): Promise<ReadonlyMap<string, Profile | null>> {
    const found = new Map<string, Profile | null>();
    const missing: string[] = [];
    for (const hash of new Set(hashes)) {
      const cached = this.#cached.get(`${tenantId} ${hash}`);
      if (cached === undefined) missing.push(hash);
      else found.set(hash, cached);
    }
    if (missing.length === 0) return found;
    const { rows } = await tx.$client.query<{ hash: string; document: unknown }>(
      'SELECT hash, document FROM profiles WHERE tenant_id = $1 AND hash = ANY($2)',
      [tenantId, missing],
    );
    for (const { hash, document } of rows) {
      const parsed = profileSchema.safeParse(document);
      const profile = parsed.success ? parsed.data : null;
      if (this.#cached.size >= maxCached) this.#cached.delete(this.#cached.keys().next().value!);
      this.#cached.set(`${tenantId} ${hash}`, profile);
      found.set(hash, profile);
    }
    return found;
  }
}
