export { LiveDesk, type LiveStanding } from './live-desk.js';
export { type LiveOrder, liveOrderSchema } from './live-order.js';
export { LiveOutlets } from './live-outlets.js';
