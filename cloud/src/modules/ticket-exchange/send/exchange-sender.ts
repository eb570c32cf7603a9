import type { Timer } from '@hallhub/shared';
import type { ExchangeDeps } from '../exchange-deps.js';
import { ChannelLane } from './channel-lane.js';
import { dueChannels } from './take-due.js';
import { Turnstile } from './turnstile.js';

/** Of this process’s connections to the database; people need them too. */
const mostInDatabase = 4;
/** Files on their way out, each up to 14 MB of text; one channel sends one after the other. */
const mostFiles = 8;

/**
 * Empties the outbox: each ticket’s messages in order, tickets beside each other, channels without a bearing on one another.
 * Everything is read with rows locked, so any number of processes may run one.
 */
export class ExchangeSender {
  readonly #deps: ExchangeDeps;
  readonly #everyMs: number;
  readonly #random: () => number;
  readonly #lanes = new Map<string, ChannelLane>();
  readonly #database = new Turnstile(mostInDatabase);
  readonly #files = new Turnstile(mostFiles);
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;

  constructor(deps: ExchangeDeps, options: { readonly everyMs?: number; readonly random?: () => number } = {}) {
    this.#deps = deps;
    this.#everyMs = options.everyMs ?? 1_000;
    this.#random = options.random ?? Math.random;
  }

  start(): this {
    this.#schedule();
    return this;
  }

  /** Looks now; of all channels where none is named. */
  wake(channelId?: string): void {
    if (this.#stopping.signal.aborted) return;
    if (channelId !== undefined) this.#laneOf(channelId).fill();
    else
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
  }

  /** A person wants it tried now: it is left alone no longer. */
  forgive(channelId: string): void {
    const lane = this.#laneOf(channelId);
    lane.forgive();
    this.wake(channelId);
  }

  /** Resolves when nothing more is to be done at this moment. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#looking;
      const busy = [...this.#lanes.values()].filter((lane) => !lane.isIdle);
      await Promise.all(busy.map((lane) => lane.settled()));
      if (!this.#looking) return;
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.settled();
  }

  #laneOf(channelId: string): ChannelLane {
    const known = this.#lanes.get(channelId);
    if (known) return known;
    const lane = new ChannelLane({
      ...{ deps: this.#deps, channelId, signal: this.#stopping.signal, random: this.#random },
      ...{ database: this.#database, files: this.#files },
    });
    this.#lanes.set(channelId, lane);
    return lane;
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.wake();
      this.#schedule();
    }, this.#everyMs);
  }

  async #look(): Promise<void> {
    try {
      const due = await dueChannels(this.#deps);
      const wanted = new Set(due);
      for (const [id, lane] of this.#lanes) if (lane.isIdle && !wanted.has(id)) this.#lanes.delete(id);
      for (const id of due) this.#laneOf(id).fill();
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the exchange of tickets could not be looked at');
    }
  }
}
