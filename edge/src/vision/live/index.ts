export { LiveDesk } from './live-desk.js';
export { LiveTap } from './live-tap.js';
