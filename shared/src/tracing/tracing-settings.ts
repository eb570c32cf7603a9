import { z } from 'zod';

/** OpenTelemetry's own names, so that who knows them need not learn ours. */
export const tracingEnvSchema = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Of rows; requests and commands are always traced. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(0.01),
});
export type TracingSettings = z.infer<typeof tracingEnvSchema>;
