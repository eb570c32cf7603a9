export * from './access.js';
export * from './account-bus.js';
export * from './broker.js';
export * from './gatekeeper.js';
