import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, HubError, type Timer } from '@hallhub/shared';
import { type FaceComparison, type FromFacesChild, fromFacesChildSchema, type ToFacesChild } from './faces-contract.js';

export type FaceOrder = Omit<Extract<ToFacesChild, { type: 'compare' }>, 'type' | 'id'>;

export interface FacesProcessOptions {
  readonly clock: Clock;
  /** From the begin of one comparison to its end, a start of the process included. */
  readonly limitMs?: number;
  /** So long it waits for the next one; then its memory goes with it. */
  readonly idleMs?: number;
  /** Of the child's main; for tests. */
  readonly entry?: string;
}

interface Waiting {
  readonly order: FaceOrder;
  readonly resolve: (comparison: FaceComparison) => void;
  readonly reject: (error: HubError) => void;
  readonly signal: AbortSignal | undefined;
}

interface Current extends Waiting {
  readonly id: number;
  readonly limit: Timer;
}

const waitingAtMost = 4;
const usualLimitMs = 25_000;
const usualIdleMs = 15_000;
const saidBytes = 2_048;
const ownEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './faces-main.ts' : './faces-main.js', import.meta.url),
);
/** Loaders of the source, in development; nothing else of the agent's own arguments. */
const passed = /^(?:--import|--conditions|--enable-source-maps)(?:=|$)/;

/**
 * Compares faces in a process that is started for it and ended soon after: what a crash, a bomb or a slow picture takes is that process alone.
 * One at a time, few may wait, each has its time.
 */
export class FacesProcess {
  readonly #options: FacesProcessOptions;
  readonly #queue: Waiting[] = [];
  #current: Current | undefined;
  #child: ChildProcess | undefined;
  #said = '';
  #idle: Timer | undefined;
  #last = 0;
  #stopped = false;

  constructor(options: FacesProcessOptions) {
    this.#options = options;
  }

  get status(): { readonly pid: number | undefined; readonly waiting: number; readonly isBusy: boolean } {
    return { pid: this.#child?.pid, waiting: this.#queue.length, isBusy: this.#current !== undefined };
  }

  /** Throws what the child says of a picture or model, `rate_limited`, `timeout`, `cancelled`, `unavailable`. */
  compare(order: FaceOrder, signal?: AbortSignal): Promise<FaceComparison> {
    if (this.#stopped || signal?.aborted) return Promise.reject(new HubError('cancelled', 'stopped'));
    if (this.#queue.length >= waitingAtMost) {
      return Promise.reject(
        new HubError('rate_limited', `${waitingAtMost} comparisons wait already`, {
          hint: 'Try again in a few seconds',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { order, resolve, reject, signal };
      signal?.addEventListener('abort', () => this.#cancel(waiting), { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { reject } of this.#queue.splice(0)) reject(new HubError('cancelled', 'the unit stops'));
    const child = this.#child;
    this.#end(new HubError('cancelled', 'the unit stops'));
    if (child && child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
  }

  #next(): void {
    if (this.#current || this.#stopped) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#idle?.cancel();
    const { clock, limitMs = usualLimitMs } = this.#options;
    const limit = clock.setTimeout(
      () => this.#end(new HubError('timeout', `comparing took over ${Math.round(limitMs / 1_000)} s`)),
      limitMs,
    );
    this.#current = { ...next, id: ++this.#last, limit };
    try {
      this.#child ??= this.#start();
    } catch (cause) {
      this.#end(new HubError('unavailable', 'the process that compares faces cannot be started', { cause }));
      return;
    }
    this.#child.send({ type: 'compare', id: this.#current.id, ...next.order } satisfies ToFacesChild, (error) => {
      if (error) this.#end(new HubError('unavailable', 'the process that compares faces is gone', { cause: error }));
    });
  }

  #start(): ChildProcess {
    this.#said = '';
    const child = fork(this.#options.entry ?? ownEntry, [], {
      execArgv: process.execArgv.filter((one, i, all) => passed.test(one) || passed.test(all[i - 1] ?? '')),
      // Pictures travel as bytes.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-saidBytes);
    });
    child.on('message', (raw) => this.#hear(child, raw));
    child.on('error', () => this.#gone(child, 'cannot be started'));
    child.on('exit', (code, signal) => this.#gone(child, `ended with ${signal ?? code}`));
    return child;
  }

  #hear(child: ChildProcess, raw: unknown): void {
    const parsed = fromFacesChildSchema.safeParse(raw);
    if (child !== this.#child) return;
    if (!parsed.success) {
      this.#end(new HubError('bug', 'what the process that compares faces said is not understood'));
      return;
    }
    const message: FromFacesChild = parsed.data;
    const current = this.#current;
    if (message.type === 'ready' || message.id !== current?.id) return;
    this.#settle();
    if (message.type === 'done') current.resolve(message.comparison);
    else {
      const { code, message: text, hint, picture } = message.error;
      const said = picture ? `the picture of the ${picture}: ${text}` : text;
      current.reject(new HubError(code, said, { ...(hint ? { hint } : {}), context: picture ? { picture } : {} }));
    }
    this.#next();
    if (this.#current) return;
    const { clock, idleMs = usualIdleMs } = this.#options;
    this.#idle = clock.setTimeout(() => this.#end(undefined), idleMs);
  }

  #cancel(waiting: Waiting): void {
    const at = this.#queue.indexOf(waiting);
    const error = new HubError('cancelled', 'nobody waits for it any more');
    if (at >= 0) {
      this.#queue.splice(at, 1);
      waiting.reject(error);
    } else if (this.#current?.resolve === waiting.resolve) this.#end(error);
  }

  /** What it holds ends with it. */
  #end(error: HubError | undefined): void {
    const child = this.#child;
    this.#child = undefined;
    this.#idle?.cancel();
    child?.kill('SIGKILL');
    const current = this.#settle();
    if (current && error) current.reject(error);
    this.#next();
  }

  #gone(child: ChildProcess, how: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    const current = this.#settle();
    const said = this.#said.trim().split('\n').at(-1)?.slice(0, 300);
    current?.reject(
      new HubError('unavailable', `the process that compares faces ${how}`, { context: said ? { said } : {} }),
    );
    this.#next();
  }

  #settle(): Current | undefined {
    const current = this.#current;
    this.#current = undefined;
    current?.limit.cancel();
    return current;
  }
}
