import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PartProcess, startPart } from '../../e2e/part-process.js';
import { waitUntil } from '../../e2e/wait-until.js';
import { cpuSecondsOf } from '../process-figures.js';
import { quantile } from '../statistics.js';
import type { GeneratorOutcome, GeneratorTask } from './generator.js';
import type { UnitCard } from './load-unit.js';

export const built = import.meta.url.includes('/dist/');

export interface LoadOutcome extends Omit<GeneratorOutcome, 'latencies' | 'doneMs'> {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** When the last unit was done, and half of them. */
  readonly lastDoneMs: number;
  readonly halfDoneMs: number;
}

let tasksGiven = 0;
let files = 0;

/** Units spread over processes, which do the same at the same time; what they saw is put together. */
export class Generators implements AsyncDisposable {
  readonly #parts: readonly PartProcess[];

  private constructor(parts: readonly PartProcess[]) {
    this.#parts = parts;
  }

  static async start(options: {
    readonly folder: string;
    readonly units: readonly UnitCard[];
    readonly processes: number;
    readonly localAddresses?: readonly string[];
  }): Promise<Generators> {
    const { folder, units, processes, localAddresses = [] } = options;
    const share = Math.ceil(units.length / processes);
    const parts = await Promise.all(
      Array.from({ length: processes }, (_, i) => {
        const file = join(folder, `generator-${++files}.json`);
        const own = localAddresses.filter((__, at) => at % processes === i);
        const plan = { units: units.slice(i * share, (i + 1) * share), localAddresses: own };
        writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
        return startPart('simulators/src/bench/load/generator.ts', { args: [file], built });
      }),
    );
    return new Generators(parts);
  }

  cpuSeconds(): number {
    return this.#parts.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
  }

  async run(task: GeneratorTask, withinMs = 240_000): Promise<LoadOutcome> {
    const outcomes = await Promise.all(this.#parts.map((part) => ask(part, task, withinMs)));
    const sum = (of: (one: GeneratorOutcome) => number) => outcomes.reduce((all, one) => all + of(one), 0);
    const latencies = outcomes.flatMap((one) => one.latencies);
    const doneMs = outcomes.flatMap((one) => one.doneMs);
    const error = outcomes.find((one) => one.error)?.error;
    return {
      units: sum(({ units }) => units),
      refused: sum(({ refused }) => refused),
      rows: sum(({ rows }) => rows),
      batches: sum(({ batches }) => batches),
      failed: sum(({ failed }) => failed),
      tookMs: Math.max(...outcomes.map(({ tookMs }) => tookMs)),
      ...{ p50Ms: quantile(latencies, 0.5) / 10, p99Ms: quantile(latencies, 0.99) / 10 },
      maxMs: quantile(latencies, 1) / 10,
      ...{ lastDoneMs: quantile(doneMs, 1), halfDoneMs: quantile(doneMs, 0.5) },
      ...(error === undefined ? {} : { error }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#parts.map((part) => part.stop()));
  }
}

const ask = async (part: PartProcess, task: GeneratorTask, withinMs: number): Promise<GeneratorOutcome> => {
  const id = ++tasksGiven;
  part.ask({ type: 'task', id, task });
  const look = async () => part.messages.find((one) => one.type === 'done' && one.id === id);
  return (await waitUntil(`the generator to finish ${task.kind}`, look, {
    ...{ withinMs, everyMs: 50 },
    seen: () => part.log().slice(-500),
  })) as unknown as GeneratorOutcome;
};
