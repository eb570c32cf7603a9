export { statisticsHook } from './keep-facts.js';
export { ticketStatisticsRoutes } from './routes.js';
