import { z } from 'zod';

/** Devices of other makers on the unit's broker, which keep their own topics; a profile maps them. */
export const mappedMqttConfigSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most')
    .default('mqtt-mapped'),
  /** Notices devices by the topics of the profiles and puts them up for approval. */
  discover: z.boolean().default(true),
  /** Devices known beforehand: they are certain. */
  devices: z
    .array(
      z.strictObject({
        profile: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a profile is vendor/model'),
        /** What stands for {device} in the profile's topics. */
        name: z
          .string()
          .min(1)
          .max(100)
          .regex(/^[^/+#\0]+$/, 'a name fits into one level of a topic'),
      }),
    )
    .max(500)
    .default([]),
  /** Without any message for this long a device that has no presence topic counts as silent. */
  silentAfterMs: z.int().min(1_000).max(86_400_000).default(600_000),
});
export type MappedMqttConfig = z.infer<typeof mappedMqttConfigSchema>;
