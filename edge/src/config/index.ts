export * from './edge-config.js';
export * from './load-config.js';
export * from './profile-files.js';
export * from './profile-library.js';
export * from './profile-watch.js';
