export * from './access.js';
export * from './broker.js';
