export * from './batch.js';
export * from './commands.js';
export * from './device.js';
export * from './primitives.js';
export * from './rows.js';
export * from './session.js';
export * from './topics.js';
