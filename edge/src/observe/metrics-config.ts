import { z } from 'zod';

/** `metrics:` in edge.yaml. Without it nothing listens; `hub metrics` shows the same text. */
export const metricsConfigSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.number().int().min(0).max(65_535).default(9_464),
    /** Bearer token; needed to listen on more than this machine. */
    token: z.string().min(16).max(256).optional(),
  })
  .refine(({ host, token }) => token !== undefined || ['127.0.0.1', '::1', 'localhost'].includes(host), {
    message: 'who is asked from elsewhere than this machine needs a token',
    path: ['token'],
  });
export type MetricsConfig = z.infer<typeof metricsConfigSchema>;
