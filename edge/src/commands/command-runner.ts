import { type Clock, HubError, isHubError, type Timer, toHubError } from '@hallhub/shared';
import type { DownCommand } from '@hallhub/shared/wire';
import type { Logger } from '../ports/index.js';
import type { CommandRecord } from '../store/schema.js';
import type { CommandInbox, NewCommand, Step } from './command-inbox.js';

export interface Execution {
  /** From the first byte sent. */
  readonly timeoutMs: number;
  run(signal: AbortSignal, remainingMs: number): Promise<Record<string, unknown> | undefined>;
}

export interface CommandRunnerOptions {
  readonly inbox: CommandInbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Checks target, name and input just before it would run. Throws what makes it `failed` without a byte being sent. */
  readonly prepare: (command: CommandRecord) => Execution;
  /** Ms that goes on while the machine sleeps, as the monotonic clock and its timers do not; left out: it never sleeps. */
  readonly elapsedMs?: () => number;
  /** For how long it may still show whether the device is there, ms; 0: that is known. Left out: always known. */
  readonly unknownForMs?: (deviceId: string) => number;
}

/** The unit's own commands queue under this name. */
const unitQueue = 'unit';
const defaultStopMs = 3_000;

interface Queued {
  readonly record: CommandRecord;
  /** By `elapsedMs`. */
  readonly deadlineMs: number;
  timer: Timer | undefined;
}

/**
 * Runs commands at most once, one at a time per device, in order of arrival (docs/protocol.md 2). `running` is on disk before the
 * first byte goes out; what a crash left running becomes `unknown` at the next start and is never run again.
 */
export class CommandRunner {
  readonly #options: CommandRunnerOptions;
  readonly #queues = new Map<string, Queued[]>();
  readonly #active = new Map<string, AbortController>();
  /** Of queues that wait for their device to be heard. */
  readonly #looks = new Map<string, Timer>();
  #stopped = false;
  #stopping: Promise<void>[] = [];

  constructor(options: CommandRunnerOptions) {
    this.#options = options;
  }

