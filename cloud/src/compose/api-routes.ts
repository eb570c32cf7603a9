import { join } from 'node:path';
import { maxBundleBytes } from '@hallhub/shared/wire';
import { backupRoutes } from '../backup/routes.js';
import type { AnyRoute } from '../http/route.js';
import type { Jobs } from '../jobs/index.js';
import { accessRoutes } from '../modules/access/routes.js';
import { apiKeyRoutes } from '../modules/api-keys/routes.js';
import { auditRoutes } from '../modules/audit/routes.js';
import { bundleRoutes } from '../modules/bundles/index.js';
import { calendarRoutes } from '../modules/calendars/routes.js';
import { categoryRoutes } from '../modules/categories/routes.js';
import { enrolmentRoutes } from '../modules/enrolment/index.js';
import { evidenceRoutes } from '../modules/evidence/index.js';
import { identityRoutes } from '../modules/identity/routes.js';
import { incidentRoutes } from '../modules/incident-ledger/routes.js';
import { liveRoutes } from '../modules/live/routes.js';
import { mapRoutes } from '../modules/maps/routes.js';
import { officeRoutes } from '../modules/offices/routes.js';
import { pkiRoutes } from '../modules/pki/index.js';
import { placeRoutes } from '../modules/places/routes.js';
import { proofRoutes } from '../modules/proof/routes.js';
import { supervisionRoutes } from '../modules/supervision/routes.js';
import { ticketAssistRoutes } from '../modules/ticket-assist/index.js';
import { ticketKindRoutes } from '../modules/ticket-kinds/routes.js';
import { ticketStatisticsRoutes } from '../modules/ticket-statistics/index.js';
import { visionRoutes } from '../modules/vision/index.js';
import { countPlaces } from '../place-counts.js';
import { version } from './open-core.js';
import type { Parts } from './parts.js';

/** All that the API offers. `stopping` ends what streams. */
export const apiRoutes = (
  { core, link, ticketing, media, units }: Parts,
  { jobs, stopping }: { readonly jobs: Jobs; readonly stopping: AbortSignal },
): readonly AnyRoute[] => {
  const { config, clock, live, metrics, pki, backups } = core;
  const { tickets, exchange, intake, imports, mail, notices } = ticketing;
  const evidence = { ...core.deps, blobs: core.blobs };
  return [
    ...identityRoutes({
      ...{ identity: core.identity, clock, verbContext: core.verbContext, publicUrl: config.publicUrl },
      ...{ allowPrivateSignOn: config.allowPrivateSignOn, https: config.publicUrl?.startsWith('https:') ?? false },
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
    ...supervisionRoutes(),
    ...notices.routes,
    ...apiKeyRoutes(),
    ...auditRoutes({ pki }),
    ...backupRoutes({ backups, send: (data) => jobs.send('backup.run', data) }),
    ...liveRoutes({ bus: live, clock, metrics, stopping }),
    ...evidenceRoutes(evidence),
    ...visionRoutes({ ...evidence, keepDays: config.evidenceDays, nudge: link.nudge }),
    ...media.video.routes,
    ...media.playback.routes,
    ...bundleRoutes({
      ...{ ...evidence, pki, ingest: (input) => link.link.ingest(input) },
      ...{ draftsDir: join(core.uploadsDir, 'bundles'), maxBytes: maxBundleBytes },
    }),
    ...proofRoutes({ pki, software: version }),
    ...pkiRoutes({ pki, revocationLists: link.revoked }),
    ...enrolmentRoutes(units.enrolment),
    ...link.link.routes,
  ];
};
