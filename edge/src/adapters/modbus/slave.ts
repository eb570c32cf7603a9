import { type Clock, HubError, isHubError, toHubError } from '@hallhub/shared';
import type { FairBus } from '../fair-bus.js';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import { deviceBusy, exceptionOf, isSilence } from './modbus-exception.js';
import type { PollCounters } from './poll-counters.js';
import type { ProbeBudget } from './probe-budget.js';
import { SlaveHealth } from './slave-health.js';

export interface SlaveOptions {
  readonly unitId: number;
  readonly timeoutMs: number;
  /** Least time between two requests. */
  readonly pauseMs: number;
  /** Replies carry no transaction id: one that comes late could be taken for the next. */
  readonly leaveTimeForLateReplies: boolean;
  readonly clock: Clock;
  readonly bus: FairBus<ModbusClient>;
  readonly budget: ProbeBudget;
  readonly counters: PollCounters;
  onSilence(error: HubError): void;
}

type Request<T> = (client: ModbusClient, options: RequestOptions) => Promise<T>;

const firstBusyWaitMs = 100;
const busyTries = 6;

/** One unit id on a bus: whether it is there, when it may be asked, and how it is asked. */
export class Slave {
  readonly #options: SlaveOptions;
  readonly #health: SlaveHealth;
  #pausedUntilMs = 0;
  #hasLeft = false;

  constructor(options: SlaveOptions) {
    this.#options = options;
    this.#health = new SlaveHealth(options.budget);
  }

  /** It is served no longer: what still comes from it is nobody's, and nothing more is sent to it. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  get isSilent(): boolean {
    return this.#health.isSilent;
  }

  /** Monotonic ms before which it is not polled. */
  get notBeforeMs(): number {
    return Math.max(this.#health.notBeforeMs, this.#pausedUntilMs);
  }

  linkUp(): void {
    this.#health.linkUp();
  }

  leave(): void {
    this.#hasLeft = true;
    this.#health.leave();
  }

  /** Throws `unavailable` where it left while a request of it waited. */
  mustBeHere(): void {
    if (!this.#hasLeft) return;
    const { unitId } = this.#options;
    throw new HubError('unavailable', `unit ${unitId} is no longer served as it was when this was asked for`, {
      context: { unitId },
    });
  }

  /**
   * Asks as soon as the bus is free, ahead of polls. A slave that says it is busy is asked again, which is safe: it has done
   * nothing yet.
   */
  async ask<T>(request: Request<T>, signal?: AbortSignal): Promise<T> {
    const { bus, clock } = this.#options;
    const mine = (client: ModbusClient) => {
      this.mustBeHere();
      return this.tracked(client, request, signal);
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await bus.request(mine, {
          ...(signal ? { signal } : {}),
          owner: this,
          notBeforeMs: () => this.#pausedUntilMs,
        });
      } catch (error) {
        if (exceptionOf(error) !== deviceBusy || attempt === busyTries) throw error;
        await clock.sleep(firstBusyWaitMs * 2 ** (attempt - 1), signal);
      }
    }
  }

  /** Runs a request on the bus, which is free, and learns from how it ended whether the slave is there. */
  async tracked<T>(client: ModbusClient, request: Request<T>, signal?: AbortSignal): Promise<T> {
    const { clock, counters, pauseMs, timeoutMs, unitId } = this.#options;
    counters.requests++;
    const startMs = clock.monotonicMs();
    let unanswered = false;
    try {
      const result = await request(client, { unitId, timeoutMs, ...(signal ? { signal } : {}) });
      this.#health.answered();
      return result;
    } catch (error) {
      const nowMs = clock.monotonicMs();
      const exception = exceptionOf(error);
      unanswered = exception === undefined;
      if (isSilence(error)) {
        counters.timeouts++;
        this.#health.silent(nowMs, nowMs - startMs);
        this.#options.onSilence(toHubError(error));
      } else if (exception !== undefined) {
        counters.exceptions++;
        this.#health.answered();
      } else if (isHubError(error, 'protocol_violation')) {
        counters.badReplies++;
        this.#health.broken(nowMs, nowMs - startMs);
        if (this.isSilent) this.#options.onSilence(error);
      }
      throw error;
    } finally {
      const late = unanswered && this.#options.leaveTimeForLateReplies ? timeoutMs : 0;
      const restMs = Math.max(pauseMs, late);
      if (restMs > 0) this.#pausedUntilMs = clock.monotonicMs() + restMs;
    }
  }
}
