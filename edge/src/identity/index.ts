export * from './certificate-transport.js';
export * from './enrol-unit.js';
export * from './gateway-client.js';
export * from './identity-files.js';
export * from './identity-keeper.js';
export * from './unit-identity.js';
