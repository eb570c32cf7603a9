export * from './config.js';
export * from './events.js';
export * from './geometry.js';
export * from './live.js';
export * from './recordings.js';
export * from './report.js';
export * from './rules.js';
export * from './seal.js';
