/** Who waits, by address: addresses are served in turn, each in its own order, so that one with many holds up nobody. */
export class WaitingLine<T> {
  readonly #lines = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(address: string, waiting: T): void {
    const line = this.#lines.get(address);
    if (line) line.push(waiting);
    else this.#lines.set(address, [waiting]);
    this.#size++;
  }

  shift(): T | undefined {
    const first = this.#lines.entries().next();
    if (first.done) return undefined;
    const [address, line] = first.value;
    const waiting = line.shift();
    this.#size--;
    // A Map keeps the order of insertion: in again at the end.
    this.#lines.delete(address);
    if (line.length > 0) this.#lines.set(address, line);
    return waiting;
  }

  /** Makes a place for one of `address` at the cost of whoever came last of the address with the most; none if that is its own. */
  displace(address: string): T | undefined {
    let longest: T[] = [];
    for (const line of this.#lines.values()) if (line.length > longest.length) longest = line;
    if (longest.length <= (this.#lines.get(address)?.length ?? 0) + 1) return undefined;
    this.#size--;
    return longest.pop();
  }
}
