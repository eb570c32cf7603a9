/** What was read of a tenant or of one of its people, kept until its stamp is another one. Those that were asked for last are kept. */
export class KeptByStamp<T> {
  readonly #kept = new Map<string, { readonly stamp: string; readonly value: T }>();

  constructor(private readonly most = 50) {}

  /** `stamp` undefined: nobody could say whether it changed, so it is read each time. */
  async of(whose: string, stamp: string | undefined, read: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(whose);
    const value = known && known.stamp === stamp ? known.value : await read();
    if (stamp === undefined) return value;
    this.#kept.delete(whose);
    this.#kept.set(whose, { stamp, value });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.most && oldest !== undefined) this.#kept.delete(oldest);
    return value;
  }
}
