import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HubError } from '@hallhub/shared';
import { type TracingSettings, tracingEnvSchema } from '@hallhub/shared/tracing';
import { z } from 'zod';
import type { BackupSettings } from '../backup/backups.js';
import { type ApiRates, defaultApiRates } from '../http/api-limits.js';
import { defaultHandshakesPerSecond } from '../listeners/admission-limits.js';
import { parseUnitNetworks, type UnitNetworks } from '../listeners/unit-networks.js';
import { unitHosts } from './unit-hosts.js';

const portMessage = 'must be a port number from 0 to 65535';
const port = z.coerce.number(portMessage).int(portMessage).min(0, portMessage).max(65_535, portMessage);
/** A port, or null for a listener that stays closed. */
const portOrOff = z.union([z.literal('off').transform(() => null), port], 'must be a port number or off');
const url = (...protocols: string[]) =>
  z.url({
    protocol: new RegExp(`^(?:${protocols.join('|')})$`),
    error: `must be a URL with ${protocols.join(' or ')}:`,
  });

const flagsSchema = z.object({
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

const envSchema = z.object({
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
  HALLHUB_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...tracingEnvSchema.shape,
});

export type BackupTask =
  | { readonly kind: 'now' }
  | { readonly kind: 'check'; readonly file: string }
  | { readonly kind: 'restore'; readonly file: string; readonly until: Date | null };

export interface CloudConfig {
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly httpPort: number;
  /** Null: closed. */
  readonly mqttPort: number | null;
  readonly mqttHost: string;
  readonly mqttsPort: number | null;
  readonly unitPort: number | null;
  readonly seedDemo: boolean;
  readonly reissueUnit: boolean;
  /** User name of whoever lost the way in. */
  readonly resetPassword: string | null;
  /** An organisation to make, instead of serving. */
  readonly newTenant: { readonly name: string; readonly code: string | null; readonly owner: string } | null;
  /** What is done instead of serving, where something is. */
  readonly backupTask: BackupTask | null;
  readonly backup: BackupSettings;
  /** An exported audit trail to check, instead of starting. */
  readonly verifyAudit: { readonly file: string; readonly caFile: string | null } | null;
  readonly help: boolean;
  readonly databaseUrl: string | null;
  readonly mqttUrl: string | null;
  /** Files of PEM; both or neither. */
  readonly mqttTls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Files of PEM for the connection to a broker of one's own; certificate and key both or neither. */
  readonly mqttClient: MqttClientFiles;
  /** Where files for a broker of one's own are kept; null: nowhere. */
  readonly brokerFilesDir: string | null;
  /** What units are told to dial, where it is not the first of `unitHosts` with our own port. */
  readonly unitMqttUrl: string | null;
  readonly unitGatewayUrl: string | null;
  /** Where units may come from; null: from everywhere. */
  readonly unitNetworks: UnitNetworks | null;
  /** TLS handshakes of units let in a second, on each listener. */
  readonly unitHandshakesPerSecond: number;
  readonly publicUrl: string | null;
  readonly trustedProxies: number;
  readonly apiRates: ApiRates;
  readonly secret: string | null;
  /** Sign-on providers on this machine and on private networks, by http too. */
  readonly allowPrivateSignOn: boolean;
  /** Names and addresses units dial, the one they are told first; never empty. */
  readonly unitHosts: readonly string[];
  /** Evidence files are kept so long. */
  readonly evidenceDays: number;
  readonly metricsToken: string | null;
  readonly logLevel: string;
  readonly tracing: TracingSettings;
}

export interface MqttClientFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export const usage = `HallHub cloud

  --data DIR        data folder (default ./data)
  --port N          console and API (default 8080)
  --mqtts-port N    broker for units with certificates, or off (default 18831)
  --unit-port N     HTTPS gateway for units, or off (default 18443)
  --mqtt-port N     broker for units with a secret, without TLS, or off (default 18830)
  --mqtt-host ADDRESS  address for that one alone (default 127.0.0.1)
  --host ADDRESS    address to listen on (default 127.0.0.1)
  --seed-demo       make a demo hall with a unit
  --reissue-unit    make a new enrolment code for the demo unit, which also replaces a unit that has one
  --reset-password USER  print a new one-time password for that user
  --create-tenant NAME --owner USER  make another organisation, print its owner's one-time password, and end
  --tenant-code CODE  with it: short name for its sign-in page, /sign-in?org=CODE (default: made up)
  --backup-now      take a backup, restore it beside and compare, also while the cloud runs
  --check-backup FILE    restore a backup beside and compare
  --restore FILE    make the (empty) data folder from a backup and the log beside it
  --until TIME      with --restore: up to this moment, such as 2026-11-22T06:30:00+08:00
  --verify-audit FILE  only check an exported audit trail (JSON lines or CSV); exit code 0 or 1
  --audit-ca FILE   with it: PEM of the authority that must have signed the heads

  DATABASE_URL              your own PostgreSQL instead of the private one
  HALLHUB_MQTT_URL          your own broker instead of the built-in one
  HALLHUB_MQTT_TLS_CERT     PEM file: the listener for secrets speaks TLS (with HALLHUB_MQTT_TLS_KEY)
  HALLHUB_MQTT_CA           PEM file: whom to trust as your own broker
  HALLHUB_MQTT_CERT         PEM file: this cloud's certificate for your own broker (with HALLHUB_MQTT_KEY)
  HALLHUB_BROKER_FILES      folder kept with what your own broker needs: trust.pem, crl.pem, broker.pem, broker.key
  HALLHUB_UNIT_MQTT_URL     mqtts:// that units are told to dial (default: the first of HALLHUB_UNIT_HOSTS and --mqtts-port)
  HALLHUB_UNIT_GATEWAY_URL  https:// that units are told to dial (default: the same host and --unit-port)
  HALLHUB_UNIT_NETWORKS     networks units may come from, comma-separated: 10.20.0.0/16 (default: all)
  HALLHUB_UNIT_HANDSHAKES   TLS handshakes of units let in a second, on each listener (default 100)
  HALLHUB_PUBLIC_URL        where people reach the console, behind a proxy
  HALLHUB_TRUSTED_PROXIES   how many proxies add to X-Forwarded-For (default 0)
  HALLHUB_API_ADDRESS_RATE  API requests a minute from one address, in each process (default 6000)
  HALLHUB_API_ACCOUNT_RATE  API requests a minute by one person or API key, in each process (default 1800)
  HALLHUB_SECRET            signs sessions; the same for all cloud processes (default: made once in the data folder)
  HALLHUB_ALLOW_PRIVATE_SIGNON  1: single sign-on providers may be on private networks, and without TLS there
  HALLHUB_UNIT_HOSTS        names and addresses units dial, comma-separated, the one they are told first (default --host)
  HALLHUB_BACKUP            off: somebody else backs the database up (default on)
  HALLHUB_BACKUP_DIR        where backups go (default: backups in the data folder)
  HALLHUB_BACKUP_KEY_FILE   the key they are sealed with (default: made once in the data folder)
  HALLHUB_BACKUP_SCRATCH    folder in which restores are tried (default: beside the database)
  HALLHUB_BACKUP_PROGRAMS   with DATABASE_URL: folder of pg_dump and pg_restore (default: looked for)
  HALLHUB_BACKUP_AT         when, five fields of cron in UTC (default 10 18 * * *)
  HALLHUB_BACKUP_KEEP_DAILY, HALLHUB_BACKUP_KEEP_WEEKLY  how many are kept (7 and 4)
  HALLHUB_BACKUP_MAX_AGE_HOURS  older than this, the newest proved backup is late (30)
  HALLHUB_EVIDENCE_DAYS     how long evidence files are kept (default 180)
  HALLHUB_METRICS_TOKEN     bearer token for /metrics from elsewhere than this machine
  HALLHUB_LOG_LEVEL         debug, info, warn, error (default info)
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are sent (OTLP over HTTP); OTEL_TRACES_SAMPLER_ARG: how many of the rows (0.01)
`;

/** Flags and environment, checked. Errors: `configuration`, naming every wrong setting (never its value). */
export const readConfig = (argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CloudConfig => {
  const flags = check(flagsSchema, rawFlags(argv), (name) => `--${name}`);
  const settings = check(
    envSchema,
    Object.fromEntries(Object.keys(envSchema.shape).map((name) => [name, env[name] || undefined])),
    (name) => name,
  );
  const { HALLHUB_MQTT_TLS_CERT: certFile, HALLHUB_MQTT_TLS_KEY: keyFile } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new HubError('configuration', 'HALLHUB_MQTT_TLS_CERT and HALLHUB_MQTT_TLS_KEY go together', {
      hint: 'Set both, or neither.',
    });
  }
  if ((settings.HALLHUB_MQTT_CERT === undefined) !== (settings.HALLHUB_MQTT_KEY === undefined)) {
    throw new HubError('configuration', 'HALLHUB_MQTT_CERT and HALLHUB_MQTT_KEY go together', {
      hint: 'Set both, or neither.',
    });
  }
  return {
    dataDir: resolve(flags.data),
    host: flags.host,
    httpPort: flags.port,
    mqttPort: flags['mqtt-port'],
    mqttHost: flags['mqtt-host'],
    mqttsPort: flags['mqtts-port'],
    unitPort: flags['unit-port'],
    seedDemo: flags['seed-demo'],
    reissueUnit: flags['reissue-unit'],
    resetPassword: flags['reset-password'] ?? null,
    newTenant: newTenantOf(flags),
    backupTask: backupTaskOf(flags),
    backup: {
      on: settings.HALLHUB_BACKUP === 'on',
      dir: resolve(settings.HALLHUB_BACKUP_DIR ?? join(flags.data, 'backups')),
      keyFile: resolve(settings.HALLHUB_BACKUP_KEY_FILE ?? join(flags.data, 'backup-key')),
      programsDir: settings.HALLHUB_BACKUP_PROGRAMS ? resolve(settings.HALLHUB_BACKUP_PROGRAMS) : null,
      scratchDir: settings.HALLHUB_BACKUP_SCRATCH ? resolve(settings.HALLHUB_BACKUP_SCRATCH) : null,
      cron: settings.HALLHUB_BACKUP_AT,
      keepDaily: settings.HALLHUB_BACKUP_KEEP_DAILY,
      keepWeekly: settings.HALLHUB_BACKUP_KEEP_WEEKLY,
      maxAgeHours: settings.HALLHUB_BACKUP_MAX_AGE_HOURS,
    },
    verifyAudit: flags['verify-audit'] ? { file: flags['verify-audit'], caFile: flags['audit-ca'] ?? null } : null,
    help: flags.help,
    databaseUrl: settings.DATABASE_URL ?? null,
    mqttUrl: settings.HALLHUB_MQTT_URL ?? null,
    mqttTls: certFile && keyFile ? { certFile, keyFile } : null,
    mqttClient: {
      ca: settings.HALLHUB_MQTT_CA ?? null,
      cert: settings.HALLHUB_MQTT_CERT ?? null,
      key: settings.HALLHUB_MQTT_KEY ?? null,
    },
    brokerFilesDir: settings.HALLHUB_BROKER_FILES ? resolve(settings.HALLHUB_BROKER_FILES) : null,
    unitMqttUrl: settings.HALLHUB_UNIT_MQTT_URL ?? null,
    unitGatewayUrl: settings.HALLHUB_UNIT_GATEWAY_URL ?? null,
    unitNetworks: settings.HALLHUB_UNIT_NETWORKS ? parseUnitNetworks(settings.HALLHUB_UNIT_NETWORKS) : null,
    unitHandshakesPerSecond: settings.HALLHUB_UNIT_HANDSHAKES,
    publicUrl: settings.HALLHUB_PUBLIC_URL ?? null,
    trustedProxies: settings.HALLHUB_TRUSTED_PROXIES,
    apiRates: {
      addressPerMinute: settings.HALLHUB_API_ADDRESS_RATE,
      accountPerMinute: settings.HALLHUB_API_ACCOUNT_RATE,
    },
    secret: settings.HALLHUB_SECRET ?? null,
    allowPrivateSignOn: settings.HALLHUB_ALLOW_PRIVATE_SIGNON === '1',
    unitHosts: unitHosts(settings.HALLHUB_UNIT_HOSTS?.split(/\s*,\s*/) ?? [], flags.host),
    evidenceDays: settings.HALLHUB_EVIDENCE_DAYS,
    metricsToken: settings.HALLHUB_METRICS_TOKEN ?? null,
    logLevel: settings.HALLHUB_LOG_LEVEL,
    tracing: tracingEnvSchema.parse(settings),
  };
};

const newTenantOf = (flags: z.output<typeof flagsSchema>): CloudConfig['newTenant'] => {
  const { 'create-tenant': name, 'tenant-code': code = null, owner } = flags;
  if (name === undefined && owner === undefined && code === null) return null;
  if (name === undefined || owner === undefined) {
    throw new HubError('configuration', '--create-tenant NAME and --owner USER go together', {
      hint: '--help lists the options.',
    });
  }
  return { name, code, owner };
};

const backupTaskOf = (flags: z.output<typeof flagsSchema>): BackupTask | null => {
  const { restore, until, 'check-backup': check, 'backup-now': now } = flags;
  if ([restore, check, now || undefined].filter((one) => one !== undefined).length > 1) {
    throw new HubError('configuration', '--backup-now, --check-backup and --restore are three different things', {
      hint: 'Name one of them.',
    });
  }
  if (until !== undefined && restore === undefined) {
    throw new HubError('configuration', '--until goes with --restore FILE', { hint: '--help lists the options.' });
  }
  if (restore !== undefined) {
    return { kind: 'restore', file: resolve(restore), until: until === undefined ? null : new Date(until) };
  }
  if (check !== undefined) return { kind: 'check', file: resolve(check) };
  return now ? { kind: 'now' } : null;
};

const rawFlags = (argv: readonly string[]): Record<string, unknown> => {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        data: text,
        port: text,
        'mqtt-port': text,
        'mqtt-host': text,
        'mqtts-port': text,
        'unit-port': text,
        host: text,
        'seed-demo': yes,
        'reissue-unit': yes,
        'reset-password': text,
        'create-tenant': text,
        'tenant-code': text,
        owner: text,
        'verify-audit': text,
        'audit-ca': text,
        'backup-now': yes,
        'check-backup': text,
        restore: text,
        until: text,
        help: { ...yes, short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new HubError('configuration', cause instanceof Error ? cause.message : String(cause), {
      cause,
      hint: '--help lists the options.',
    });
  }
};

const check = <T extends z.ZodType>(schema: T, value: unknown, name: (key: string) => string): z.output<T> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${name(String(issue.path[0]))}: ${issue.message}`);
  throw new HubError('configuration', wrong.join('; '), { hint: '--help lists the options.' });
};
