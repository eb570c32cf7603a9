export * from './contract.js';
export * from './server.js';
export * from './socket-path.js';
