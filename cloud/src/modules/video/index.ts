export { LiveHub } from './live-hub.js';
export { openVideo, type Video } from './open-video.js';
