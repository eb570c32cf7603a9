import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { UnitState, WorkerOrder, WorkerReport } from './worker-contract.js';

const isSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(`./unit-worker.${isSource ? 'ts' : 'js'}`, import.meta.url));

/** A process with some units: killed with SIGKILL and started again, as a box that loses its power. */
export class WorkerProcess implements AsyncDisposable {
  readonly units: readonly number[];
  readonly #specFile: string;
  #child: ChildProcess | undefined;
  #states = new Map<number, UnitState>();
  /** Of lives that ended. */
  #before = { refused: 0, thinned: 0, filled: 0 };
  #isUp = false;
  #heardAt = 0;
  #errors = '';
  peakRssBytes = 0;
  kills = 0;

  constructor(specFile: string, units: readonly number[]) {
    this.#specFile = specFile;
    this.units = units;
  }

  get states(): readonly UnitState[] {
    return [...this.#states.values()];
  }

  get totals(): { refused: number; thinned: number; filled: number } {
    const sum = { ...this.#before };
    for (const { refused, thinned, filled } of this.states) {
      sum.refused += refused;
      sum.thinned += thinned;
      sum.filled += filled;
    }
    return sum;
  }

  /** Told since then, so that it is not what was before an order. */
  heardSince(atMs: number): boolean {
    return this.#child !== undefined && this.#heardAt > atMs;
  }

  async start(): Promise<void> {
    if (this.#child) return;
    const child = fork(entry, [this.#specFile], {
      // Otherwise inherited; the compiled form needs the hook that leads to the compiled edge.
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-8_000);
    });
    await new Promise<void>((resolve, reject) => {
      child.on('message', (report: WorkerReport) => {
        if (report.type === 'ready') {
          this.#isUp = true;
          resolve();
        }
        if (report.type !== 'state') return;
        this.#heardAt = performance.now();
        this.peakRssBytes = Math.max(this.peakRssBytes, report.rssBytes);
        for (const state of report.units) this.#states.set(state.index, state);
      });
      child.once('exit', (code, signal) => {
        if (this.#child === child) {
          this.#child = undefined;
          this.#isUp = false;
        }
        reject(new Error(`units ended with ${signal ?? code}: ${this.#errors}`));
      });
    });
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') this.#errors += `\nended with ${signal ?? code}`;
    });
  }

  get failure(): string | undefined {
    return this.#errors.trim() || undefined;
  }

  /** False while it starts, too: one that another fault has in hand. */
  get isUp(): boolean {
    return this.#isUp;
  }

  order(order: WorkerOrder): void {
    if (this.#child?.connected) this.#child.send(order);
  }

  async seal(offsetMs: number): Promise<void> {
    const child = this.#child;
    if (!child) throw new Error('units that do not run cannot seal');
    const sealed = new Promise<void>((resolve, reject) => {
      const listen = (report: WorkerReport) => {
        if (report.type !== 'sealed') return;
        child.removeListener('message', listen);
        resolve();
      };
      child.on('message', listen);
      child.once('exit', () => reject(new Error(`units ended while they sealed: ${this.#errors}`)));
    });
    this.order({ type: 'seal', offsetMs });
    await sealed;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.kills += 1;
    this.#isUp = false;
    await this.#end(child, () => child.kill('SIGKILL'));
    this.#before = this.totals;
    this.#states = new Map();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child) await this.#end(child, () => this.order({ type: 'stop' }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #end(child: ChildProcess, act: () => void): Promise<void> {
    const gone = once(child, 'exit');
    act();
    await gone;
    this.#child = undefined;
  }
}
