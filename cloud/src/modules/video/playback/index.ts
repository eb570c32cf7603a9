export { openPlayback, type Playback } from './open-playback.js';
