import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry } from 'prom-client';

/**
 * What the cloud tells Prometheus. Modules make their instruments once at start: `metrics.counter({name, help, labels})`.
 * Label values come from small closed sets, never ids.
 */
export interface InstrumentOptions<L extends string> {
  /** `hallhub_<thing>_<unit>`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export type LabelValues<L extends string> = Readonly<Record<L, string>>;

export interface Counter<L extends string> {
  inc(labels: LabelValues<L>, by?: number): void;
}
export interface Gauge<L extends string> {
  set(labels: LabelValues<L>, value: number): void;
}
export interface Histogram<L extends string> {
  observe(labels: LabelValues<L>, value: number): void;
}

/** Seconds, from 1 ms to 10 s. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const maxSeries = 2_000;

export class MetricsRegistry {
  /** For collectors of the library's own kind (process figures, gauges read when scraped). */
  readonly registry = new Registry();

  counter<L extends string = never>(options: InstrumentOptions<L>): Counter<L> {
    const counter = new PromCounter(this.#settings(options));
    const bounded = boundedLabels(options.labels ?? []);
    return { inc: (labels, by = 1) => counter.inc(bounded(labels), by) };
  }

  gauge<L extends string = never>(options: InstrumentOptions<L>): Gauge<L> {
    const gauge = new PromGauge(this.#settings(options));
    const bounded = boundedLabels(options.labels ?? []);
    return { set: (labels, value) => gauge.set(bounded(labels), value) };
  }

  /** A gauge that is read when scraped. */
  gaugeOf(options: InstrumentOptions<never>, read: () => number): void {
    new PromGauge({
      ...this.#settings(options),
      collect() {
        this.set(read());
      },
    });
  }

  histogram<L extends string = never>(
    options: InstrumentOptions<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L> {
    const histogram = new PromHistogram({
      ...this.#settings(options),
      buckets: [...(options.buckets ?? durationBuckets)],
    });
    const bounded = boundedLabels(options.labels ?? []);
    return { observe: (labels, value) => histogram.observe(bounded(labels), value) };
  }

  /** Text format 0.0.4. */
  render(): Promise<string> {
    return this.registry.metrics();
  }

  #settings<L extends string>({ name, help, labels = [] }: InstrumentOptions<L>) {
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }
}

/** Beyond the bound new label sets are folded into one `overflow` series: a mistake must not eat the memory. */
const boundedLabels = <L extends string>(names: readonly L[]): ((labels: LabelValues<L>) => LabelValues<L>) => {
  const seen = new Set<string>();
  const overflow = Object.fromEntries(names.map((name) => [name, 'overflow'])) as LabelValues<L>;
  return (labels) => {
    if (names.length === 0) return labels;
    const key = names.map((name) => labels[name]).join('\u0000');
    if (seen.has(key)) return labels;
    if (seen.size >= maxSeries) return overflow;
    seen.add(key);
    return labels;
  };
};
