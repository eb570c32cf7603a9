import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '@hallhub/shared';

export interface LineFault {
  /** Everything open is reset, nothing new is let through. */
  readonly cut?: boolean;
  /** One way. */
  readonly latencyMs?: number;
  /** Each way. */
  readonly bytesPerSecond?: number;
  /** TCP repairs lost packets: what is seen of them are stalls, and connections that break. */
  readonly stallEveryMs?: number;
  readonly stallMs?: number;
  readonly breakEveryMs?: number;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  stalledUntilMs: number;
}

/** A wire of the unit's own between its uplink and the cloud, which can be made bad. Listens on the loopback only. */
export class FaultyLine implements AsyncDisposable {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #pairs = new Set<Pair>();
  readonly #server: Server;
  #fault: LineFault = {};
  #faultNumber = 0;

  private constructor(target: { host: string; port: number }, clock: Clock, random: () => number) {
    this.#target = target;
    this.#clock = clock;
    this.#random = random;
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => this.#accept(client));
  }

  static async open(
    target: { readonly host: string; readonly port: number },
    { clock, random = Math.random }: { readonly clock: Clock; readonly random?: () => number },
  ): Promise<FaultyLine> {
    const line = new FaultyLine(target, clock, random);
    await new Promise<void>((resolve, reject) => {
      line.#server.once('error', reject);
      line.#server.listen(0, '127.0.0.1', resolve);
    });
    return line;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** From now on; `{}` is a good line. */
  set(fault: LineFault): void {
    this.#fault = fault;
    this.#faultNumber += 1;
    for (const pair of this.#pairs) pair.stalledUntilMs = 0;
    if (fault.cut) this.#breakAll();
    if (fault.breakEveryMs) this.#repeat(fault.breakEveryMs, () => this.#breakAll());
    const { stallMs = 0 } = fault;
    if (!fault.stallEveryMs) return;
    this.#repeat(fault.stallEveryMs, () => {
      const untilMs = this.#clock.monotonicMs() + stallMs * (0.5 + this.#random());
      for (const pair of this.#pairs) pair.stalledUntilMs = untilMs;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fault = {};
    this.#faultNumber += 1;
    this.#breakAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Until another fault is set, at times that vary by half. */
  #repeat(everyMs: number, action: () => void): void {
    const number = this.#faultNumber;
    const again = () =>
      this.#clock.setTimeout(
        () => {
          if (number !== this.#faultNumber) return;
          action();
          again();
        },
        everyMs * (0.5 + this.#random()),
      );
    again();
  }

  #breakAll(): void {
    for (const { client, upstream } of this.#pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    this.#pairs.clear();
  }

  #accept(client: Socket): void {
    client.on('error', () => {});
    if (this.#fault.cut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...this.#target, noDelay: true });
    const pair: Pair = { client, upstream, stalledUntilMs: 0 };
    this.#pairs.add(pair);
    client.on('close', () => {
      this.#pairs.delete(pair);
      upstream.destroy();
    });
    upstream.on('error', () => client.resetAndDestroy());
    upstream.on('close', () => client.destroy());
    void this.#carry(pair, client, upstream);
    void this.#carry(pair, upstream, client);
    client.resume();
  }

  /** In order, chunk after chunk: reading waits for what the line takes, so that the sender feels it too. */
  async #carry(pair: Pair, from: Socket, to: Socket): Promise<void> {
    let freeAtMs = 0;
    let lastDue: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const { latencyMs = 0, bytesPerSecond } = this.#fault;
        const sendMs = bytesPerSecond ? (chunk.length / bytesPerSecond) * 1_000 : 0;
        freeAtMs = Math.max(this.#clock.monotonicMs(), freeAtMs) + sendMs;
        const dueMs = freeAtMs + latencyMs;
        const before = lastDue;
        lastDue = before.then(() => this.#deliver(pair, to, chunk, dueMs));
        // What is under way is bounded by the bandwidth; latency alone holds nobody up.
        if (bytesPerSecond || to.writableNeedDrain) await this.#sleepUntil(freeAtMs);
        if (to.writableNeedDrain) await lastDue;
      }
      await lastDue;
      to.end();
    } catch {
      to.destroy();
    }
  }

  async #deliver(pair: Pair, to: Socket, chunk: Buffer, dueMs: number): Promise<void> {
    await this.#sleepUntil(Math.max(dueMs, pair.stalledUntilMs));
    while (pair.stalledUntilMs > this.#clock.monotonicMs()) await this.#sleepUntil(pair.stalledUntilMs);
    if (to.destroyed || to.write(chunk)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        to.removeListener('drain', done);
        to.removeListener('close', done);
        resolve();
      };
      to.once('drain', done).once('close', done);
    });
  }

  async #sleepUntil(ms: number): Promise<void> {
    const waitMs = ms - this.#clock.monotonicMs();
    if (waitMs > 0) await this.#clock.sleep(waitMs);
  }
}
