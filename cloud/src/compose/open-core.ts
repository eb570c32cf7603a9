import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Clock, systemClock } from '@hallhub/shared';
import type { Logger } from 'pino';
import { loadBackupKey } from '../backup/backup-key.js';
import { openBackups } from '../backup/backups.js';
import { folderBlobStore } from '../blobs/index.js';
import type { CloudConfig } from '../config/read-config.js';
import { loadSessionSecret } from '../config/session-secret.js';
import { readMqttClientFiles } from '../config/tls-files.js';
import { migrate, openDatabase } from '../db/index.js';
import { MetricsRegistry } from '../http/metrics.js';
import { ensureFoundation } from '../modules/access/verbs/ensure-foundation.js';
import { createIdentity } from '../modules/identity/better-auth.js';
import { openLiveBus } from '../modules/live/open-live-bus.js';
import { openPki } from '../modules/pki/index.js';
import { createTelemetry } from '../modules/telemetry/index.js';
import { ensureShippedKinds } from '../modules/ticket-kinds/ship-kinds.js';
import { installationMetrics } from '../observe/installation-metrics.js';
import { openTracing } from '../observe/open-tracing.js';
import { processMetrics } from '../observe/process-metrics.js';
import type { OpenedParts } from './opened-parts.js';

export const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface StartCloudOptions {
  readonly config: CloudConfig;
  readonly log: Logger;
  readonly progress: (step: string, text: string) => void;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export type Core = Awaited<ReturnType<typeof openCore>>;

/** What every other part stands on: the database, keys, figures, the live bus. */
export const openCore = async (options: StartCloudOptions, opened: OpenedParts) => {
  const { config, log, progress, clock = systemClock } = options;
  const { dataDir } = config;
  const secret = config.secret ?? (await loadSessionSecret(dataDir));

  progress('database', 'opening the database');
  const db = opened.keep(
    await openDatabase({
      dataDir,
      databaseUrl: config.databaseUrl ?? undefined,
      logger: log,
      signal: options.signal,
    }),
  );
  await migrate(db, { logger: log });
  const tenantId = await ensureFoundation(db, { tenantName: config.seedDemo ? '演示机构' : '我的机构' });
  await ensureShippedKinds(db, { clock });

  const { databaseUrl, backup: settings } = config;
  const backups = await openBackups({
    ...{ database: db, databaseUrl, dataDir, settings, secret, version, clock, log },
    key: settings.on ? (await loadBackupKey(settings.keyFile, { make: true })).key : null,
  });
  const pki = opened.keep(await openPki({ database: db, secret, hosts: config.unitHosts, clock, log }));

  const metrics = new MetricsRegistry();
  processMetrics(metrics, { db, version });
  installationMetrics(metrics, { db, clock, log });
  const spans = opened.keep(await openTracing(config.tracing, { version, log }));
  const mqttClientTls = await readMqttClientFiles(config.mqttClient);
  const live = opened.keep(await openLiveBus(config, { clock, log, metrics, tls: mqttClientTls }));
  return {
    ...{ config, log, progress, clock, secret, db, tenantId, backups, pki, metrics, spans, live, mqttClientTls },
    telemetry: createTelemetry({ database: db, logger: log, clock }),
    identity: createIdentity(db, { secret, publicUrl: config.publicUrl, log }),
    /** What every module is given. */
    deps: { database: db, clock, live, log },
    verbContext: { db, clock, live },
    blobs: folderBlobStore(join(dataDir, 'blobs')),
    uploadsDir: join(dataDir, 'uploads'),
  };
};
