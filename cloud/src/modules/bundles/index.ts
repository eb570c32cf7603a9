export { bundleRoutes } from './routes.js';
