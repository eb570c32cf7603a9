export type { EvidenceDeps } from './evidence-deps.js';
export { openEvidenceGateway } from './evidence-gateway.js';
export { evidenceJobs } from './jobs.js';
export { evidenceRoutes } from './routes.js';
export { takeEvidence } from './take-evidence.js';
