import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, HubError, type Timer } from '@hallhub/shared';
import { loaderArguments } from '../process/loader-arguments.js';
import { type FaceComparison, fromFacesChildSchema, type ToFacesChild } from './faces-contract.js';

export type FaceOrder = Omit<ToFacesChild, 'id'>;

export interface FacesProcessOptions {
  readonly clock: Clock;
  /** From the begin of one comparison to its end, a start of the process included. */
  readonly limitMs?: number;
  /** So long it waits for the next one; then its memory goes with it. */
  readonly idleMs?: number;
  /** In use or not: then a new one begins, with the models of then. */
  readonly lifeMs?: number;
  /** Of the child's main; for tests. */
  readonly entry?: string;
}

interface Waiting {
  readonly order: FaceOrder;
  readonly resolve: (comparison: FaceComparison) => void;
  readonly reject: (error: HubError) => void;
  /** Nobody listens any more to who asked. */
  readonly leave: () => void;
}

interface Current extends Waiting {
  readonly id: number;
  readonly limit: Timer;
}

const waitingAtMost = 4;
const usualLimitMs = 25_000;
const usualIdleMs = 15_000;
const usualLifeMs = 600_000;
const saidBytes = 2_048;
const ownEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './faces-main.ts' : './faces-main.js', import.meta.url),
);

/**
 * Compares faces in a process that is started for it and ended soon after: what a crash, a bomb or a slow picture takes is that process alone.
 * One at a time, few may wait, each has its time.
 */
export class FacesProcess {
  readonly #options: FacesProcessOptions;
  readonly #queue: Waiting[] = [];
  #current: Current | undefined;
  #child: ChildProcess | undefined;
  #bornMs = 0;
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
      const cancel = () => this.#cancel(waiting);
      const leave = () => signal?.removeEventListener('abort', cancel);
      const waiting: Waiting = { order, resolve, reject, leave };
      signal?.addEventListener('abort', cancel, { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const error = new HubError('cancelled', 'the unit stops');
    for (const { reject, leave } of this.#queue.splice(0)) {
      leave();
      reject(error);
    }
    const child = this.#child;
    this.#end(error);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  }

  #next(): void {
    if (this.#current || this.#stopped) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#idle?.cancel();
    const { clock, limitMs = usualLimitMs, lifeMs = usualLifeMs } = this.#options;
    if (this.#child && clock.monotonicMs() - this.#bornMs > lifeMs) this.#drop();
    const limit = clock.setTimeout(
      () => this.#end(new HubError('timeout', `comparing took over ${Math.round(limitMs / 1_000)} s`)),
      limitMs,
    );
    const id = ++this.#last;
    this.#current = { ...next, id, limit };
    try {
      this.#child ??= this.#start();
    } catch (cause) {
      this.#end(new HubError('unavailable', 'the process that compares faces cannot be started', { cause }));
      return;
    }
    this.#child.send({ id, ...next.order } satisfies ToFacesChild, (error) => {
      // Told late, it is no longer about whoever is served now.
      if (error && this.#current?.id === id)
        this.#end(new HubError('unavailable', 'the process that compares faces is gone', { cause: error }));
    });
  }

  #start(): ChildProcess {
    this.#said = '';
    this.#bornMs = this.#options.clock.monotonicMs();
    const child = fork(this.#options.entry ?? ownEntry, [], {
      execArgv: loaderArguments(process.execArgv),
      // A group of its own: the ffmpeg that it started for a camera ends with it.
      detached: true,
      // Pictures travel as bytes.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-saidBytes);
    });
    child.on('message', (raw) => this.#hear(child, raw));
    child.on('error', () => this.#gone(child, 'cannot be started'));
    child.on('exit', () => {
      killGroup(child);
      if (child === this.#child && !this.#current) this.#child = undefined;
    });
    // Not with its exit: what it said last comes after that.
    child.on('close', (code, signal) => this.#gone(child, `ended with ${signal ?? code}`));
    return child;
  }

  #hear(child: ChildProcess, raw: unknown): void {
    const parsed = fromFacesChildSchema.safeParse(raw);
    if (child !== this.#child) return;
    if (!parsed.success) {
      this.#end(new HubError('bug', 'what the process that compares faces said is not understood'));
      return;
    }
    const message = parsed.data;
    const current = this.#current;
    if (message.id !== current?.id) return;
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
      waiting.leave();
      waiting.reject(error);
    } else if (this.#current?.resolve === waiting.resolve) this.#end(error);
  }

  #end(error: HubError | undefined): void {
    this.#drop();
    const current = this.#settle();
    if (current && error) current.reject(error);
    this.#next();
  }

  /** What it holds ends with it. */
  #drop(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#idle?.cancel();
    if (child) killGroup(child);
  }

  #gone(child: ChildProcess, how: string): void {
    killGroup(child);
    if (child !== this.#child) return;
    this.#child = undefined;
    const current = this.#settle();
    const said = saidOf(this.#said);
    current?.reject(
      new HubError('unavailable', `the process that compares faces ${how}${said === undefined ? '' : `: ${said}`}`),
    );
    this.#next();
  }

  #settle(): Current | undefined {
    const current = this.#current;
    this.#current = undefined;
    current?.limit.cancel();
    current?.leave();
    return current;
  }
}

/** The line that says why: after it come a stack and node's version. */
const saidOf = (text: string): string | undefined => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\w*(?:error|fatal)/i.test(line)) ?? lines.at(-1))?.trim().slice(0, 300);
};

const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
};
