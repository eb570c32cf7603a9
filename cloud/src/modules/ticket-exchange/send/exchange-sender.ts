import { Backoff, type Timer } from '@hallhub/shared';
import type { ExchangeDeps } from '../exchange-deps.js';
import { callPeer } from './call-peer.js';
import { sendFiles } from './send-files.js';
import { settleMessage } from './settle-message.js';
import { type DueMessage, releaseDue, takeDue } from './take-due.js';

/** A platform that did not answer three times on end is left alone for a while, and then asked by one message at a time. */
const down = { firstMs: 2_000, maxMs: 60_000 };
const failuresToBeDown = 3;

interface DownChannel {
  failures: number;
  untilMs: number;
  readonly backoff: Backoff;
}

/**
 * Empties the outbox: each ticket’s messages in order, tickets beside each other, a platform that is down without a bearing on the
 * others. Everything is read with rows locked, so any number of processes may run one.
 */
export class ExchangeSender {
  readonly #deps: ExchangeDeps;
  readonly #everyMs: number;
  readonly #random: () => number;
  readonly #down = new Map<string, DownChannel>();
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(deps: ExchangeDeps, options: { readonly everyMs?: number; readonly random?: () => number } = {}) {
    this.#deps = deps;
    this.#everyMs = options.everyMs ?? 1_000;
    this.#random = options.random ?? Math.random;
  }

  start(): this {
    this.#schedule();
    return this;
  }

  /** Looks now. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  /** A person wants it tried now: nobody is left alone any longer. */
  forgive(channelId: string): void {
    this.#down.delete(channelId);
    this.wake();
  }

  /** Resolves when nothing more is to be done at this moment. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.settled();
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.wake();
      this.#schedule();
    }, this.#everyMs);
  }

  #run(): Promise<void> {
    this.#running = (async () => {
      try {
        do {
          this.#again = false;
          await this.#look();
        } while (this.#again && !this.#stopping.signal.aborted);
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'the exchange of tickets could not be looked at');
      } finally {
        this.#running = undefined;
      }
    })();
    return this.#running;
  }

  async #look(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    const except = [...this.#down].filter(([, { untilMs }]) => untilMs > nowMs).map(([id]) => id);
    const due = await takeDue(this.#deps, except);
    if (due.length === 0) return;
    const byChannel = new Map<string, DueMessage[]>();
    for (const one of due) byChannel.set(one.channel.id, [...(byChannel.get(one.channel.id) ?? []), one]);
    const outcomes = await Promise.all([...byChannel.values()].map((mine) => this.#sendAll(mine)));
    if (outcomes.some(Boolean)) this.#again = true;
  }

  /** Four at a time; after one that found nobody the rest wait. True: something moved. */
  async #sendAll(due: readonly DueMessage[]): Promise<boolean> {
    const queue = [...due];
    let moved = false;
    const next = async (): Promise<void> => {
      for (let one = queue.shift(); one; one = queue.shift()) {
        if (this.#isLeftAlone(one)) {
          await releaseDue(this.#deps, one);
          continue;
        }
        moved = (await this.#sendOne(one)) || moved;
      }
    };
    const id = due[0]?.channel.id ?? '';
    await Promise.all(Array.from({ length: this.#isDown(id) ? 1 : 4 }, next));
    return moved;
  }

  #isDown(channelId: string): boolean {
    return (this.#down.get(channelId)?.failures ?? 0) >= failuresToBeDown;
  }

  #isLeftAlone({ channel }: DueMessage): boolean {
    if (this.#stopping.signal.aborted) return true;
    return (this.#down.get(channel.id)?.untilMs ?? 0) > this.#deps.clock.monotonicMs();
  }

  async #sendOne(due: DueMessage): Promise<boolean> {
    const { clock, log } = this.#deps;
    const { id } = due.channel;
    const { signal } = this.#stopping;
    const reply =
      (await sendFiles(this.#deps, due, signal)) ??
      (await callPeer(this.#deps, due.channel, { method: 'POST', path: '/messages', body: due.body, signal }));
    if (signal.aborted && reply.problem !== null) {
      await releaseDue(this.#deps, due);
      return false;
    }
    const { outcome, isDown } = await settleMessage(this.#deps, due, reply, this.#random);
    if (isDown) {
      const known = this.#down.get(id) ?? {
        failures: 0,
        untilMs: 0,
        backoff: new Backoff({ ...down, random: this.#random }),
      };
      known.failures += 1;
      if (known.failures >= failuresToBeDown) known.untilMs = clock.monotonicMs() + known.backoff.nextMs();
      this.#down.set(id, known);
      log.debug({ channelId: id, problem: reply.problem }, 'a platform cannot be reached');
      return false;
    }
    this.#down.delete(id);
    return outcome !== 'later';
  }
}
