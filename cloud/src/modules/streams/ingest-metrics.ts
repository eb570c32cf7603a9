import type { Lane } from '@hallhub/shared/wire';
import type { MetricsRegistry } from '../../http/metrics.js';
import type { IngestOutcome } from './ingest-batch.js';

/** Counts batches by result, rows, rows put aside, and how long a batch takes until its answer. */
export const ingestMetrics = (
  metrics: MetricsRegistry,
): ((lane: Lane, outcome: IngestOutcome, durationMs: number) => void) => {
  const batches = metrics.counter({
    name: 'hallhub_ingest_batches_total',
    help: 'Batches answered',
    labels: ['lane', 'result'],
  });
  const rows = metrics.counter({ name: 'hallhub_ingest_rows_total', help: 'Rows committed', labels: ['lane'] });
  const aside = metrics.counter({
    name: 'hallhub_ingest_aside_total',
    help: 'Rows put aside instead of stored',
    labels: ['lane'],
  });
  const seconds = metrics.histogram({
    name: 'hallhub_ingest_batch_seconds',
    help: 'From a batch to its answer',
    labels: ['lane'],
  });
  return (lane, { answer, rows: committed, aside: put }, durationMs) => {
    batches.inc({ lane, result: answer.result });
    rows.inc({ lane }, committed);
    if (put > 0) aside.inc({ lane }, put);
    seconds.observe({ lane }, durationMs / 1_000);
  };
};
