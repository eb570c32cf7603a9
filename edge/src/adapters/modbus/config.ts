import { lineSchema } from '@hallhub/shared/profile';
import { z } from 'zod';

const profileIdSchema = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a profile is vendor/model');

/** One bus: `tcp://host:port`, `rtu-tcp://host:port` (RTU through a serial server), or the path of a serial line. */
export const modbusConfigSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most'),
    url: z
      .string()
      .regex(
        /^(?:(?:tcp|rtu-tcp):\/\/(?:\[[0-9a-fA-F:]+\]|[^/:\s]+)(?::\d{1,5})?|\/.+)$/,
        'tcp://host:port, rtu-tcp://host:port or the path of a serial line',
      ),
    line: lineSchema.optional(),
    unitIds: z.array(z.int().min(0).max(247)).max(247).default([1]),
    discover: z.boolean().default(true),
    /** Pins every unit id of this bus to one profile. */
    profile: profileIdSchema.optional(),
    probeTimeoutMs: z.int().min(50).max(10_000).default(500),
    /** How often unit ids that did not answer are looked for again. */
    rediscoverEveryMs: z.int().min(1_000).max(86_400_000).default(60_000),
  })
  .refine((config) => !config.url.startsWith('/') || config.line, {
    message: 'a serial bus states its line: baudRate, parity …',
    path: ['line'],
  });
export type ModbusConfig = z.infer<typeof modbusConfigSchema>;
