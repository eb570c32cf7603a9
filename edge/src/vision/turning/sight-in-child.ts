/** Of all this, what the child that looks at pictures needs. */
export { isSameSight, type Sight } from './judge-sight.js';
export type { LiveExtras } from './live-extras.js';
export { viewsInSight } from './views-in-sight.js';
