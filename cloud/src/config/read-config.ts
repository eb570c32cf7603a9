import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HubError } from '@hallhub/shared';
import { tracingEnvSchema } from '@hallhub/shared/tracing';
import type { z } from 'zod';
import { parseUnitNetworks } from '../listeners/unit-networks.js';
import { mapTilesOf } from '../modules/maps/map-tiles.js';
import type { BackupTask, CloudConfig } from './cloud-config.js';
import { envSchema, type Flags, flagsSchema } from './settings-schema.js';
import { unitHosts } from './unit-hosts.js';

export type { BackupTask, CloudConfig, MqttClientFiles } from './cloud-config.js';
export { usage } from './usage.js';

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
    allowPrivateExchange: settings.HALLHUB_ALLOW_PRIVATE_EXCHANGE === '1',
    allowPrivateNotices: settings.HALLHUB_ALLOW_PRIVATE_NOTICES === '1',
    unitHosts: unitHosts(settings.HALLHUB_UNIT_HOSTS?.split(/\s*,\s*/) ?? [], flags.host),
    evidenceDays: settings.HALLHUB_EVIDENCE_DAYS,
    mapTiles: mapTilesOf(settings),
    metricsToken: settings.HALLHUB_METRICS_TOKEN ?? null,
    logLevel: settings.HALLHUB_LOG_LEVEL,
    tracing: tracingEnvSchema.parse(settings),
  };
};

const newTenantOf = (flags: Flags): CloudConfig['newTenant'] => {
  const { 'create-tenant': name, 'tenant-code': code = null, owner } = flags;
  if (name === undefined && owner === undefined && code === null) return null;
  if (name === undefined || owner === undefined) {
    throw new HubError('configuration', '--create-tenant NAME and --owner USER go together', {
      hint: '--help lists the options.',
    });
  }
  return { name, code, owner };
};

const backupTaskOf = (flags: Flags): BackupTask | null => {
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
