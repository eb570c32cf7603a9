export * from './access.js';
export * from './account-bus.js';
export * from './broker.js';
export * from './broker-contract.js';
export * from './gatekeeper.js';
export { readTls } from './listener.js';
export { hashPassword } from './password.js';
