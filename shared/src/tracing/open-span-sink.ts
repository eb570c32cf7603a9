import type { FinishedSpan, SpanSink } from './span-sink.js';

export interface SpanSinkOptions {
  /** Base URL of an OTLP/HTTP receiver; `/v1/traces` is added. */
  readonly endpoint: string;
  /** `hallhub-cloud`, `hallhub-unit`. */
  readonly service: string;
  readonly version: string;
  /** Told of each process: unit id, host. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly rowRatio: number;
  readonly onError?: (error: Error) => void;
}

const maxQueue = 4_096;
const batchSpans = 512;
const flushEveryMs = 2_000;
const exportTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;

/**
 * OpenTelemetry over OTLP/HTTP (JSON). The libraries are loaded here only, so that who does not trace does not pay for them.
 * A receiver that is away costs a bounded queue and nothing else.
 */
export const openSpanSink = async (options: SpanSinkOptions): Promise<SpanSink> => {
  const [{ ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace }, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  // The next span's ids: set right before it is started, in the same turn.
  const next = { traceId: '', spanId: '' };
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
  });
  const processor = new sdk.BatchSpanProcessor({
    exporter,
    maxQueueSize: maxQueue,
    maxExportBatchSize: batchSpans,
    scheduledDelayMillis: flushEveryMs,
    exportTimeoutMillis: exportTimeoutMs,
  });
  const provider = new sdk.TracerProvider({
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [processor],
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.version': options.version,
      ...options.attributes,
    }),
  });
  const tracer = provider.getTracer('hallhub');
  const add = ({ name, traceId, spanId, parentSpanId, startMs, endMs, attributes, error }: FinishedSpan): void => {
    Object.assign(next, { traceId, spanId });
    const parent =
      parentSpanId === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            ...{ traceId, spanId: parentSpanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
          });
    const span = tracer.startSpan(name, { startTime: startMs, attributes: { ...attributes } }, parent);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(Math.max(startMs, endMs));
  };
  return {
    rowRatio: options.rowRatio,
    add: (span) => {
      try {
        add(span);
      } catch (error) {
        options.onError?.(error as Error);
      }
    },
    close: async () => {
      const late = new Promise((resolve) => setTimeout(resolve, closeTimeoutMs).unref?.());
      await Promise.race([provider.shutdown().catch((error: Error) => options.onError?.(error)), late]);
    },
  };
};
