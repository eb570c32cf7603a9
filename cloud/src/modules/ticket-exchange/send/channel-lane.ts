import { Backoff } from '@hallhub/shared';
import type { ExchangeDeps } from '../exchange-deps.js';
import { callPeer } from './call-peer.js';
import { sendFiles } from './send-files.js';
import { settleMessage } from './settle-message.js';
import { type DueMessage, releaseDue, takeDue } from './take-due.js';
import { Turnstile } from './turnstile.js';

/** Messages of one channel that are on their way at a time. */
const mostOnTheWay = 6;
const mostFiles = 2;
/** A platform that did not answer three times on end is left alone for a while, and then asked by one message at a time. */
const down = { firstMs: 2_000, maxMs: 60_000 };
const failuresToBeDown = 3;

export interface LaneOptions {
  readonly deps: ExchangeDeps;
  readonly channelId: string;
  readonly signal: AbortSignal;
  /** Through which all lanes go to the database. */
  readonly database: Turnstile;
  /** Through which all lanes send files: they are held in memory. */
  readonly files: Turnstile;
  readonly random: () => number;
}

/** What goes to one platform. It waits for nothing but that platform, and nothing but itself waits for it. */
export class ChannelLane {
  readonly #of: LaneOptions;
  readonly #backoff: Backoff;
  readonly #onTheWay = new Set<Promise<void>>();
  readonly #files = new Turnstile(mostFiles);
  #filling: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #untilMs = 0;

  constructor(of: LaneOptions) {
    this.#of = of;
    this.#backoff = new Backoff({ ...down, random: of.random });
  }

  /** Nothing is on its way, and there is nothing to remember. */
  get isIdle(): boolean {
    return this.#onTheWay.size === 0 && !this.#filling && this.#failures === 0;
  }

  forgive(): void {
    this.#failures = 0;
    this.#untilMs = 0;
    this.#backoff.reset();
  }

  /** Takes what there is to send, as far as there is room. */
  fill(): void {
    if (this.#filling) this.#again = true;
    else {
      this.#filling = this.#fill().finally(() => {
        this.#filling = undefined;
      });
    }
  }

  async settled(): Promise<void> {
    while (this.#filling || this.#onTheWay.size > 0) await Promise.all([this.#filling, ...this.#onTheWay]);
  }

  get #isLeftAlone(): boolean {
    return this.#of.signal.aborted || this.#untilMs > this.#of.deps.clock.monotonicMs();
  }

  get #room(): number {
    const most = this.#failures >= failuresToBeDown ? 1 : mostOnTheWay;
    return this.#isLeftAlone ? 0 : most - this.#onTheWay.size;
  }

  async #fill(): Promise<void> {
    const { deps, channelId, database } = this.#of;
    do {
      this.#again = false;
      const most = this.#room;
      if (most <= 0) return;
      try {
        const due = await database.pass(() => takeDue(deps, { channelId, most }));
        for (const one of due) this.#start(one);
      } catch (error) {
        deps.log.warn({ err: error, channelId }, 'the outbox of an exchange could not be looked at');
        return;
      }
    } while (this.#again);
  }

  #start(one: DueMessage): void {
    const sending = this.#send(one)
      .catch((error: unknown) => {
        // Its lease ends by itself.
        this.#of.deps.log.warn({ err: error, channelId: this.#of.channelId }, 'a message could not be sent');
        return false;
      })
      .then((moved) => {
        this.#onTheWay.delete(sending);
        // Half a load at a time: one look brings several.
        if (moved && this.#onTheWay.size <= mostOnTheWay / 2) this.fill();
      });
    this.#onTheWay.add(sending);
  }

  /** True: something moved, and there may be more. */
  async #send(due: DueMessage): Promise<boolean> {
    const { deps, signal, database, files, random } = this.#of;
    if (this.#isLeftAlone) {
      await releaseDue(deps, due);
      return false;
    }
    const inTurn = { pass: <T>(work: () => Promise<T>) => this.#files.pass(() => files.pass(work)) };
    const prepared = await sendFiles(deps, due, { signal, turnstile: inTurn });
    const reply =
      'reply' in prepared
        ? prepared.reply
        : await callPeer(deps, due.channel, { method: 'POST', path: '/messages', body: prepared.body, signal });
    if (signal.aborted && reply.problem !== null) {
      await releaseDue(deps, due);
      return false;
    }
    const { outcome, isDown } = await database.pass(() => settleMessage(deps, due, reply, random));
    if (isDown) this.#noteFailure(reply.problem);
    else this.forgive();
    return !isDown && outcome !== 'later';
  }

  #noteFailure(problem: string | null): void {
    const { deps, channelId } = this.#of;
    this.#failures += 1;
    // Several were on their way when it went: one wait for all of them.
    if (this.#failures >= failuresToBeDown && !this.#isLeftAlone) {
      this.#untilMs = deps.clock.monotonicMs() + this.#backoff.nextMs();
    }
    deps.log.debug({ channelId, problem }, 'a platform cannot be reached');
  }
}
