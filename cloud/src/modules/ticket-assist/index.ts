export { assistHook } from './learn/note-ticket.js';
export { takeLessons, ticketAssistJobs } from './learn/take-lessons.js';
export { ticketAssistRoutes } from './routes.js';
