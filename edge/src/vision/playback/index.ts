export { RecordingsDesk } from './recordings-desk.js';
