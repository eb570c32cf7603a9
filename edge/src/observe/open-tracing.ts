import { HubError } from '@hallhub/shared';
import { noSpans, openSpanSink, type SpanSink, tracingEnvSchema } from '@hallhub/shared/tracing';

/** OpenTelemetry's own variables. Throws `configuration` where one of them is wrong. */
export const openTracing = async (
  env: Readonly<Record<string, string | undefined>>,
  about: { readonly version: string; readonly unitId: string | undefined; readonly onError: (error: Error) => void },
): Promise<SpanSink> => {
  const settings = tracingEnvSchema.safeParse(
    Object.fromEntries(Object.keys(tracingEnvSchema.shape).map((name) => [name, env[name] || undefined])),
  );
  if (!settings.success) {
    const wrong = settings.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
    throw new HubError('configuration', wrong.join('; '), {
      hint: 'docs/operations.md, Watching, names the variables.',
    });
  }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: rowRatio } = settings.data;
  if (endpoint === undefined) return noSpans;
  return openSpanSink({
    ...{ endpoint, rowRatio, version: about.version, service: 'hallhub-unit', onError: about.onError },
    attributes: about.unitId === undefined ? {} : { 'hallhub.unit.id': about.unitId },
  });
};
