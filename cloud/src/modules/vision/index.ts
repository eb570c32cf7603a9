import type { BlobStore } from '../../blobs/index.js';
import type { AnyRoute } from '../../http/route.js';
import { reviewRoutes } from './review-routes.js';
import { setUpRoutes } from './routes.js';

export { visionGateway } from './vision-gateway.js';

export const visionRoutes = (deps: { readonly blobs: BlobStore }): AnyRoute[] => [
  ...setUpRoutes(),
  ...reviewRoutes(deps),
];
