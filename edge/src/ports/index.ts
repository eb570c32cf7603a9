export * from './adapter.js';
export * from './adapter-host.js';
export * from './broker-port.js';
export * from './camera-turning.js';
export type { Clock, Timer } from './clock.js';
export * from './device-registry.js';
export * from './logger.js';
export * from './profile-source.js';
