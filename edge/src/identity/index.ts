export * from './identity-files.js';
export * from './unit-identity.js';
