import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '@hallhub/shared';
import { maxBundleBytes, unitTopics } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { loadBackupKey } from './backup/backup-key.js';
import { openBackups } from './backup/backups.js';
import { backupRoutes } from './backup/routes.js';
import { watchBackups } from './backup/watch-backups.js';
import { folderBlobStore } from './blobs/index.js';
import type { CloudConfig } from './config/read-config.js';
import { loadSessionSecret } from './config/session-secret.js';
import { readMqttClientFiles, readTlsFiles } from './config/tls-files.js';
import { type Database, migrate, openDatabase } from './db/index.js';
import { DemoCameras } from './demo/seed-cameras.js';
import { type DemoUnit, seedDemo } from './demo/seed-demo.js';
import { seedTicketBase } from './demo/seed-ticket-base.js';
import { type Gateway, openGateway, unitAddresses } from './gateway/index.js';
import { makeApiLimits } from './http/api-limits.js';
import { createApp } from './http/create-app.js';
import { type HttpServer, listen } from './http/listen.js';
import { MetricsRegistry } from './http/metrics.js';
import { postgresIdempotency, sweepIdempotencyKeys } from './http/postgres-idempotency.js';
import type { AnyRoute } from './http/route.js';
import { type JobDefinition, startJobs } from './jobs/index.js';
import { RefusalJournal, secureAdmission } from './listeners/index.js';
import { systemActor } from './modules/access/actor.js';
import { accessRoutes } from './modules/access/routes.js';
import {
  ensureFirstUser,
  ensureFoundation,
  type FirstUser,
  resetPasswordByName,
} from './modules/access/verbs/ensure-foundation.js';
import { apiKeyAuthenticator } from './modules/api-keys/authenticator.js';
import { apiKeyRoutes } from './modules/api-keys/routes.js';
import { startAuditSealer } from './modules/audit/audit-sealer.js';
import { auditJobs } from './modules/audit/jobs.js';
import { auditRoutes } from './modules/audit/routes.js';
import { bundleJobs, bundleRoutes } from './modules/bundles/index.js';
import { calendarRoutes } from './modules/calendars/routes.js';
import { categoryRoutes } from './modules/categories/routes.js';
import { createGatewayHandlers, enrolmentRoutes, type UnitAddresses } from './modules/enrolment/index.js';
import { evidenceJobs, evidenceRoutes, openEvidenceGateway } from './modules/evidence/index.js';
import { sessionAuthenticator } from './modules/identity/authenticator.js';
import { createIdentity } from './modules/identity/better-auth.js';
import { identityRoutes } from './modules/identity/routes.js';
import { sweepSessions } from './modules/identity/sweep-sessions.js';
import { incidentRoutes } from './modules/incident-ledger/routes.js';
import { openLiveBus } from './modules/live/open-live-bus.js';
import { liveRoutes } from './modules/live/routes.js';
import { tileOrigin } from './modules/maps/map-tiles.js';
import { mapRoutes } from './modules/maps/routes.js';
import { openNotices } from './modules/notices/index.js';
import { officeRoutes } from './modules/offices/routes.js';
import { openPki, pkiRoutes, revocationLists } from './modules/pki/index.js';
import { createSealing } from './modules/pki/sealing.js';
import { placeRoutes } from './modules/places/routes.js';
import { proofGateway } from './modules/proof/gateway-proof.js';
import { proofJobs } from './modules/proof/jobs.js';
import { proofRoutes } from './modules/proof/routes.js';
import { createTelemetry, telemetryJobs } from './modules/telemetry/index.js';
import { assistHook, ticketAssistJobs, ticketAssistRoutes } from './modules/ticket-assist/index.js';
import { openExchange } from './modules/ticket-exchange/index.js';
import { openTicketImports } from './modules/ticket-intake/import/index.js';
import { openIntake } from './modules/ticket-intake/index.js';
import { openMailIntake } from './modules/ticket-intake/mail/index.js';
import { ticketKindRoutes } from './modules/ticket-kinds/routes.js';
import { ensureShippedKinds } from './modules/ticket-kinds/ship-kinds.js';
import { statisticsHook, ticketStatisticsRoutes } from './modules/ticket-statistics/index.js';
import { openTickets, registerTicketHook } from './modules/tickets/index.js';
import { openVideo } from './modules/video/index.js';
import { openPlayback } from './modules/video/playback/index.js';
import { visionGateway, visionJobs, visionRoutes } from './modules/vision/index.js';
import { FloodAlarm, keepBrokerFiles, openCloudLink, watchUnitPorts } from './mqtt/index.js';
import { installationMetrics } from './observe/installation-metrics.js';
import { openTracing } from './observe/open-tracing.js';
import { processMetrics } from './observe/process-metrics.js';
import { countPlaces } from './place-counts.js';

