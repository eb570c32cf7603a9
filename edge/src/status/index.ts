export * from './agent-status.js';
export * from './identity-status.js';
export * from './status-contract.js';
