import { collectDefaultMetrics } from 'prom-client';
import type { Database } from '../db/index.js';
import type { MetricsRegistry } from '../http/metrics.js';

/** Of this process: memory, event loop, garbage collection, and its connections to the database. */
export const processMetrics = (
  metrics: MetricsRegistry,
  deps: { readonly db: Database; readonly version: string },
): void => {
  collectDefaultMetrics({ register: metrics.registry });
  metrics
    .gauge({ name: 'hallhub_cloud_info', help: 'Always 1; the label says which software', labels: ['version'] })
    .set({ version: deps.version }, 1);
  const { appPool } = deps.db;
  metrics.gaugeOf(
    { name: 'hallhub_database_connections', help: 'Open connections for requests and ingest' },
    () => appPool.totalCount,
  );
  metrics.gaugeOf(
    { name: 'hallhub_database_connections_idle', help: 'Of these, the ones nobody uses' },
    () => appPool.idleCount,
  );
  metrics.gaugeOf(
    { name: 'hallhub_database_waiting', help: 'Tasks that wait for a connection' },
    () => appPool.waitingCount,
  );
};
