import type { TracingSettings } from '@hallhub/shared/tracing';
import type { BackupSettings } from '../backup/backups.js';
import type { ApiRates } from '../http/api-limits.js';
import type { UnitNetworks } from '../listeners/unit-networks.js';
import type { MapTiles } from '../modules/maps/map-tiles.js';

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
  /** Platforms that tickets go to on this machine and on private networks, by http too. */
  readonly allowPrivateExchange: boolean;
  /** Mail servers, gateways of short messages and webhooks on private networks. */
  readonly allowPrivateNotices: boolean;
  /** Names and addresses units dial, the one they are told first; never empty. */
  readonly unitHosts: readonly string[];
  /** Evidence files are kept so long. */
  readonly evidenceDays: number;
  /** Where tiles of a map come from; null: places are drawn as a schematic. */
  readonly mapTiles: MapTiles | null;
  readonly metricsToken: string | null;
  readonly logLevel: string;
  readonly tracing: TracingSettings;
}

export interface MqttClientFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}
