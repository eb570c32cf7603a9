export * from './clock/index.js';
export * from './errors/index.js';
export * from './ids/index.js';
export * from './label.js';
export * from './retry/index.js';
