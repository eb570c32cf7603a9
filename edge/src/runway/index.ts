export * from './reckon-runway.js';
export * from './unit-runway.js';
