export { setUpRoutes } from './routes.js';
export { visionGateway } from './vision-gateway.js';
