export * from './byte-link.js';
export * from './memory-link.js';
export * from './serial-link.js';
export * from './tcp-link.js';
