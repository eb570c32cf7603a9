/** What was read of a tenant, kept until its stamp is another one. The tenants that were asked for last are kept. */
export class KeptByStamp<T> {
  readonly #kept = new Map<string, { readonly stamp: string; readonly value: T }>();

  constructor(private readonly most = 50) {}

  /** `stamp` undefined: nobody could say whether it changed, so it is read each time. */
  async of(tenantId: string, stamp: string | undefined, read: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(tenantId);
    const value = known && known.stamp === stamp ? known.value : await read();
    if (stamp === undefined) return value;
    this.#kept.delete(tenantId);
    this.#kept.set(tenantId, { stamp, value });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.most && oldest !== undefined) this.#kept.delete(oldest);
    return value;
  }
}