  /** Takes up what the last run left. */
  async start(): Promise<void> {
    const { inbox, clock } = this.#options;
    for (const record of inbox.open()) {
      if (record.state === 'running') {
        const error = {
          code: 'agent_restarted',
          message: 'the unit restarted while the command ran: whether it took effect is not known',
        };
        await inbox.step(record.commandId, { state: 'unknown', error });
        continue;
      }
      // The monotonic clock began anew: the wall clock says what is left. One that stands before the receipt says nothing, and
      // a command whose time may be over does not run.
      const passedMs = clock.now() - record.receivedAt;
      this.#enqueue(record, passedMs < 0 ? 0 : record.remainingMs - passedMs);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const queue of this.#queues.values()) for (const { timer } of queue) timer?.cancel();
    for (const timer of this.#looks.values()) timer.cancel();
    for (const abort of this.#active.values()) abort.abort(new HubError('cancelled', 'the agent stops'));
    const ended = new AbortController();
    const late = this.#options.clock.sleep(defaultStopMs, ended.signal).catch(() => undefined);
    await Promise.race([Promise.allSettled(this.#stopping), late]);
    ended.abort();
  }

  /** From the cloud. Resolves once it is on disk. */
  async accept(message: DownCommand): Promise<void> {
    if (message.type === 'cancel') {
      await this.cancel(message.id);
      return;
    }
    const deviceId = 'deviceId' in message.target ? message.target.deviceId : null;
    const { id, name, input, remainingMs } = message;
    await this.submit({ commandId: id, origin: 'cloud', deviceId, name, input, remainingMs });
  }

  /** Resolves with what it is at once: `received`, or its present state where the id is known. */
  async submit(command: NewCommand): Promise<CommandRecord | undefined> {
    const { inbox, logger } = this.#options;
    const record = await inbox.receive(command);
    if (!record) return inbox.get(command.commandId);
    logger.info({ commandId: record.commandId, deviceId: record.deviceId, name: record.name }, 'command received');
    this.#enqueue(record, command.remainingMs);
    return record;
  }

  /** Only what does not run yet can be cancelled; of the rest the present state is told again. */
  async cancel(commandId: string): Promise<void> {
    const { inbox } = this.#options;
    const record = inbox.get(commandId);
    if (!record) {
      await inbox.refuse(commandId);
      return;
    }
    if (record.state === 'received' && this.#unqueue(record)) await inbox.step(commandId, { state: 'cancelled' });
    else await inbox.receive({ ...record, input: record.input });
  }

  /** The device was heard: what waits for it may go on. */
  look(deviceId: string): void {
    if (this.#looks.has(deviceId)) this.#pump(deviceId);
  }

  #elapsedMs(): number {
    const { elapsedMs, clock } = this.#options;
    return elapsedMs?.() ?? clock.monotonicMs();
  }

  #enqueue(record: CommandRecord, remainingMs: number): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const queued: Queued = { record, deadlineMs: this.#elapsedMs() + remainingMs, timer: undefined };
    const key = record.deviceId ?? unitQueue;
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    queue.push(queued);
    queued.timer = clock.setTimeout(() => this.#expire(queued), Math.max(0, remainingMs));
    this.#pump(key);
  }

  #expire(queued: Queued): void {
    if (!this.#unqueue(queued.record)) return;
    const { deviceId } = queued.record;
    const before = this.#looks.has(deviceId ?? unitQueue)
      ? 'its device was heard since the unit started'
      : 'it could run';
    const error = { code: 'deadline', message: `its time was over before ${before}` };
    this.#step(queued.record.commandId, { state: 'expired', error });
  }

  #unqueue(record: CommandRecord): boolean {
    const queue = this.#queues.get(record.deviceId ?? unitQueue);
    const index = queue?.findIndex((one) => one.record.commandId === record.commandId) ?? -1;
    if (!queue || index < 0) return false;
    queue[index]?.timer?.cancel();
    queue.splice(index, 1);
    return true;
  }

  #pump(key: string): void {
    if (this.#stopped || this.#active.has(key)) return;
    this.#looks.get(key)?.cancel();
    this.#looks.delete(key);
    const queue = this.#queues.get(key);
    const next = queue?.[0];
    if (!queue || !next) {
      this.#queues.delete(key);
      return;
    }
    if (this.#elapsedMs() >= next.deadlineMs) {
      this.#expire(next);
      this.#pump(key);
      return;
    }
    const waitMs = this.#unknownForMs(next.record);
    if (waitMs > 0) {
      this.#looks.set(
        key,
        this.#options.clock.setTimeout(() => this.#pump(key), waitMs),
      );
      return;
    }
    queue.shift();
    next.timer?.cancel();
    const abort = new AbortController();
    this.#active.set(key, abort);
    const run = this.#run(next, abort)
      .catch((error) =>
        this.#options.logger.error(
          { commandId: next.record.commandId, error: String(error) },
          'a command’s step could not be stored',
        ),
      )
      .finally(() => {
        this.#active.delete(key);
        this.#stopping = this.#stopping.filter((one) => one !== run);
        this.#pump(key);
      });
    this.#stopping.push(run);
  }

  /** After a start devices come back one by one: to send now would be to fail. What can never run does not wait. */
  #unknownForMs(record: CommandRecord): number {
    const { unknownForMs, prepare } = this.#options;
    const waitMs = record.deviceId === null ? 0 : (unknownForMs?.(record.deviceId) ?? 0);
    if (waitMs <= 0) return 0;
    try {
      prepare(record);
      return waitMs;
    } catch {
      // It fails for this, as soon as it runs.
      return 0;
    }
  }

  async #run({ record, deadlineMs }: Queued, abort: AbortController): Promise<void> {
    const { inbox, clock, prepare } = this.#options;
    let execution: Execution;
    try {
      execution = prepare(record);
    } catch (error) {
      await inbox.step(record.commandId, { state: 'failed', error: wireError(error) });
      return;
    }
    // On disk first. Where the disk refuses, nothing is sent.
    const running = await inbox.step(record.commandId, { state: 'running' });
    if (!running || abort.signal.aborted) return;
    const timeout = clock.setTimeout(
      () => abort.abort(new HubError('timeout', `no answer within ${execution.timeoutMs} ms`)),
      execution.timeoutMs,
    );
    try {
      const output = await settled(
        execution.run(abort.signal, Math.min(execution.timeoutMs, deadlineMs - this.#elapsedMs())),
        abort.signal,
      );
      await inbox.step(record.commandId, { state: 'succeeded', ...(output ? { output } : {}) });
    } catch (error) {
      // The agent stops: whether the device did it is not known. The next start says so.
      if (isHubError(error, 'cancelled') && this.#stopped) return;
      await inbox.step(record.commandId, { state: 'failed', error: wireError(error) });
    } finally {
      timeout.cancel();
    }
  }

  #step(commandId: string, step: Step): void {
    this.#options.inbox
      .step(commandId, step)
      .catch((error) =>
        this.#options.logger.error({ commandId, error: String(error) }, 'a command’s step could not be stored'),
      );
  }
}

/** Ends with the signal even where what runs does not heed it: a hanging device blocks only itself. */
const settled = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });

const wireError = (error: unknown): { code: string; message: string } => {
  const failure = toHubError(error);
  const own = failure.context.code;
  return {
    code: failure.code === 'device_refused' && typeof own === 'string' ? own.slice(0, 64) : failure.code,
    message: failure.message,
  };
};
