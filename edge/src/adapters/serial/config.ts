import { lineSchema, literalSchema } from '@hallhub/shared/profile';
import { z } from 'zod';

/** One serial port with one device on it. */
export const serialConfigSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most'),
  path: z.string().startsWith('/', 'the path of the port, such as /dev/serial/by-id/…'),
  discover: z.boolean().default(true),
  /** Pins the port to one profile: nothing is probed. */
  profile: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a profile is vendor/model')
    .optional(),
  /** Instead of the profile's line settings. */
  line: lineSchema.optional(),
  /** Parameters of the device, such as its bus address. */
  params: z.record(z.string(), literalSchema).default({}),
  rediscoverEveryMs: z.int().min(500).max(86_400_000).default(10_000),
});
export type SerialConfig = z.infer<typeof serialConfigSchema>;
