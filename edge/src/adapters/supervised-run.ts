import { Backoff, type Clock, type HubError, isHubError, toHubError } from '@hallhub/shared';
import type { AdapterState, AdapterStatus, Logger } from '../ports/index.js';
import { abortScope } from './abort-scope.js';

export interface RunContext {
  readonly signal: AbortSignal;
  /** The link is up: state `running`. */
  running(): void;
  /** The link is down and will be tried again: state `waiting`. */
  waiting(reason: string): void;
}

export interface SupervisedRunOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Works until the signal aborts. Whatever it throws ends this run; the next one starts after a back-off. */
  readonly run: (context: RunContext) => Promise<void>;
  /** Called for every failed run, before the back-off. */
  readonly onFailure?: (error: HubError) => void;
  readonly onStatus: () => void;
  readonly firstBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

/** A run that lasted this long was a good one: its end is retried quickly. */
const goodRunMs = 10_000;
const stopTimeoutMs = 2_000;

/** Keeps one adapter running: a throw costs this adapter a pause and its neighbours nothing. `configuration` stops it for good. */
export class SupervisedRun {
  readonly counters = { runs: 0, failures: 0 };
  readonly #options: SupervisedRunOptions;
  readonly #backoff: Backoff;
  #status: AdapterStatus;
  #abort: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();
  #retryNow: (() => void) | undefined;

  constructor(options: SupervisedRunOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: options.firstBackoffMs ?? 500, maxMs: options.maxBackoffMs ?? 60_000 });
    this.#status = { state: 'stopped', since: options.clock.now() };
  }

  status(): AdapterStatus {
    return this.#status;
  }

  start(): void {
    if (this.#abort) return;
    this.#abort = new AbortController();
    this.#set('starting');
    this.#done = this.#loop(this.#abort.signal);
  }

  /** Resolves when the run has ended, after 2 s at the latest. */
  async stop(): Promise<void> {
    const abort = this.#abort;
    this.#abort = undefined;
    if (abort) {
      abort.abort(new DOMException('the adapter is stopping', 'AbortError'));
      const enough = new AbortController();
      const late = this.#options.clock.sleep(stopTimeoutMs, enough.signal).catch(() => undefined);
      await Promise.race([this.#done, late]);
      enough.abort();
    }
    this.#set('stopped');
  }

  /** Ends a pause between two runs: something changed that makes success likely. */
  retryNow(): void {
    this.#retryNow?.();
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      this.counters.runs++;
      let error: HubError;
      try {
        await this.#options.run({
          signal,
          running: () => this.#set('running'),
          waiting: (reason) => this.#set('waiting', reason),
        });
        if (signal.aborted) return;
        error = toHubError(new Error('the adapter ended by itself'));
      } catch (caught) {
        if (signal.aborted) return;
        error = toHubError(caught);
      }
      this.counters.failures++;
      this.#options.onFailure?.(error);
      if (isHubError(error, 'configuration')) {
        logger.error({ err: error }, 'adapter stopped: its configuration is wrong');
        this.#set('failed', reasonOf(error));
        return;
      }
      if (clock.monotonicMs() - startedMs >= goodRunMs) this.#backoff.reset();
      const delayMs = this.#backoff.nextMs();
      const level = isHubError(error, 'bug') ? 'error' : this.#backoff.attempt === 1 ? 'warn' : 'debug';
      logger[level]({ err: error, retryInMs: delayMs }, 'adapter is down and will be tried again');
      this.#set('waiting', reasonOf(error));
      await this.#pause(delayMs, signal);
    }
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    using scope = abortScope(signal);
    this.#retryNow = () => scope.abort();
    await this.#options.clock.sleep(delayMs, scope.signal).catch(() => undefined);
    this.#retryNow = undefined;
  }

  #set(state: AdapterState, reason?: string): void {
    if (this.#status.state === state && this.#status.reason === reason) return;
    const since = this.#status.state === state ? this.#status.since : this.#options.clock.now();
    this.#status = { state, since, ...(reason ? { reason } : {}) };
    this.#options.onStatus();
  }
}

const reasonOf = (error: HubError): string => (error.hint ? `${error.message} (${error.hint})` : error.message);
