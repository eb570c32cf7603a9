import { join } from 'node:path';
import { sweepIdempotencyKeys } from '../http/postgres-idempotency.js';
import type { JobDefinition } from '../jobs/index.js';
import { auditJobs } from '../modules/audit/jobs.js';
import { bundleJobs } from '../modules/bundles/index.js';
import { evidenceJobs } from '../modules/evidence/index.js';
import { sweepSessions } from '../modules/identity/sweep-sessions.js';
import { proofJobs } from '../modules/proof/jobs.js';
import { telemetryJobs } from '../modules/telemetry/index.js';
import { ticketAssistJobs } from '../modules/ticket-assist/index.js';
import { visionJobs } from '../modules/vision/index.js';
import type { Parts } from './parts.js';

/** All that runs by the clock or is handed on by a request. */
export const backgroundJobs = ({ core, link, ticketing, media }: Parts): JobDefinition[] => {
  const { config, db, clock, log, pki } = core;
  const { tickets, notices, exchange, intake, imports } = ticketing;
  return [
    { name: 'http.sweep-idempotency-keys', cron: '17 * * * *', run: () => sweepIdempotencyKeys(db, clock) },
    { name: 'identity.sweep-sessions', cron: '23 * * * *', run: () => sweepSessions(db, clock) },
    ...auditJobs({ db, clock, log, pki }),
    ...telemetryJobs(core.telemetry),
    ...evidenceJobs({
      ...{ ...core.deps, blobs: core.blobs, keepDays: config.evidenceDays, expire: media.evidence.expire },
    }),
    ...bundleJobs({ draftsDir: join(core.uploadsDir, 'bundles'), clock }),
    ...visionJobs({ database: db, clock }),
    ...tickets.jobs,
    ...ticketAssistJobs({ database: db, clock }),
    ...notices.jobs,
    ...exchange.jobs,
    ...intake.jobs,
    ...imports.jobs,
    ...proofJobs(core.deps),
    ...core.backups.jobs,
    ...link.link.jobs,
  ];
};
