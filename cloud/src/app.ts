import { watchBackups } from './backup/watch-backups.js';
import { apiRoutes } from './compose/api-routes.js';
import { backgroundJobs } from './compose/background-jobs.js';
import { openCore, type StartCloudOptions } from './compose/open-core.js';
import { openDemo } from './compose/open-demo.js';
import { openMedia } from './compose/open-media.js';
import { openTicketParts } from './compose/open-ticket-parts.js';
import { openUnitGateway } from './compose/open-unit-gateway.js';
import { openUnitLink } from './compose/open-unit-link.js';
import { OpenedParts } from './compose/opened-parts.js';
import { serveHttp } from './compose/serve-http.js';
import type { Database } from './db/index.js';
import type { DemoCameras } from './demo/seed-cameras.js';
import type { DemoUnit } from './demo/seed-demo.js';
import type { AnyRoute } from './http/route.js';
import { startJobs } from './jobs/index.js';
import { ensureFirstUser, type FirstUser, resetPasswordByName } from './modules/access/verbs/ensure-foundation.js';
import { startAuditSealer } from './modules/audit/audit-sealer.js';

export { type StartCloudOptions, version } from './compose/open-core.js';

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

/** The only composition root: opens everything in order; whatever fails, what was opened is closed again. */
export const startCloud = async (options: StartCloudOptions): Promise<Cloud> => {
  const opened = new OpenedParts(options.log);
  try {
    return { ...(await open(options, opened)), close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
};

const open = async (options: StartCloudOptions, opened: OpenedParts): Promise<Omit<Cloud, 'close'>> => {
  const { config, log, progress } = options;
  const core = await openCore(options, opened);
  const { db, clock } = core;

  progress('broker', config.mqttUrl === null ? 'opening the broker' : 'connecting to the broker');
  const link = await openUnitLink(core, opened);
  const ticketing = openTicketParts(core, opened);
  const media = await openMedia(core, link, opened);
  const units = await openUnitGateway(core, { link, media, opened });
  const demo = await openDemo(core, { link, units, opened });
  const parts = { core, link, ticketing, media, units };

  progress('jobs', 'starting background jobs');
  const jobs = opened.keep(await startJobs({ database: db, logger: log, jobs: backgroundJobs(parts) }));
  opened.keep(watchBackups({ backups: core.backups, metrics: core.metrics, clock, log }));
  const sealer = opened.keep(startAuditSealer({ db, clock, log }));

  progress('http', 'opening console and API');
  const stopping = new AbortController();
  const routes = apiRoutes(parts, { jobs, stopping: stopping.signal });
  const http = await serveHttp(parts, {
    ...{ routes, opened, afterWrite: () => sealer.kick(), stop: () => stopping.abort() },
  });
  // Last: were it made earlier, a start that fails afterwards would lose the password for ever.
  const firstUser =
    (await ensureFirstUser(db, core.tenantId)) ??
    (config.resetPassword === null ? undefined : await resetPasswordByName(core.verbContext, config.resetPassword));
  await demo?.seedTickets();
  return {
    ...{ routes, database: db, http, mqtt: link.link.url, mqtts: link.link.secureUrl },
    gateway: units.gateway?.url ?? null,
    ...(firstUser ? { firstUser } : {}),
    ...(demo ? { demoUnit: demo.unit, demoCameras: demo.cameras } : {}),
  };
};
