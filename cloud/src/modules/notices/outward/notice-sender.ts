import { Backoff, type Timer, toHubError } from '@hallhub/shared';
import type { OutwardDeps } from './outward-deps.js';
import type { OutwardMetrics } from './outward-metrics.js';
import { prepare } from './prepare.js';
import { sendEmail } from './send-email.js';
import { sendSms } from './send-sms.js';
import { sendWebhook } from './send-webhook.js';
import type { Message, Sent } from './sent.js';
import { type Outcome, settle } from './settle.js';
import { type Due, releaseDue, startWithinMs, takeDue } from './take-due.js';

/** A channel that did not answer three times on end is left alone for a while, and then asked by one message at a time. */
const down = { firstMs: 2_000, maxMs: 60_000 };
const failuresToBeDown = 3;
const atOnce = 4;

interface DownChannel {
  failures: number;
  untilMs: number;
  readonly backoff: Backoff;
}

export interface NoticeSenderOptions {
  readonly everyMs?: number;
  readonly random?: () => number;
}

/** Empties the outbox of notices. Rows are leased, so any number of processes may run one; a dead channel holds up no other. */
export class NoticeSender {
  readonly #deps: OutwardDeps;
  readonly #metrics: OutwardMetrics;
  readonly #everyMs: number;
  readonly #random: () => number;
  readonly #down = new Map<string, DownChannel>();
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(deps: OutwardDeps, metrics: OutwardMetrics, options: NoticeSenderOptions = {}) {
    this.#deps = deps;
    this.#metrics = metrics;
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
    else this.#run();
  }

  /** A person changed or tests it: nobody is left alone any longer. */
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

  #run(): void {
    this.#running = (async () => {
      try {
        do {
          this.#again = false;
          await this.#look();
        } while (this.#again && !this.#stopping.signal.aborted);
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'the outbox of notices could not be looked at');
      } finally {
        this.#running = undefined;
      }
    })();
  }

  async #look(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    await this.#metrics.look(this.#deps);
    const except = [...this.#down].filter(([, { untilMs }]) => untilMs > nowMs).map(([id]) => id);
    const due = await takeDue(this.#deps, except);
    if (due.length === 0) return;
    const byChannel = new Map<string, Due[]>();
    for (const one of due) byChannel.set(one.channel.id, [...(byChannel.get(one.channel.id) ?? []), one]);
    const moved = await Promise.all([...byChannel.values()].map((mine) => this.#sendAll(mine)));
    if (moved.some(Boolean)) this.#again = true;
  }

  /** Some at a time; after one that found nobody the rest wait. True: something moved. */
  async #sendAll(due: readonly Due[]): Promise<boolean> {
    const queue = [...due];
    let moved = false;
    const next = async (): Promise<void> => {
      for (let one = queue.shift(); one; one = queue.shift()) {
        if (this.#mustWait(one)) await releaseDue(this.#deps, one);
        else moved = (await this.#sendOne(one)) || moved;
      }
    };
    const failures = this.#down.get(due[0]?.channel.id ?? '')?.failures ?? 0;
    await Promise.all(Array.from({ length: failures >= failuresToBeDown ? 1 : atOnce }, next));
    return moved;
  }

  #mustWait({ channel, leasedTillMs }: Due): boolean {
    if (this.#stopping.signal.aborted) return true;
    // What began now might still be under way when another process takes it.
    if (leasedTillMs - this.#deps.clock.now() < startWithinMs) return true;
    return (this.#down.get(channel.id)?.untilMs ?? 0) > this.#deps.clock.monotonicMs();
  }

  async #sendOne(due: Due): Promise<boolean> {
    const prepared = await this.#prepared(due);
    if (prepared.next !== 'send') return prepared.next === 'skip';
    const sent = await this.#send(due, prepared.message);
    const outcome = await settle(this.#deps, due, sent, this.#random);
    this.#note(due, sent, outcome);
    return outcome === 'sent';
  }

  /** What cannot even be opened is nobody else’s trouble. */
  async #prepared(due: Due): ReturnType<typeof prepare> {
    try {
      return await prepare(this.#deps, due);
    } catch (error) {
      this.#deps.log.warn({ err: error, deliveryId: due.row.id }, 'a notice could not be made ready');
      const { message } = toHubError(error);
      await settle(
        this.#deps,
        due,
        { outcome: 'later', code: 'internal', detail: message, isDown: false },
        this.#random,
      );
      return { next: 'gone' };
    }
  }

  async #send({ row, channel }: Due, message: Message): Promise<Sent> {
    try {
      if (channel.kind === 'email') return await sendEmail(this.#deps, channel, message);
      if (channel.kind === 'sms') return await sendSms(this.#deps, channel, message);
      return await sendWebhook(this.#deps, channel, { row, message });
    } catch (error) {
      this.#deps.log.warn({ err: error, channelId: channel.id }, 'a notice could not be sent');
      return { outcome: 'later', code: 'internal', detail: toHubError(error).message, isDown: true };
    }
  }

  #note({ channel }: Due, sent: Sent, outcome: Outcome): void {
    this.#metrics.count(channel.kind, outcome);
    if (sent.outcome !== 'later' || !sent.isDown) {
      this.#down.delete(channel.id);
      return;
    }
    const known = this.#down.get(channel.id) ?? {
      failures: 0,
      untilMs: 0,
      backoff: new Backoff({ ...down, random: this.#random }),
    };
    known.failures += 1;
    if (known.failures >= failuresToBeDown) known.untilMs = this.#deps.clock.monotonicMs() + known.backoff.nextMs();
    this.#down.set(channel.id, known);
  }
}
