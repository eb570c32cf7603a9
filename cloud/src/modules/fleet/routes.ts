import type { AnyRoute } from '../../http/route.js';
import type { FleetDeps } from './fleet-deps.js';
import { deviceOrderRoutes } from './routes/device-order-routes.js';
import { deviceRoutes } from './routes/device-routes.js';
import { unitHistoryRoutes } from './routes/unit-history-routes.js';
import { unitRoutes } from './routes/unit-routes.js';

export const fleetRoutes = (deps: FleetDeps): AnyRoute[] => [
  ...unitRoutes(deps),
  ...unitHistoryRoutes(),
  ...deviceRoutes(deps),
  ...deviceOrderRoutes(deps),
];
