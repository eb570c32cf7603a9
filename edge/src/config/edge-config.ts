import { maxEvidenceBytes } from '@hallhub/shared/wire';
import { z } from 'zod';
import { lowDataModes } from '../link-budget/low-data-switch.js';
import { metricsConfigSchema } from '../observe/metrics-config.js';
import { visionSectionSchema } from '../vision/vision-settings.js';

const port = z.number().int().min(0).max(65_535);
const topicFilters = z.array(z.string().min(1).max(250)).max(64).default([]);

export const joinConfigSchema = z
  .strictObject({
    policy: z.enum(['closed', 'approve', 'window']).default('approve'),
    /** RFC 3339; until then a device whose profile is certain is let in by itself. */
    until: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((join) => join.policy !== 'window' || join.until !== undefined, 'the policy window needs until: a time');

/** A login for devices of other makers, which keep their own topics. */
export const brokerAccountSchema = z
  .strictObject({
    userName: z.string().min(1).max(64),
    password: z.string().min(1).max(256).optional(),
    /** `scrypt:…` as `hub password` prints it, so that the file holds no secret. */
    passwordHash: z
      .string()
      .regex(/^scrypt:[A-Za-z0-9_-]{22}:[A-Za-z0-9_-]{43}$/, 'a hash is what hub password prints')
      .optional(),
    /** MQTT filters; `{clientId}` in one stands for the client's own id. */
    publish: topicFilters,
    subscribe: topicFilters,
  })
  .refine((account) => (account.password === undefined) !== (account.passwordHash === undefined), {
    message: 'an account has a password or a passwordHash',
    path: ['password'],
  });
export type BrokerAccount = z.infer<typeof brokerAccountSchema>;

export const brokerConfigSchema = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0'),
    port: port.default(1883),
    /** Address of a broker that stands elsewhere; the unit then starts none of its own. */
    external: z.url({ protocol: /^mqtts?$/ }).optional(),
    accounts: z.array(brokerAccountSchema).max(200).default([]),
    maxConnections: z.number().int().min(1).max(20_000).default(1_000),
    /** Of one client, for ever; ten seconds' worth may come at once. */
    maxMessagesPerSecond: z.number().int().min(1).max(100_000).default(200),
    maxBytesPerSecond: z.number().int().min(1_024).max(1_073_741_824).default(2_097_152),
    /** A second port with TLS. PEM files, relative to edge.yaml. */
    tls: z.strictObject({ port: port.default(8883), cert: z.string().min(1), key: z.string().min(1) }).optional(),
  })
  .prefault({});
export type BrokerConfig = z.infer<typeof brokerConfigSchema>;

const laneLimits = z.strictObject({
  maxRows: z.number().int().min(1_000),
  maxBytes: z.number().int().min(1_048_576),
});

/** The line to the cloud. */
const linkConfigSchema = z
  .strictObject({
    /** Over all that goes up, with what goes around it. */
    maxBytesPerSecond: z.number().int().min(1_000).max(1_000_000_000).optional(),
    /** Spares the line: always, never, or where it carries less than 128 kbit/s. */
    lowData: z.enum(lowDataModes).default('auto'),
    /** Paid for by volume: live pictures go only to who has the right to spend that and says so. */
    metered: z.boolean().default(false),
    /** In low-data mode numbers are reported at most this often each; 0: as `report` says. */
    lowDataReportMs: z.number().int().min(0).max(3_600_000).default(0),
    /** What of evidence goes in low-data mode; nothing waits without a bound. */
    lowDataEvidence: z
      .strictObject({
        /** Files up to this size go at once: pictures. */
        atOnceBytes: z.number().int().min(0).max(maxEvidenceBytes).default(262_144),
        /** So much of larger ones a day; 0: none. */
        dailyBytes: z.number().int().min(0).default(33_554_432),
        /** A file that waited so long goes whatever the line; 0: never. */
        longestHours: z.number().int().min(0).max(8_760).default(72),
      })
      .prefault({}),
    /** Told when the unit could keep something for less than this without the cloud; 0: never. */
    runwayAlarmHours: z.number().min(0).max(8_760).default(12),
  })
  .prefault({});

/** edge.yaml but for the adapters' own sections, which their factories describe. */
export const edgeConfigSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(200).default('HallHub unit'),
  broker: brokerConfigSchema,
  join: joinConfigSchema.prefault({}),
  /** Folder of `<vendor>/<model>.yaml`; relative to edge.yaml. */
  profiles: z.string().min(1).optional(),
  report: z
    .strictObject({
      /** Numbers are reported at most this often each; 0: at every change beyond the dead band. */
      minIntervalMs: z.number().int().min(0).max(3_600_000).default(0),
      /** A value that does not change is said again after this long. */
      maxIntervalMs: z.number().int().min(10_000).max(86_400_000).default(900_000),
    })
    .prefault({}),
  store: z
    .strictObject({
      /** With less free space on the disk, the oldest telemetry is given up. */
      minFreeBytes: z.number().int().min(0).default(67_108_864),
      events: laneLimits.optional(),
      live: laneLimits.optional(),
      manifest: laneLimits.optional(),
      backlog: laneLimits.optional(),
    })
    .prefault({}),
  /** Clips and pictures on their way to the cloud. */
  evidence: z
    .strictObject({
      maxBytes: z.number().int().min(1_048_576).default(8_589_934_592),
      maxFileBytes: z.number().int().min(1_024).max(maxEvidenceBytes).default(maxEvidenceBytes),
    })
    .prefault({}),
  /** Cameras, recordings, and what leaves the hall of them. */
  vision: visionSectionSchema,
  metrics: metricsConfigSchema.optional(),
  link: linkConfigSchema,
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});
export type EdgeConfig = z.infer<typeof edgeConfigSchema>;

/** DATA/unit.json: who this unit is to the cloud. The secret is longer than 64 bytes (docs/protocol.md 1.2). */
export const unitCredentialSchema = z.object({
  unitId: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case UUID'),
  secret: z.string().min(16).max(512),
  cloud: z.object({
    mqtt: z.url({ protocol: /^(mqtts?|wss?)$/ }),
    /** docs/protocol.md 5.2; there once the unit is enrolled by a code. */
    gateway: z.url({ protocol: /^https$/ }).optional(),
  }),
});
export type UnitCredential = z.infer<typeof unitCredentialSchema>;
