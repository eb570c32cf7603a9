export { LiveHub } from './live-hub.js';
export { openMediaRelays } from './open-media-relays.js';
export { openVideo, type Video } from './open-video.js';
