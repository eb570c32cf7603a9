import { noSpans, openSpanSink, type SpanSink, type TracingSettings } from '@hallhub/shared/tracing';
import type { Logger } from 'pino';

/** Without `OTEL_EXPORTER_OTLP_ENDPOINT` there are no spans and nothing is loaded for them. */
export const openTracing = async (
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: rowRatio }: TracingSettings,
  { version, log }: { readonly version: string; readonly log: Logger },
): Promise<SpanSink> => {
  if (endpoint === undefined) return noSpans;
  log.info({ endpoint, rowRatio }, 'spans are sent');
  return openSpanSink({
    ...{ endpoint, rowRatio, version, service: 'hallhub-cloud' },
    onError: (error) => log.debug({ err: error }, 'spans could not be sent'),
  });
};
