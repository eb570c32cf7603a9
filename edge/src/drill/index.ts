export * from './drill-contract.js';
export * from './drill-desk.js';
export * from './skew-clock.js';
