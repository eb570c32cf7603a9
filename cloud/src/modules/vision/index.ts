import type { BlobStore } from '../../blobs/index.js';
import type { AnyRoute } from '../../http/route.js';
import { reportRoutes } from './report/report-routes.js';
import { reviewRoutes } from './review-routes.js';
import { setUpRoutes } from './routes.js';
import { statisticsRoutes } from './statistics-routes.js';
import type { UnitNudge } from './verbs/camera-set-up.js';

export { visionJobs } from './jobs.js';
export { visionGateway } from './vision-gateway.js';

export const visionRoutes = (deps: {
  readonly blobs: BlobStore;
  readonly keepDays: number;
  readonly nudge: UnitNudge;
}): AnyRoute[] => [...setUpRoutes(deps), ...reviewRoutes(deps), ...statisticsRoutes(deps), ...reportRoutes()];
