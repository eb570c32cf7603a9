export type { Sight } from './judge-sight.js';
export type { LiveExtras } from './live-extras.js';
export { TurningDesk } from './turning-desk.js';
export { viewsInSight } from './views-in-sight.js';
