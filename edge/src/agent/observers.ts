import { type Clock, toHubError } from '@hallhub/shared';
import type { SpanSink } from '@hallhub/shared/tracing';
import type { Agent } from '../agent.js';
import type { FaultBook } from '../devices/index.js';
import type { MetricsServer } from '../observe/metrics-server.js';
import { openTracing } from '../observe/open-tracing.js';
import { RowTraces } from '../observe/row-traces.js';
import type { Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';

export interface ObserversOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultBook;
  readonly software: string;
  readonly unitId: () => string | undefined;
  readonly outbox: Outbox;
}

/** Figures and spans for who watches over units: a convenience, without which the hall opens all the same. */
export class Observers {
  readonly #options: ObserversOptions;
  #metrics: MetricsServer | undefined;
  #spans: SpanSink | undefined;

  constructor(options: ObserversOptions) {
    this.#options = options;
  }

  /** `strict`: rejects where the port of the figures is in use. */
  async start(agent: Agent, strict: boolean): Promise<void> {
    await this.#serveMetrics(agent, strict);
    await this.#startTracing();
  }

  async stop(): Promise<void> {
    await this.#metrics?.close();
    await this.#spans?.close();
  }

  async #serveMetrics(agent: Agent, strict: boolean): Promise<void> {
    const { metrics } = agent.loaded.config;
    if (!metrics) return;
    const { logger, faults } = this.#options;
    try {
      // Loaded where it is wanted: memory is scarce.
      const { openMetricsServer } = await import('../observe/metrics-server.js');
      this.#metrics = await openMetricsServer(agent, metrics);
      logger.info({ url: this.#metrics.url }, 'metrics are served');
    } catch (error) {
      const failure = toHubError(error);
      if (strict) throw failure;
      faults.report('metrics_failed', failure.message, failure.context);
    }
  }

  async #startTracing(): Promise<void> {
    const { clock, logger, faults, software: version, unitId, outbox } = this.#options;
    const onError = (error: Error) => logger.debug({ error: error.message }, 'spans could not be sent');
    try {
      const spans = await openTracing(process.env, { version, unitId: unitId(), onError });
      if (spans.rowRatio === 0) return;
      this.#spans = spans;
      outbox.traces = new RowTraces({ spans, clock });
    } catch (error) {
      faults.report('tracing_failed', toHubError(error).message);
    }
  }
}
