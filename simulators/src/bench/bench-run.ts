/** One line of the table. */
export interface Figure {
  readonly what: string;
  /** Null where it could not be measured; `detail` says why. */
  readonly value: number | null;
  readonly unit: string;
  /** For the table, where value and unit do not say it all. */
  readonly shown?: string;
  readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
  /** The parts of the figure, and what bounds it. */
  readonly detail: string;
}

export interface BenchContext {
  readonly progress: (text: string) => void;
  /** Short rounds, for trying the bench itself; the figures mean little. */
  readonly quick: boolean;
}

export const quickFlag = '--quick';

/**
 * Runs one bench as this process's work and sends its figures to the parent (`{type:'figures', figures}`), or prints them
 * as JSON without one. A bench that throws ends with code 1.
 */
export const runBench = async (bench: (context: BenchContext) => Promise<readonly Figure[]>): Promise<void> => {
  const send = (message: object) => {
    if (process.send) process.send(message);
    else if ('text' in message) process.stderr.write(`${String(message.text)}\n`);
    else process.stdout.write(`${JSON.stringify(message, null, 2)}\n`);
  };
  const figures = await bench({
    progress: (text) => send({ type: 'progress', text }),
    quick: process.argv.includes(quickFlag),
  });
  send({ type: 'figures', figures });
  // The same for a long run (.dev/soak).
  process.send?.({ type: 'result', result: { figures } });
  process.disconnect?.();
};

/** 12,345 or 12.3: three digits that mean something. */
export const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3).replace(/\.?0+$/, '');
