import { type ChildProcess, fork } from 'node:child_process';
import type { Clock, Timer } from '@hallhub/shared';
import { type FromChild, fromChildSchema, type ToChild } from './ipc-contract.js';
import { loaderArguments } from './loader-arguments.js';

export interface ChildRunOptions {
  /** File of the child's main. */
  readonly entry: string;
  readonly clock: Clock;
  readonly onMessage: (message: Exclude<FromChild, { type: 'ready' }>) => void;
  readonly onReady: () => void;
  /** It said something that breaks the contract; told once. */
  readonly onRefused: (what: string) => void;
  /** The process is gone; `problem` says why, undefined where it was told to. */
  readonly onExit: (problem: ChildProblem | undefined) => void;
  readonly startWithinMs: number;
  /** Without a beat for so long it hangs. */
  readonly stuckAfterMs: number;
  readonly maxMemoryBytes: number;
}

export interface ChildProblem {
  readonly code: 'vision_crashed' | 'vision_stuck' | 'vision_memory';
  readonly message: string;
  /** The end of what it wrote on standard error. */
  readonly said: string;
}

const lookEveryMs = 1_000;
const stopLimitMs = 2_500;
const lastWordsMs = 500;
const saidBytes = 4_096;

/** One life of the child process: forked, watched, ended. Nothing of it is left behind, its ffmpegs included. */
export class ChildRun {
  readonly #options: ChildRunOptions;
  readonly #child: ChildProcess;
  #said = '';
  #problem: ChildProblem | undefined;
  #isReady = false;
  #isStopping = false;
  #hasExited = false;
  #hasRefused = false;
  #beatMs: number;
  #lookedMs: number;
  #timer: Timer | undefined;
  readonly #exited: Promise<void>;

  constructor(options: ChildRunOptions) {
    this.#options = options;
    this.#beatMs = this.#lookedMs = options.clock.monotonicMs();
    this.#child = fork(options.entry, [], {
      execArgv: loaderArguments(process.execArgv),
      // A group of its own: what it started ends with it, even where it was killed.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#exited = new Promise((resolve) => {
      const end = (message: string) => {
        if (this.#hasExited) return;
        this.#hasExited = true;
        this.#timer?.cancel();
        resolve();
        const crashed = { code: 'vision_crashed', message, said: this.#said } as const;
        options.onExit(this.#problem ? { ...this.#problem, said: this.#said } : this.#isStopping ? undefined : crashed);
      };
      this.#child.on('exit', (code, signal) => {
        const done = () => end(`the vision process ended with ${signal ?? `code ${code}`}`);
        this.#killGroup();
        if (!this.#child.connected) return done();
        // What it said last still comes.
        const enough = options.clock.setTimeout(done, lastWordsMs);
        this.#child.once('disconnect', () => {
          enough.cancel();
          done();
        });
      });
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) end(`the vision process cannot be started: ${error.message}`);
      });
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-saidBytes);
    });
    this.#child.on('message', (raw) => this.#hear(raw));
    this.#watch();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Resolves when it is gone, after 3 s at the latest. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.send({ type: 'stop' });
    const force = this.#options.clock.setTimeout(() => this.#kill(), stopLimitMs);
    await this.#exited;
    force.cancel();
  }

  #hear(raw: unknown): void {
    const parsed = fromChildSchema.safeParse(raw);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      if (!this.#hasRefused) this.#options.onRefused(`${issue?.path.join('.')}: ${issue?.message}`);
      this.#hasRefused = true;
      return;
    }
    const message = parsed.data;
    this.#beatMs = this.#options.clock.monotonicMs();
    if (message.type === 'ready') {
      this.#isReady = true;
      this.#options.onReady();
      return;
    }
    const { maxMemoryBytes } = this.#options;
    if (message.type === 'beat' && message.memoryBytes > maxMemoryBytes) {
      const mb = Math.round(message.memoryBytes / 1_048_576);
      this.#end({ code: 'vision_memory', message: `the vision process holds ${mb} MiB and is started anew` });
    }
    this.#options.onMessage(message);
  }

  #watch(): void {
    const { clock, startWithinMs, stuckAfterMs } = this.#options;
    this.#timer = clock.setTimeout(() => {
      const nowMs = clock.monotonicMs();
      // Our own loop was held up, or the machine slept: the child may have spoken all the while.
      if (nowMs - this.#lookedMs > 3 * lookEveryMs) this.#beatMs = nowMs;
      this.#lookedMs = nowMs;
      const limitMs = this.#isReady ? stuckAfterMs : startWithinMs;
      if (nowMs - this.#beatMs > limitMs && !this.#isStopping) {
        const message = `the vision process said nothing for ${Math.round(limitMs / 1_000)} s`;
        this.#end({ code: 'vision_stuck', message });
      }
      this.send({ type: 'beat', atMs: Math.round(clock.now()) });
      if (!this.#hasExited) this.#watch();
    }, lookEveryMs);
  }

  #end(problem: Omit<ChildProblem, 'said'>): void {
    this.#problem ??= { ...problem, said: '' };
    this.#kill();
  }

  #kill(): void {
    if (!this.#hasExited) this.#child.kill('SIGKILL');
  }

  #killGroup(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  }
}
