export * from './bundle-desk.js';
export * from './export-bundle.js';
export * from './read-receipt.js';
export * from './verify-bundle.js';
