import { z } from 'zod';

const file = z.string().max(1_000).regex(/^\//, 'a whole path, from /');

/** A broker that is not the unit's own. */
export const externalBrokerSchema = z.strictObject({
  /** `mqtt://…` or, with TLS, `mqtts://…`. */
  url: z.url({ protocol: /^mqtts?$/ }),
  username: z.string().min(1).max(256).optional(),
  password: z.string().max(1_024).optional(),
  /** 5, or 4 for MQTT 3.1.1. */
  protocolVersion: z.union([z.literal(4), z.literal(5)]).default(5),
  /** Must be unique at that broker and stay the same; left out: made of this machine's name. */
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a client id is 1 to 64 of A-Z a-z 0-9 _ . -')
    .optional(),
  /** For how long the broker keeps what comes while the unit is away. 0: not at all. MQTT 3.1.1 knows only for ever or not. */
  sessionExpiryS: z.int().min(0).max(604_800).default(3_600),
  keepaliveS: z.int().min(5).max(3_600).default(30),
  connectTimeoutMs: z.int().min(500).max(60_000).default(10_000),
  /** PEM files: whom to trust, and who this unit is. */
  ca: file.optional(),
  cert: file.optional(),
  key: file.optional(),
});
export type ExternalBrokerConfig = z.infer<typeof externalBrokerSchema>;

/** Devices of other makers on the unit's broker, or on another one, which keep their own topics; a profile maps them. */
export const mappedMqttConfigSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most')
    .default('mqtt-mapped'),
  /** Left out: the unit's own broker. */
  external: externalBrokerSchema
    .refine((external) => (external.cert === undefined) === (external.key === undefined), 'cert and key come together')
    .optional(),
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
