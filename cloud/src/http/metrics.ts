/**
 * A small Prometheus registry (text format 0.0.4). Modules make their instruments once at start:
 * `metrics.counter({name, help, labels})`. Label values must come from small closed sets, never ids.
 */
export interface InstrumentOptions<L extends string> {
  /** `hallhub_<thing>_<unit>`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export type LabelValues<L extends string> = Readonly<Record<L, string>>;

interface Instrument {
  readonly name: string;
  render(): string[];
}

export interface Counter<L extends string> {
  inc(labels: LabelValues<L>, by?: number): void;
}
export interface Gauge<L extends string> {
  set(labels: LabelValues<L>, value: number): void;
}
export interface Histogram<L extends string> {
  observe(labels: LabelValues<L>, value: number): void;
}

const escapeLabel = (text: string) => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
const labelText = (names: readonly string[], values: readonly string[]): string =>
  names.length === 0 ? '' : `{${names.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`).join(',')}}`;

/** Seconds, from 1 ms to 10 s. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const maxSeries = 2_000;

export class MetricsRegistry {
  readonly #instruments = new Map<string, Instrument>();

  counter<L extends string = never>(options: InstrumentOptions<L>): Counter<L> {
    const series = new Series<number>(options.labels ?? []);
    this.#add(options, 'counter', () => series.lines((key, value) => [`${options.name}${key} ${value}`]));
    return { inc: (labels, by = 1) => series.update(labels, (value = 0) => value + by) };
  }

  gauge<L extends string = never>(options: InstrumentOptions<L>): Gauge<L> {
    const series = new Series<number>(options.labels ?? []);
    this.#add(options, 'gauge', () => series.lines((key, value) => [`${options.name}${key} ${value}`]));
    return { set: (labels, value) => series.update(labels, () => value) };
  }

  /** A gauge that is read when scraped. */
  gaugeOf(options: InstrumentOptions<never>, read: () => number): void {
    this.#add(options, 'gauge', () => [`${options.name} ${read()}`]);
  }

  histogram<L extends string = never>(
    options: InstrumentOptions<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L> {
    const buckets = options.buckets ?? durationBuckets;
    const series = new Series<{ counts: number[]; sum: number; count: number }>(options.labels ?? []);
    this.#add(options, 'histogram', () =>
      series.lines((_key, value, names, values) => {
        let below = 0;
        const lines = buckets.map((le, i) => {
          below += value.counts[i] ?? 0;
          return `${options.name}_bucket${labelText([...names, 'le'], [...values, String(le)])} ${below}`;
        });
        lines.push(`${options.name}_bucket${labelText([...names, 'le'], [...values, '+Inf'])} ${value.count}`);
        lines.push(`${options.name}_sum${labelText(names, values)} ${value.sum}`);
        lines.push(`${options.name}_count${labelText(names, values)} ${value.count}`);
        return lines;
      }),
    );
    return {
      observe: (labels, observed) =>
        series.update(labels, (value = { counts: buckets.map(() => 0), sum: 0, count: 0 }) => {
          const bucket = buckets.findIndex((le) => observed <= le);
          if (bucket >= 0) value.counts[bucket] = (value.counts[bucket] ?? 0) + 1;
          value.sum += observed;
          value.count += 1;
          return value;
        }),
    };
  }

  render(): string {
    return `${[...this.#instruments.values()].flatMap((instrument) => instrument.render()).join('\n')}\n`;
  }

  #add(options: InstrumentOptions<string>, type: string, lines: () => string[]): void {
    if (this.#instruments.has(options.name)) throw new Error(`The metric ${options.name} is registered twice`);
    this.#instruments.set(options.name, {
      name: options.name,
      render: () => [
        `# HELP ${options.name} ${options.help.replace(/\n/g, ' ')}`,
        `# TYPE ${options.name} ${type}`,
        ...lines(),
      ],
    });
  }
}

class Series<V> {
  readonly #values = new Map<string, { values: string[]; value: V }>();

  constructor(readonly names: readonly string[]) {}

  /** Beyond the bound new label sets are folded into one `overflow` series: a mistake must not eat the memory. */
  update(labels: Readonly<Record<string, string>>, change: (value: V | undefined) => V): void {
    let values = this.names.map((name) => labels[name] ?? '');
    let key = values.join('\u0000');
    if (!this.#values.has(key) && this.#values.size >= maxSeries) {
      values = this.names.map(() => 'overflow');
      key = values.join('\u0000');
    }
    this.#values.set(key, { values, value: change(this.#values.get(key)?.value) });
  }

  lines(render: (key: string, value: V, names: readonly string[], values: readonly string[]) => string[]): string[] {
    return [...this.#values.values()].flatMap(({ values, value }) =>
      render(labelText(this.names, values), value, this.names, values),
    );
  }
}
