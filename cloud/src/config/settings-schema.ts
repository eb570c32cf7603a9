import { tracingEnvSchema } from '@hallhub/shared/tracing';
import { z } from 'zod';
import { defaultApiRates } from '../http/api-limits.js';
import { defaultHandshakesPerSecond } from '../listeners/admission-limits.js';
import { mapEnvShape } from '../modules/maps/map-tiles.js';

const portMessage = 'must be a port number from 0 to 65535';
const port = z.coerce.number(portMessage).int(portMessage).min(0, portMessage).max(65_535, portMessage);
/** A port, or null for a listener that stays closed. */
const portOrOff = z.union([z.literal('off').transform(() => null), port], 'must be a port number or off');
const url = (...protocols: string[]) =>
  z.url({
    protocol: new RegExp(`^(?:${protocols.join('|')})$`),
    error: `must be a URL with ${protocols.join(' or ')}:`,
  });

export const flagsSchema = z.object({
  data: z.string().min(1).default('data'),
  port: port.default(8080),
  'mqtt-port': portOrOff.default(18_830),
  'mqtt-host': z.string().min(1).default('127.0.0.1'),
  'mqtts-port': portOrOff.default(18_831),
  'unit-port': portOrOff.default(18_443),
  host: z.string().min(1).default('127.0.0.1'),
  'seed-demo': z.boolean().default(false),
  'reissue-unit': z.boolean().default(false),
  'reset-password': z.string().min(1).optional(),
  'create-tenant': z.string().trim().min(1).max(100).optional(),
  owner: z.string().min(2).max(64).optional(),
  'tenant-code': z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and "-"')
    .optional(),
  'verify-audit': z.string().min(1).optional(),
  'audit-ca': z.string().min(1).optional(),
  'backup-now': z.boolean().default(false),
  'check-backup': z.string().min(1).optional(),
  restore: z.string().min(1).optional(),
  until: z.iso
    .datetime({ offset: true, error: 'must be a moment with its zone, such as 2026-11-22T06:30:00+08:00' })
    .optional(),
  help: z.boolean().default(false),
});

export const envSchema = z.object({
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  HALLHUB_MQTT_URL: url('mqtt', 'mqtts', 'ws', 'wss').optional(),
  HALLHUB_MQTT_TLS_CERT: z.string().optional(),
  HALLHUB_MQTT_TLS_KEY: z.string().optional(),
  HALLHUB_MQTT_CA: z.string().optional(),
  HALLHUB_MQTT_CERT: z.string().optional(),
  HALLHUB_MQTT_KEY: z.string().optional(),
  HALLHUB_BROKER_FILES: z.string().optional(),
  HALLHUB_UNIT_NETWORKS: z.string().optional(),
  HALLHUB_UNIT_MQTT_URL: url('mqtts').optional(),
  HALLHUB_UNIT_GATEWAY_URL: url('https').optional(),
  HALLHUB_UNIT_HANDSHAKES: z.coerce.number().int().min(1).max(10_000).default(defaultHandshakesPerSecond),
  HALLHUB_PUBLIC_URL: url('http', 'https').optional(),
  HALLHUB_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  HALLHUB_API_ADDRESS_RATE: z.coerce.number().int().min(60).max(1_000_000).default(defaultApiRates.addressPerMinute),
  HALLHUB_API_ACCOUNT_RATE: z.coerce.number().int().min(60).max(1_000_000).default(defaultApiRates.accountPerMinute),
  HALLHUB_ALLOW_PRIVATE_SIGNON: z.enum(['0', '1']).default('0'),
  HALLHUB_ALLOW_PRIVATE_EXCHANGE: z.enum(['0', '1']).default('0'),
  HALLHUB_ALLOW_PRIVATE_NOTICES: z.enum(['0', '1']).default('0'),
  HALLHUB_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  HALLHUB_UNIT_HOSTS: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+(?:\s*,\s*[A-Za-z0-9.:-]+)*$/, 'must be a comma-separated list of host names and addresses')
    .optional(),
  HALLHUB_BACKUP: z.enum(['on', 'off']).default('on'),
  HALLHUB_BACKUP_DIR: z.string().optional(),
  HALLHUB_BACKUP_KEY_FILE: z.string().optional(),
  HALLHUB_BACKUP_SCRATCH: z.string().optional(),
  HALLHUB_BACKUP_PROGRAMS: z.string().optional(),
  HALLHUB_BACKUP_AT: z
    .string()
    .regex(/^([0-9*,/-]+ ){4}[0-9*,/-]+$/, 'must be five fields of cron, in UTC')
    .default('10 18 * * *'),
  HALLHUB_BACKUP_KEEP_DAILY: z.coerce.number().int().min(1).max(400).default(7),
  HALLHUB_BACKUP_KEEP_WEEKLY: z.coerce.number().int().min(0).max(400).default(4),
  HALLHUB_BACKUP_MAX_AGE_HOURS: z.coerce.number().int().min(1).max(8_760).default(30),
  HALLHUB_EVIDENCE_DAYS: z.coerce.number().int().min(1).max(3_650).default(180),
  HALLHUB_METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  ...mapEnvShape,
  HALLHUB_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...tracingEnvSchema.shape,
});

export type Flags = z.output<typeof flagsSchema>;
