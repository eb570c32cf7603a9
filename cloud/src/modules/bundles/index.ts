export * from './jobs.js';
export { bundleRoutes } from './routes.js';
