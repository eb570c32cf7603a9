import type { MetricsRegistry } from '../http/metrics.js';
import { durationBuckets } from '../http/metrics.js';
import type { OnRefused, UnitListenerName } from '../listeners/index.js';

/** What the listeners of units tell while they run. */
export interface UnitPortWatch {
  readonly onRefused: OnRefused;
  readonly onAdmitted: (listener: UnitListenerName, waitedMs: number) => void;
  readonly onFlood: (unitId: string, turn: 'began' | 'ended') => void;
}

/** Counts it for Prometheus and passes it on. */
export const watchUnitPorts = (
  metrics: MetricsRegistry,
  next: Pick<UnitPortWatch, 'onRefused' | 'onFlood'>,
): UnitPortWatch => {
  const refused = metrics.counter({
    name: 'hallhub_unit_refusals_total',
    help: 'Connections of units, and what came over them, that were turned away',
    labels: ['listener', 'reason'],
  });
  const admitted = metrics.histogram({
    name: 'hallhub_unit_admission_wait_seconds',
    help: 'How long connections waited to be let in',
    labels: ['listener'],
    buckets: durationBuckets,
  });
  const floods = metrics.counter({ name: 'hallhub_unit_floods_total', help: 'Times a unit went over its rate' });
  return {
    onRefused: (refusal) => {
      refused.inc({ listener: refusal.listener, reason: refusal.reason });
      next.onRefused(refusal);
    },
    onAdmitted: (listener, waitedMs) => admitted.observe({ listener }, waitedMs / 1_000),
    onFlood: (unitId, turn) => {
      if (turn === 'began') floods.inc({});
      next.onFlood(unitId, turn);
    },
  };
};