export interface StartCloudOptions {
  readonly config: CloudConfig;
  readonly log: Logger;
  readonly progress: (step: string, text: string) => void;
  /** Aborts the start. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface Cloud {
  /** All that the API offers: the rights matrix goes through them. */
  readonly routes: readonly AnyRoute[];
  /** What this process works on. */
  readonly database: Database;
  readonly http: string;
  /** Where units connect; null with a broker of your own. */
  readonly mqtt: string | null;
  /** The same with certificates, and the gateway for units; null where they are closed. */
  readonly mqtts: string | null;
  readonly gateway: string | null;
  /** Only where its one-time password was just made. */
  readonly firstUser?: FirstUser;
  readonly demoUnit?: DemoUnit;
  /** Told what the demo hall's cameras film, it sets them up. */
  readonly demoCameras?: Pick<DemoCameras, 'filming'>;
  /** In reverse order of the start; at most about 8 s. */
  close(): Promise<void>;
}

export const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const consoleFolder = fileURLToPath(new URL('../console/dist', import.meta.url));
const requestGraceMs = 2_000;

/** The only composition root: opens everything in order; whatever fails, what was opened is closed again. */
export const startCloud = async (options: StartCloudOptions): Promise<Cloud> => {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closeOne of opened.splice(0).reverse()) {
      await closeOne().catch((error: unknown) => options.log.error({ err: error }, 'closing failed'));
    }
  };
  try {
    return { ...(await open(options, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
};

const open = async (options: StartCloudOptions, opened: (() => Promise<unknown>)[]): Promise<Omit<Cloud, 'close'>> => {
  const { config, log, progress, clock = systemClock } = options;
  const secret = config.secret ?? (await loadSessionSecret(config.dataDir));

  progress('database', 'opening the database');
  const db = await openDatabase({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl ?? undefined,
    logger: log,
    signal: options.signal,
  });
  opened.push(() => db.close());
  await migrate(db, { logger: log });
  const tenantId = await ensureFoundation(db, { tenantName: config.seedDemo ? '演示机构' : '我的机构' });
  await ensureShippedKinds(db, { clock });

  const backups = await openBackups({
    ...{
      database: db,
      databaseUrl: config.databaseUrl,
      dataDir: config.dataDir,
      settings: config.backup,
      secret,
      version,
    },
    ...{ clock, log, key: config.backup.on ? (await loadBackupKey(config.backup.keyFile, { make: true })).key : null },
  });

  const pki = await openPki({ database: db, secret, hosts: config.unitHosts, clock, log });
  opened.push(() => pki.close());

  const metrics = new MetricsRegistry();
  processMetrics(metrics, { db, version });
  installationMetrics(metrics, { db, clock, log });
  const spans = await openTracing(config.tracing, { version, log });
  opened.push(() => spans.close());
  const bus = openLiveBus(config, { clock, log, metrics, tls: await readMqttClientFiles(config.mqttClient) });
  opened.push(() => bus.close());
  const telemetry = createTelemetry({ database: db, logger: log, clock });
  const identity = createIdentity(db, { secret, publicUrl: config.publicUrl, log });
  const verbContext = { db, clock, live: bus };
  const stopping = new AbortController();

  progress('broker', config.mqttUrl === null ? 'opening the broker' : 'connecting to the broker');
  const refusals = new RefusalJournal({ database: db, tenantId, clock, log });
  opened.push(() => refusals.close());
  const floods = new FloodAlarm({ database: db, clock, live: bus, log });
  opened.push(() => floods.close());
  const unitPorts = watchUnitPorts(metrics, {
    onRefused: (refusal) => refusals.note(refusal),
    onFlood: (unitId, turn) => {
      log.warn({ unitId, turn }, 'a unit sends more than it may');
      floods.note(unitId, turn);
    },
  });
  const admission = secureAdmission(config.unitHandshakesPerSecond);
  const { mqttsPort, unitNetworks: networks } = config;
  const revoked = revocationLists(db, clock, pki);
  // Before the connection: a broker that has none of these files yet cannot start.
  if (config.brokerFilesDir !== null) {
    const files = await keepBrokerFiles({ folder: config.brokerFilesDir, pki, revocationLists: revoked, clock, log });
    opened.push(() => files.close());
  }
  const link = await openCloudLink({
    database: db,
    clock,
    live: bus,
    log,
    telemetry,
    metrics,
    spans,
    mqtt:
      config.mqttUrl === null
        ? {
            ...{ host: config.mqttHost, port: config.mqttPort, networks, ...(await readTlsFiles(config.mqttTls)) },
            ...(mqttsPort === null ? {} : { secure: { host: config.host, port: mqttsPort, pki, admission } }),
          }
        : { url: config.mqttUrl, tls: await readMqttClientFiles(config.mqttClient) },
    watch: unitPorts,
    trustVersion: () => pki.trust().version,
  });
  opened.push(() => link.close());
  const enrolment = {
    ...{ database: db, clock, log, live: bus, pki },
    addresses: (): UnitAddresses => unitAddresses(config, { gateway: gateway?.url ?? null, mqtts: link.secureUrl }),
  };
  const evidenceDeps = {
    ...{ database: db, clock, live: bus, log },
    blobs: folderBlobStore(join(config.dataDir, 'blobs')),
  };
  const uploadsDir = join(config.dataDir, 'uploads');
  const tickets = openTickets({
    ...{ database: db, clock, live: bus, sealing: createSealing(secret) },
    // Below the folder that backups take along; never in one with evidence, whose content goes by its own rules.
    ...{ blobs: folderBlobStore(join(config.dataDir, 'blobs', 'tickets')), uploadsDir: join(uploadsDir, 'tickets') },
  });
  const exchange = openExchange({
    ...{ database: db, clock, live: bus, log, sealing: pki.sealing, allowPrivate: config.allowPrivateExchange },
    ...{ blobs: folderBlobStore(join(config.dataDir, 'blobs', 'tickets')), uploadsDir: join(uploadsDir, 'exchange') },
  });
  opened.push(() => exchange.close());
  const notices = openNotices({
    ...{ database: db, clock, live: bus, log, metrics, sealing: pki.sealing, publicUrl: config.publicUrl },
    allowPrivate: config.allowPrivateNotices,
  });
  opened.push(() => notices.close());
  const intake = openIntake({
    ...{ database: db, clock, live: bus, log, sealing: pki.sealing, evidence: evidenceDeps.blobs },
  });
  opened.push(() => intake.close());
  const imports = openTicketImports({
    ...{ database: db, clock, live: bus, log, sealing: pki.sealing, uploadsDir: join(uploadsDir, 'imports') },
  });
  opened.push(() => imports.close());
  const mail = openMailIntake({
    ...{ database: db, clock, live: bus, log, sealing: pki.sealing, allowPrivate: config.allowPrivateExchange },
  });
  opened.push(() => mail.close());
  for (const hook of [assistHook, statisticsHook, notices.hook, exchange.hook]) registerTicketHook(db, hook);
  const evidence = await openEvidenceGateway({ ...evidenceDeps, uploadsDir: join(uploadsDir, 'evidence') });
  const video = openVideo({
    ...{ database: db, secret, clock, log, metrics, mqttUrl: config.mqttUrl },
    ...{ tls: await readMqttClientFiles(config.mqttClient), tell: (topic, message) => link.tell(topic, message) },
  });
  opened.push(() => video.close());
  const playback = openPlayback({
    ...{ secret, clock, log, metrics, mqttUrl: config.mqttUrl, tls: await readMqttClientFiles(config.mqttClient) },
    tell: (topic, message) => link.tell(topic, message),
  });
  opened.push(() => playback.close());
  const gateway: Gateway | null =
    config.unitPort === null
      ? null
      : await openGateway({
          ...{ host: config.host, port: config.unitPort, pki, networks, clock, log, ...unitPorts },
          handlers: createGatewayHandlers(enrolment),
          modules: [
            proofGateway({ database: db, clock }),
            evidence.module,
            video.gateway,
            playback.gateway,
            visionGateway({ database: db, clock, live: bus }),
          ],
          admission: { ...admission, proveWithinMs: 30_000 },
        });
  opened.push(async () => gateway?.close(requestGraceMs));
  const demoContext = { ...verbContext, actor: systemActor(tenantId, 'demo'), request: null };
  const demoUnit = config.seedDemo
    ? await seedDemo(demoContext, {
        reissueUnit: config.reissueUnit,
        enrolment: gateway || config.unitGatewayUrl ? enrolment : null,
      })
    : undefined;
  const nudge = (unitId: string) => link.tell(unitTopics.downVision(unitId), { v: 1, at: clock.now() });
  const demoCameras =
    demoUnit && new DemoCameras({ ctx: demoContext, bus, fleet: link.fleet, hallId: demoUnit.hallId, nudge, log });
  if (demoCameras) opened.push(() => demoCameras[Symbol.asyncDispose]().then());

  progress('jobs', 'starting background jobs');
  const jobs = await startJobs({
    database: db,
    logger: log,
    jobs: [
      ...ownJobs(db, clock),
      ...auditJobs({ db, clock, log, pki }),
      ...telemetryJobs(telemetry),
      ...evidenceJobs({ ...evidenceDeps, keepDays: config.evidenceDays, expire: evidence.expire }),
      ...bundleJobs({ draftsDir: join(uploadsDir, 'bundles'), clock }),
      ...visionJobs({ database: db, clock }),
      ...tickets.jobs,
      ...ticketAssistJobs({ database: db, clock }),
      ...notices.jobs,
      ...exchange.jobs,
      ...intake.jobs,
      ...imports.jobs,
      ...proofJobs({ database: db, clock, live: bus, log }),
      ...backups.jobs,
      ...link.jobs,
    ],
  });
  opened.push(() => jobs.close());
  const backupGauges = watchBackups({ backups, metrics, clock, log });
  opened.push(async () => backupGauges.close());

  const sealer = startAuditSealer({ db, clock, log });
  opened.push(() => sealer.close());

  progress('http', 'opening console and API');
  const routes: readonly AnyRoute[] = [
    ...identityRoutes({
      identity,
      clock,
      publicUrl: config.publicUrl,
      allowPrivateSignOn: config.allowPrivateSignOn,
      verbContext,
      https: isHttps(config.publicUrl),
    }),
    ...accessRoutes(),
    ...placeRoutes({ countPlaces }),
    ...mapRoutes({ tiles: config.mapTiles }),
    ...officeRoutes(),
    ...calendarRoutes(),
    ...categoryRoutes(),
    ...ticketKindRoutes(),
    ...tickets.routes,
    ...ticketAssistRoutes(),
    ...exchange.routes,
    ...intake.routes,
    ...imports.routes,
    ...mail.routes,
    ...ticketStatisticsRoutes(),
    ...incidentRoutes(),
    ...notices.routes,
    ...apiKeyRoutes(),
    ...auditRoutes({ pki }),
    ...backupRoutes({ backups, send: (data) => jobs.send('backup.run', data) }),
    ...liveRoutes({ bus, clock, metrics, stopping: stopping.signal }),
    ...evidenceRoutes(evidenceDeps),
    ...visionRoutes({
      ...{ ...evidenceDeps, keepDays: config.evidenceDays },
      nudge,
    }),
    ...video.routes,
    ...playback.routes,
    ...bundleRoutes({
      ...{ ...evidenceDeps, pki, ingest: (input) => link.ingest(input) },
      ...{ draftsDir: join(uploadsDir, 'bundles'), maxBytes: maxBundleBytes },
    }),
    ...proofRoutes({ pki, software: version }),
    ...pkiRoutes({ pki, revocationLists: revoked }),
    ...enrolmentRoutes(enrolment),
    ...link.routes,
  ];
  const app = await createApp({
    verbContext,
    routes,
    authenticator: apiKeyAuthenticator({ db, clock }, sessionAuthenticator(identity, clock)),
    limits: makeApiLimits(clock, config.apiRates),
    afterWrite: () => sealer.kick(),
    idempotency: postgresIdempotency(db, clock),
    checks: { database: async () => void (await db.appPool.query('SELECT 1')), broker: () => link.checkBroker() },
    mounts: [exchange.mount, notices.mount, intake.mount],
    checkAnswers: false,
    metrics,
    spans,
    metricsToken: config.metricsToken,
    clock,
    log,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    pictures: tileOrigin(config.mapTiles),
    consoleFolder,
    version,
  });
  const server: HttpServer = await listen(app, { host: config.host, port: config.httpPort });
  video.sockets.attach(server.server);
  opened.push(async () => {
    stopping.abort();
    await server.close(requestGraceMs);
  });
  // Last: were it made earlier, a start that fails afterwards would lose the password for ever.
  const firstUser =
    (await ensureFirstUser(db, tenantId)) ??
    (config.resetPassword === null ? undefined : await resetPasswordByName(verbContext, config.resetPassword));
  if (demoUnit) await seedTicketBase(demoContext, demoUnit);
  return {
    routes,
    database: db,
    http: server.url,
    mqtt: link.url,
    mqtts: link.secureUrl,
    gateway: gateway?.url ?? null,
    ...(firstUser ? { firstUser } : {}),
    ...(demoUnit ? { demoUnit } : {}),
    ...(demoCameras ? { demoCameras } : {}),
  };
};

const isHttps = (url: string | null): boolean => url?.startsWith('https:') ?? false;

const ownJobs = (db: Database, clock: Clock): JobDefinition[] => [
  { name: 'http.sweep-idempotency-keys', cron: '17 * * * *', run: () => sweepIdempotencyKeys(db, clock) },
  { name: 'identity.sweep-sessions', cron: '23 * * * *', run: () => sweepSessions(db, clock) },
];
