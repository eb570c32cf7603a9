export * from './mqtt-transport.js';
export * from './transport.js';
export * from './uplink.js';
